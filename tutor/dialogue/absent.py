"""A word that is not there is named as such, with what can be done about it: nothing else is shown in its place."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from tutor.understanding import values

OF_WORDS = ("word", "query", "key", "output")
"""Options that name a word."""
CLOSE = 0.7
"""Likeness of letters from which another word may have been meant."""


def absent(options: Mapping[str, Any], sentence: str, translation: str, earlier: Sequence[str]) -> str:
    """The line for the first word among the options that the sentence lacks; '' where it has them all."""
    for name in OF_WORDS:
        word = str(options.get(name, "") or "").partition("#")[0]
        if not word or values.stands_in(word, sentence):
            continue
        return _told(word, sentence, translation, [text for text in earlier if text != sentence])
    part = options.get("part")
    word = str(options.get("word", "") or "").partition("#")[0]
    if word and part in ("decoder", "cross") and not values.stands_in(word, translation):
        side = "the decoder" if part == "decoder" else "cross-attention"
        return (
            f"*{word}* is a word of your sentence, and in {side} it is the French words that look: "
            f"*{translation}* Name one of those, or say “in the encoder”."
        )
    return ""


def _told(word: str, sentence: str, translation: str, earlier: Sequence[str]) -> str:
    lead = f"*{word}* is not in your sentence, *{sentence}*"
    if values.stands_in(word, translation):
        return f"{lead} It is a word of the translation; say “in the decoder” or “in cross-attention” for it."
    stood = values.sharing_words(word, earlier)
    if stood:
        return f"{lead} It was in *{stood[-1]}* Say “back to the sentence with {word}”, or “undo”."
    own = [values.word(token) for token in sentence.split()]
    near = difflib.get_close_matches(word.casefold(), [token.casefold() for token in own], n=1, cutoff=CLOSE)
    if near:
        return f"{lead} Did you mean *{next(token for token in own if token.casefold() == near[0])}*?"
    return f"{lead} Name one of its words, or put it in: “swap {own[-1]} for {word}”."
