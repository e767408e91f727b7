"""Which words of the learner's sentence, or of its translation, a request names."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tutor.dialogue.types import State
from tutor.experiments.pieces import is_content
from tutor.understanding import roles, values
from tutor.understanding.intent import Intent, Slot


def of_the_sentence(intent: Intent, state: State) -> Intent:
    """The turn without little words that were read as words of the sentence beside one that is."""
    both = f"{state.sentence} {state.translation}"
    words = [slot for slot in intent.slots if slot.kind == "word"]
    own = [slot for slot in words if values.words_in(slot.text, both)]
    stray = [slot for slot in words if slot not in own and _is_stray(intent.text, slot, own)]
    slots = tuple(slot for slot in intent.slots if slot not in stray) if own else intent.slots
    return dataclasses.replace(intent, slots=slots)


def _is_stray(text: str, slot: Slot, own: Sequence[Slot]) -> bool:
    """Whether a word stands in another sentence of the turn than those of the learner's, or means nothing alone."""
    return not is_content(values.word(slot.text)) or all(values.apart(text, slot.start, one.start) for one in own)


def with_words(intent: Intent, state: State, names: list[str]) -> Intent:
    """Where no word was read, the words of the sentence that the turn names: whoever names one wants that one."""
    if any(slot.kind in ("word", "key", "position", "sentence") for slot in intent.slots):
        return intent
    kinds = [kind for kind, wanted in (("word", ("query", "word")), ("key", ("key",))) if set(wanted) & set(names)]
    rest = roles.rest(intent)
    named = values.words_named(rest, state.sentence, is_content) or _french(rest, state)
    slots = tuple(Slot(kind, text, intent.text.find(text)) for kind, text in zip(kinds, named, strict=False))
    return dataclasses.replace(intent, slots=(*intent.slots, *slots))


def _french(text: str, state: State) -> tuple[str, ...]:
    """The words of the translation that a text names, but for those so short that they may be English."""
    return tuple(word for word in values.words_in(text, state.translation) if len(word) >= values.LONG_ENOUGH)


def only_french(intent: Intent, state: State) -> bool:
    """Whether the one word that is named stands in the translation and not in the sentence."""
    words = {values.word(slot.text) for slot in intent.slots if slot.kind == "word"}
    return len(words) == 1 and all(
        values.words_in(word, state.translation) and not values.words_in(word, state.sentence) for word in words
    )
