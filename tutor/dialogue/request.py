"""Requests to the instrument: done exactly as worded, or refused in one line that names what is in the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import offers
from tutor.dialogue.screen import explained
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.understanding import values
from tutor.understanding.intent import Intent, Slot

Act = Callable[[Library, Intent, State], Plan]
LAYERS, HEADS = 3, 4
"""Of the bundled translator: what 'the last layer' is. The run itself checks the number against the model."""
FILLED: Mapping[str, tuple[str, ...]] = {
    "word": ("query", "word", "output"),
    "position": ("query", "word"),
    "count": ("neighbours", "candidates", "beam", "steps", "drawn"),
}
"""Kind of slot -> the options of an experiment that it may fill; else the option of its own name."""
_LITTLE = frozenset(
    "a about an and before earlier in it last my of on one previous sentence that the this to with".split()
)
"""Words that do not tell one sentence from another."""
CERTAIN = 0.9
"""Probability from which a turn is a request for sure."""
_GIVEN_ANYWAY = frozenset({"sentence", "earlier", "number", "new"})


def request(library: Library, intent: Intent, state: State) -> Plan:
    """Carry out what the request names."""
    name = intent.runs[0].id if intent.runs else ""
    if name in ACTIONS:
        return ACTIONS[name](library, intent, state)
    return experiment(library, intent, state, name)


def experiment(
    library: Library, intent: Intent, state: State, name: str, base: Mapping[str, Any] | None = None
) -> Plan:
    """An experiment with the options that the slots give, on the sentence in force or the one in the turn."""
    from tutor.experiments.registry import registered

    found = registered().get(name)
    if not found:
        return Plan(Status.ASKED_BACK, paragraphs=(reply(library, state, "no such run"),), replied=("no such run",))
    names = [field.name.replace("_", "-") for field in dataclasses.fields(found.options)]
    intent = _with_words(intent, state, names)
    options, left, unread = _options(intent, state, names)
    if left:
        return _takes_none(library, name, left[0], names)
    if unread:
        return _unread(library, name, *unread[0])
    sentence, *second = [text.strip("\"“”‘’*' ") for text in intent.texts("sentence")] or [""]
    if second and "other" in names:
        options["other"] = second[0]
    if sentence and "after" in names:
        options["after"], sentence = sentence, ""
    show = Show(name, {**(base or {}), **options})
    return Plan(
        Status.SMALL,
        wanted=(Wanted(show),),
        offers=further(library, name),
        sentence=sentence,
        whole=True,
    )


def _with_words(intent: Intent, state: State, names: list[str]) -> Intent:
    """Where no word was read, the words of the sentence that the turn names: whoever names one wants that one."""
    if any(slot.kind in ("word", "key", "position", "sentence") for slot in intent.slots):
        return intent
    kinds = [kind for kind, wanted in (("word", ("query", "word")), ("key", ("key",))) if set(wanted) & set(names)]
    named = values.words_named(intent.text, state.sentence)
    slots = tuple(Slot(kind, text, intent.text.find(text)) for kind, text in zip(kinds, named, strict=False))
    return dataclasses.replace(intent, slots=(*intent.slots, *slots))


def _options(intent: Intent, state: State, names: list[str]) -> tuple[dict[str, Any], list[str], list[tuple[str, str]]]:
    """Options out of the slots; kinds of slots that there is no place for; (kind, words) that give no value."""
    options: dict[str, Any] = {}
    left, unread = [], []
    for kind in dict.fromkeys(slot.kind for slot in intent.slots if slot.kind not in _GIVEN_ANYWAY):
        if kind == "head" and "head" not in names and "layer" in names:
            continue  # an experiment that shows all heads of a layer shows this one too
        option = next((name for name in FILLED.get(kind, (kind,)) if name in names), "")
        value = _value(kind, intent.slot(kind), state)
        if not option:
            left.append(kind)
        elif value is None:
            unread.append((kind, intent.slot(kind)))
        else:
            options[option] = value
    return options, left, unread


def _value(kind: str, text: str, state: State) -> Any:
    """What the words of a slot stand for; None where they name nothing of its kind."""
    if kind == "part":
        return values.part(text) or text
    if kind in ("layer", "head"):
        return values.place(text, LAYERS if kind == "layer" else HEADS) or None
    if kind == "count":
        return values.count(text) or None
    if kind == "temperature":
        return values.number(text)
    return (values.word_at(text, state.sentence) if kind == "position" else values.word(text)) or None


def _unread(library: Library, name: str, kind: str, text: str) -> Plan:
    line = f"I cannot tell which {kind} you mean by “{text}”; name it in other words."
    return Plan(Status.REFUSED, paragraphs=(line,), offers=(offers.to_see(library, name),))


def _takes_none(library: Library, name: str, kind: str, names: list[str]) -> Plan:
    takes = " and ".join(names) if names else "nothing but the sentence"
    line = f"“{library.narrations[name].title}” cannot be asked for by {kind}: it takes {takes}."
    return Plan(Status.REFUSED, paragraphs=(line,), offers=(offers.to_see(library, name),))


def further(library: Library, name: str) -> tuple[Offer, ...]:
    """What is worth trying after an experiment."""
    narration = library.narrations.get(name)
    return offers.distinct(_worded(library, text) for text in (narration.next if narration else ()))


def _worded(library: Library, text: str) -> Offer:
    """An offer out of a narration's `next`: a question, or a command in backquotes."""
    command = text.strip("`")
    if not command.startswith("/"):
        node = next((one for one in library.nodes.values() if text in one.wordings), None)
        return offers.to_ask(node) if node else Offer(text)
    name, *words = command.split()
    if name == "/show" and words:
        return dataclasses.replace(offers.to_see(library, words[0]), command=command)
    return Offer(f"Try {command}", command=command)


# --- actions ------------------------------------------------------------------------------------------


def same(library: Library, intent: Intent, state: State) -> Plan:
    """What was shown last, with another word, layer, head or part, or on another sentence."""
    last = state.last_run
    if last is None:
        return experiment(library, intent, state, "attention")
    kept = {name.replace("_", "-"): value for name, value in dataclasses.asdict(last.options).items()}
    plan = experiment(library, intent, state, last.experiment, kept)
    unchanged = bool(plan.wanted) and plan.wanted[0].show.options == kept and not plan.sentence
    if unchanged and state.picture_last and intent.of_act("request") < CERTAIN:
        return explained(library, state)  # nothing else was asked for: what was shown is to be made clear
    if unchanged:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "same as what"),), replied=("same as what",))
    return plan


def swap(library: Library, intent: Intent, state: State) -> Plan:
    """One word for another; the last run is made again on the new sentence."""
    old, new = values.word(intent.slot("word")), values.word(intent.slot("new"))
    if old and not new:
        return Plan(Status.REFUSED, paragraphs=(f"Which word instead of *{old}*?",), offers=state.offers)
    return _changed(library, state, old, new)


def remove(library: Library, intent: Intent, state: State) -> Plan:
    """A word left out; the last run is made again on the new sentence."""
    return _changed(library, state, values.word(intent.slot("word")), "")


def _changed(library: Library, state: State, old: str, new: str) -> Plan:
    sentence = values.exchanged(state.sentence, old, new) if old else ""
    if not sentence:
        line = (
            f"*{old}* is not a word of your sentence, *{state.sentence}*" if old else "Which word? Name one of yours."
        )
        return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers)
    what = f"*{new}* for *{old}*" if new else f"*{old}* left out"
    last = state.last_run
    name = last.experiment if last else "attention"
    words = {"word", "query", "key", "output"}
    kept = (
        {k.replace("_", "-"): v for k, v in dataclasses.asdict(last.options).items() if k not in words} if last else {}
    )
    lead = f"With {what}, the sentence is now: *{sentence}*"
    back = Offer("Back to the sentence before", command=f"/sentence {state.sentence}")
    return Plan(Status.SMALL, paragraphs=(lead,), wanted=(Wanted(Show(name, kept)),), sentence=sentence, offers=(back,))


def earlier(library: Library, intent: Intent, state: State) -> Plan:
    """An earlier sentence in force again: by its number, by a word of it, or the one before."""
    known = [text for text in state.sentences if text != state.sentence]
    if not known:
        return Plan(Status.REFUSED, paragraphs=(f"There is only this one so far: *{state.sentence}*",))
    clue = " ".join(intent.texts("earlier") + intent.texts("word"))
    number = values.place(clue, len(state.sentences))
    clues = _words(clue) - _LITTLE
    by_word = [text for text in known if clues & _words(text)]
    chosen = by_word[-1] if by_word and not number else known[-1]
    if number > len(state.sentences):
        line = f"There are {len(state.sentences)} sentences so far; the last one is *{state.sentences[-1]}*"
        return Plan(Status.REFUSED, paragraphs=(line,))
    if number and state.sentences[number - 1] != state.sentence:
        chosen = state.sentences[number - 1]
    name = state.last_run.experiment if state.last_run else "attention"
    lead = f"In force again: *{chosen}*"
    return Plan(Status.SMALL, paragraphs=(lead,), wanted=(Wanted(Show(name)),), sentence=chosen)


def _words(text: str) -> set[str]:
    return {values.word(token).casefold() for token in text.split()}


def numbers(library: Library, intent: Intent, state: State) -> Plan:
    """The last picture as plain numbers."""
    if state.last_run is None:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "nothing shown"),), replied=("nothing shown",))
    return Plan(Status.SMALL, command="/numbers")


def head_off(library: Library, intent: Intent, state: State) -> Plan:
    """What is lost without a head: the run that switches each head of a layer off in turn."""
    last = state.last_run.result if state.last_run else None
    here = {name: getattr(last, name) for name in ("part", "layer") if getattr(last, name, None)}
    plan = experiment(library, intent, state, "heads", here)
    lead = reply(library, state, "head off")
    return dataclasses.replace(plan, paragraphs=(lead,), replied=("head off",))


def command(line: str) -> Act:
    """An action that the terminal carries out."""
    return lambda library, intent, state: Plan(Status.SMALL, command=line)


def cannot_yet(kind: str) -> Act:
    """An action that is refused with a line that says what there is instead."""

    def act(library: Library, intent: Intent, state: State) -> Plan:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, kind),), replied=(kind,))

    return act


ACTIONS: Mapping[str, Act] = {
    "same": same,
    "numbers": numbers,
    "swap": swap,
    "remove": remove,
    "earlier": earlier,
    "head-off": head_off,
    "reset": command("/auto"),
    "save": cannot_yet("save"),
    "code-of": cannot_yet("code of"),
}
"""What a request may want beside an experiment."""
