"""What a request may want beside an experiment: the last one again, another sentence, plain numbers, all as it was."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import alter, choice, offers
from tutor.dialogue.request import experiment
from tutor.dialogue.screen import explained
from tutor.dialogue.switches import heads_named, link_words
from tutor.dialogue.tell import reply
from tutor.dialogue.types import DEFAULT_SENTENCE, Offer, Plan, State, Status, Wanted
from tutor.experiments.changes import Change, told, written
from tutor.experiments.pieces import is_content
from tutor.understanding import roles, values
from tutor.understanding.intent import Intent

Act = Callable[[Library, Intent, State], Plan]
SWITCHES = {"mask-off": "mask", "positions-off": "order"}
"""Actions that need no more than their name -> the kind of change."""
CERTAIN = 0.9
"""Probability from which a turn is a request for sure."""


def request(library: Library, intent: Intent, state: State) -> Plan:
    """Carry out what the request names."""
    name = choice.meant(intent, state)
    if name == choice.ASK:
        return ask_back(library, intent, state)
    if name == choice.EFFECT and state.changes:
        return _effect(state)
    if name in ACTIONS:
        return ACTIONS[name](library, intent, state)
    return experiment(library, intent, state, name)


def _effect(state: State) -> Plan:
    """What all changes in force do together."""
    show = Show("effect", {"off": written(state.changes)})
    return Plan(Status.SMALL, wanted=(Wanted(show),), offers=(alter.TAKE_BACK, *alter.beside(state)), whole=True)


def ask_back(library: Library, intent: Intent, state: State) -> Plan:
    """A change that was not surely read: the readings are named, and nothing is done."""
    words = link_words(intent, state)
    found: list[Offer] = []
    for name in choice.rivals(intent):
        if name in ("forbid", "force", "link", "remove") and len(words) > 1:
            kind = "force" if name == "force" else "forbid"
            pairs = [(words[0], words[1]), (words[1], words[0])] if kind == "forbid" else [(words[0], words[1])]
            found += [alter.the_change(Change(kind, query=query, key=key)) for query, key in pairs]
        elif name == "head-off" and (heads := heads_named(intent, state)):
            found.append(Offer(f"From now on {told(heads)}", command=f"/change {written(heads)}"))
        elif name in SWITCHES:
            found.append(alter.the_change(Change(SWITCHES[name])))
        elif name in library.narrations:
            found.append(offers.to_see(library, name))
        elif name == "in-force":
            found.append(Offer("What is changed now", command="/change"))
    line = reply(library, state, "which change")
    return Plan(Status.ASKED_BACK, paragraphs=(line,), offers=offers.distinct(found), replied=("which change",))


def same(library: Library, intent: Intent, state: State) -> Plan:
    """What was shown last, with another word, layer, head or part, or on another sentence."""
    last = state.last_run
    if last is None:
        return experiment(library, intent, state, "attention")
    kept = {name.replace("_", "-"): value for name, value in dataclasses.asdict(last.options).items()}
    again = roles.another(str(kept.get("word", "")), " ".join(intent.texts("earlier")), state.sentence)
    intent = roles.only_named(intent)
    if again and not intent.slot("word"):
        show = Show(last.experiment, {**kept, "word": again})
        return Plan(Status.SMALL, wanted=(Wanted(show),), offers=state.offers, whole=True)
    plan = experiment(library, intent, state, last.experiment, kept)
    unchanged = bool(plan.wanted) and plan.wanted[0].show.options == kept and not plan.sentence
    if unchanged and state.picture_last and intent.of_act("request") < CERTAIN:
        return explained(library, state)  # nothing else was asked for: what was shown is to be made clear
    if unchanged:
        stands = f"That stands there already: {where}." if (where := getattr(last.result, "where", "")) else ""
        line = stands if intent.slots and stands else reply(library, state, "same as what")
        return Plan(Status.REFUSED, paragraphs=(line,), replied=("same as what",) * (line != stands))
    return plan


def swap(library: Library, intent: Intent, state: State) -> Plan:
    """One word for another; the last run is made again on the new sentence."""
    named = [values.word(text) for kind in ("word", "key", "new") for text in intent.texts(kind)]
    own = [word for word in named if values.stands_in(word, state.sentence)]
    own = own or [word for word in values.words_named(intent.text, state.sentence) if word not in named]
    new = values.word(intent.slot("new"))
    if not new or new in own[:1]:
        new = next((word for word in reversed(named) if word not in own[:1]), "")
    missing = next((word for word in named if word != new), "")
    old = own[0] if own else values.in_place_of(intent.text, new, state.sentence) or missing
    if new and not old:
        return _for_which(state, new)
    if old and not new:
        return Plan(Status.REFUSED, paragraphs=(f"Which word instead of *{old}*?",), offers=state.offers)
    return _changed(state, old, new)


def _for_which(state: State, new: str) -> Plan:
    """Which word is to go: the telling ones of the sentence, each as an offer that does it."""
    own = [word for token in state.sentence.split() if is_content(word := values.word(token))]
    line = f"*{new}* instead of which word? Your sentence: *{state.sentence}*"
    choices = (
        Offer(f"{new} for {word}", command=f"/sentence {values.exchanged(state.sentence, word, new)}") for word in own
    )
    return Plan(Status.REFUSED, paragraphs=(line,), offers=offers.distinct(choices) or state.offers)


def remove(library: Library, intent: Intent, state: State) -> Plan:
    """A word left out; the last run is made again on the new sentence."""
    return _changed(state, values.word(intent.slot("word")), "")


def add(library: Library, intent: Intent, state: State) -> Plan:
    """A word put in, before or after one of the sentence, or at its end."""
    new = values.word(intent.slot("new"))
    if not new:
        return Plan(Status.REFUSED, paragraphs=("Which word is to be added, and where?",), offers=state.offers)
    beside = values.word(intent.slot("word"))
    sentence = values.added(state.sentence, new, beside, before=values.says_before(intent.text))
    return _with(state, f"*{new}* added", sentence) if sentence else _no_such_word(state, beside)


def _no_such_word(state: State, word: str) -> Plan:
    line = f"*{word}* is not a word of your sentence, *{state.sentence}*" if word else "Which word? Name one of yours."
    return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers)


def _changed(state: State, old: str, new: str) -> Plan:
    sentence = values.exchanged(state.sentence, old, new) if old else ""
    return (
        _with(state, f"*{new}* for *{old}*" if new else f"*{old}* left out", sentence)
        if sentence
        else (_no_such_word(state, old))
    )


def _with(state: State, what: str, sentence: str) -> Plan:
    """The last picture on a sentence that was changed."""
    show = _once_more(state, sentence)
    lead = f"With {what}, the sentence is now: *{sentence}*"
    return Plan(
        Status.SMALL,
        paragraphs=(lead,),
        wanted=(Wanted(show),),
        sentence=sentence,
        edited=True,
        offers=(alter.TAKE_BACK, *alter.beside(state)),
        whole=True,
    )


def _once_more(state: State, sentence: str) -> Show:
    """The last picture for another sentence: at the same place, and of no word of the old one, but a pair in both."""
    last = state.last_run
    if last is None:
        return Show("attention")
    if last.experiment == "effect":  # of what stands changed now, not of what did then
        return Show("effect", {"off": written(state.changes)}) if state.changes else Show("translate")
    options = {name: getattr(last.options, name, "") for name in ("query", "key", "layer", "head")}
    if options["query"]:
        both = all(values.stands_in(str(options[name]), sentence) for name in ("query", "key"))
        return Show(last.experiment, options if both else {})
    words = {"word", "query", "key", "output"}
    kept = {k.replace("_", "-"): v for k, v in dataclasses.asdict(last.options).items() if k not in words}
    return Show(last.experiment, kept)


def earlier(library: Library, intent: Intent, state: State) -> Plan:
    """An earlier sentence in force again: by a word of it, by its number among those given, or as it was before."""
    own = [text for text in state.sentences if text != DEFAULT_SENTENCE] or list(state.sentences)
    known = [text for text in state.sentences if text != state.sentence]
    clue = " ".join(intent.texts("earlier") + intent.texts("word"))
    by_word = values.sharing_words(clue, known) or values.sharing_words(clue, [state.sentence])
    number = 0 if by_word else values.place(clue, len(own))
    if not (by_word or number) and state.before:
        return alter.undo(library, intent, state)
    if not known:
        return Plan(Status.REFUSED, paragraphs=(f"There is only this one so far: *{state.sentence}*",))
    if number > len(own):
        line = f"There are {len(own)} sentences so far; the last one is *{own[-1]}*"
        return Plan(Status.REFUSED, paragraphs=(line,))
    chosen = by_word[-1] if by_word else own[number - 1] if number else known[-1]
    lead = f"In force again: *{chosen}*" if chosen != state.sentence else f"In force: *{chosen}*"
    return Plan(Status.SMALL, paragraphs=(lead,), wanted=(Wanted(_once_more(state, chosen)),), sentence=chosen)


def numbers(library: Library, intent: Intent, state: State) -> Plan:
    """The last picture as plain numbers."""
    if state.last_run is None:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "nothing shown"),), replied=("nothing shown",))
    return Plan(Status.SMALL, command="/numbers")


def command(line: str) -> Act:
    """An action that the terminal carries out."""
    return lambda library, intent, state: Plan(Status.SMALL, command=line)


def save(library: Library, intent: Intent, state: State) -> Plan:
    """The conversation written to the file that is named; else how to name one."""
    name = values.file(intent.text)
    if not name:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "save"),), replied=("save",))
    return Plan(Status.SMALL, command=f"/save {name}")


def code_of(library: Library, intent: Intent, state: State) -> Plan:
    """The lines of the model that computed what was shown last."""
    if state.last_run is None:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "nothing shown"),), replied=("nothing shown",))
    return Plan(Status.SMALL, code_of=state.last_run, offers=state.offers)


def whole(library: Library, intent: Intent, state: State) -> Plan:
    """The last picture with all its rows."""
    if state.last_run is None:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "nothing shown"),), replied=("nothing shown",))
    if state.whole and state.picture_last:  # it stands there already: more of it is every number
        return Plan(Status.SMALL, paragraphs=(reply(library, state, "every number"),), command="/numbers")
    options = {name.replace("_", "-"): value for name, value in dataclasses.asdict(state.last_run.options).items()}
    show = Show(state.last_run.experiment, options)
    return Plan(Status.SMALL, wanted=(Wanted(show, sentence=state.last_run.sentence),), offers=state.offers, whole=True)


ACTIONS: Mapping[str, Act] = {
    "same": same,
    "numbers": numbers,
    "swap": swap,
    "remove": remove,
    "earlier": earlier,
    "whole": whole,
    "add": add,
    "head-off": alter.heads_off,
    "mask-off": alter.mask_off,
    "positions-off": alter.order_off,
    "forbid": alter.forbid,
    "force": alter.force,
    "undo": alter.undo,
    "in-force": alter.in_force,
    "reset": alter.reset,
    "save": save,
    "code-of": code_of,
}
"""What a request may want beside an experiment."""
