"""A turn that corrects the one before: the thing it names is put in place of the other, or the answer is withdrawn."""

from __future__ import annotations

import dataclasses

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import offers
from tutor.dialogue.actions import same
from tutor.dialogue.own_words import in_sentence, of_word, quoted
from tutor.dialogue.talk import withdrawn
from tutor.dialogue.types import Plan, State, Status, Wanted
from tutor.experiments.pieces import is_content
from tutor.understanding import values
from tutor.understanding.intent import Intent

CORRECTING = frozenset({"not_asked", "objection", "no"})
PLACES = frozenset({"part", "layer", "head"})
OF_WORDS = ("query", "word", "output")
"""Options for the word that a picture is of."""
A_SENTENCE = 0.6
"""Probability from which a sentence is surely given."""
SURELY = 0.95
"""Probability from which a question is one, though it was answered a moment ago."""


def corrected(library: Library, intent: Intent, state: State, act: str) -> Plan | None:
    """What was shown or told last, as it was meant; None where the turn corrects nothing."""
    if act in CORRECTING and state.picture_last and state.last_run:
        named = tuple(slot for slot in intent.slots if slot.kind in PLACES)
        if named:  # "that is the wrong head, I said head 3"
            return same(library, dataclasses.replace(intent, slots=named), state)
        if not _of_two(intent, state) and (word := _other_word(intent, state)):
            return _instead(intent, state, word)
    if _names_words_only(intent, state) and (word := _other_word(intent, state)):
        return _instead(intent, state, word)
    if act == "question" and _same_again(library, intent, state):
        return withdrawn(library, state, (offers.to_see(library, "attention"),))
    return None


def _names_words_only(intent: Intent, state: State) -> bool:
    """Whether what was read as a new sentence is a few words of the old one, and the last picture is wanted again.

    'I said pizza, not hungry' gives no sentence.
    """
    given = " ".join(intent.texts("sentence"))
    again = bool(intent.runs) and intent.runs[0].id == "same" and intent.of_act("set_sentence") < A_SENTENCE
    marked = intent.is_sentence or ":" in intent.text or values.quoted_in(intent.text)
    if not (given and again and state.picture_last) or marked:
        return False
    telling = [values.word(word) for word in given.split() if is_content(values.word(word))]
    return bool(telling) and all(values.words_in(word, state.sentence) for word in telling)


def _of_two(intent: Intent, state: State) -> bool:
    """Whether the turn is about a pair: 'it should look at dog'. In 'pizza, not dog' the second is the one shown."""
    return bool(intent.slot("key")) and values.word(intent.slot("key")) not in _shown(state)


def _other_word(intent: Intent, state: State) -> str:
    """The word of the sentence or its translation that is named and is not the one shown; '' for none."""
    shown = {values.word(str(word)) for word in _shown(state)}
    both = f"{state.sentence} {state.translation}"
    tagged = [word for text in intent.texts("word") for word in values.words_in(text, both)]
    named = [*quoted(intent, state), *tagged, *values.words_in(intent.text, both)]
    return next((word for word in named if word not in shown and _telling(word, tagged, intent, state)), "")


def _telling(word: str, tagged: list[str], intent: Intent, state: State) -> bool:
    sure = word in tagged or word in quoted(intent, state)
    return sure or is_content(word) or (not in_sentence(word, state) and len(word) >= values.LONG_ENOUGH)


def _shown(state: State) -> list[str]:
    """The words that the last picture is of."""
    run = state.last_run
    result = run.result if run else None
    found = [getattr(result, name, "") for name in ("query_word", "output_word", "word", "token")]
    return [word for word in found if isinstance(word, str) and word]


def _instead(intent: Intent, state: State, word: str) -> Plan:
    run = state.last_run
    assert run is not None
    options = {name.replace("_", "-"): value for name, value in dataclasses.asdict(run.options).items()}
    shown = next(iter(_shown(state)), "")
    lead = (f"*{word}* instead of *{shown}*:",) if shown else ()
    if "query" in options:
        kept = {"key": options["key"]} if options.get("key") and options["key"] != word else {}
        show = Show(run.experiment, {**kept, "query": word})
    elif "output" in options and not in_sentence(word, state):
        show = Show(run.experiment, {**options, "output": word})
    else:
        show = of_word(state, word)
    return Plan(Status.SMALL, paragraphs=lead, wanted=(Wanted(show),), offers=state.offers, whole=True)


def _same_again(library: Library, intent: Intent, state: State) -> bool:
    """Whether what was told a moment ago was found again, for a turn that speaks of the learner's sentence.

    Whoever brings in a word of it, which the answer did not speak of, was not answered.
    """
    node = library.nodes.get(intent.node)
    if node is None or state.picture_last or node.id != state.node or intent.of_act("question") >= SURELY:
        return False
    told = " ".join((node.ask, node.line, *node.say))
    own = [word for word in values.words_in(intent.text, state.sentence) if is_content(word)]
    return state.was_told(node.id) and any(not values.words_in(word, told) for word in own)
