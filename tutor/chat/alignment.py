"""Which word of the translation looked at which word of the sentence: cross-attention over layers, heads and pieces.

S words of the sentence, T words of the translation; a word is one token or all its pieces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from tutor.chat.state import State
from tutor.curriculum.tree import Show
from tutor.experiments.base import Matrix

MAINLY = 0.25
"""Share of a word's look from which it counts as looking at a word, where no other word has more."""
_JOINTS = ("'", "’", "-")
"""Marks inside a word."""
BESIDE = 0.5
"""Share of the best one's look that another word needs to be named beside it."""


@dataclass(frozen=True)
class Word:
    """A word as it stands in a text, and the tokens that make it up."""

    text: str
    first: int
    end: int
    """One past its last token."""

    @property
    def is_word(self) -> bool:
        """No punctuation mark and no mark of the end."""
        return self.text[:1].isalnum()


@dataclass(frozen=True)
class Alignment:
    """The cross-attention between two texts, word by word, on average over all layers and heads."""

    source: tuple[Word, ...]
    target: tuple[Word, ...]
    shares: Matrix
    """(T, S): of the look of each word of the translation, averaged over its pieces, what each word of yours got."""
    layers: int
    heads: int
    translation: str

    def share(self, written: int, looked_at: Sequence[int]) -> float:
        """What words of the sentence that stand side by side got together, at most 1."""
        return sum(self.shares[written][place] for place in looked_at)

    def sources(self, written: Sequence[int]) -> list[tuple[int, float]]:
        """Words of the sentence and what each got of the look of these words of the translation, most first."""
        found = [(at, fmean(self.shares[row][at] for row in written)) for at, w in enumerate(self.source) if w.is_word]
        return sorted(found, key=lambda entry: -entry[1])

    def looking_at(self, places: Sequence[int]) -> list[tuple[int, float]]:
        """Words of the translation and what each gave to these words of the sentence, most first."""
        found = [(at, self.share(at, places)) for at, word in enumerate(self.target) if word.is_word]
        return sorted(found, key=lambda entry: -entry[1])

    def standing_for(self, places: Sequence[int]) -> list[tuple[int, float]]:
        """Words of the translation that looked mainly at these words of the sentence, in the order of the text."""
        mainly = [
            (at, share)
            for at, share in self.looking_at(places)
            if share >= MAINLY and self.sources([at])[0][0] in places
        ]
        return sorted(entry for entry in mainly if entry[1] >= BESIDE * mainly[0][1])


def words_of(tokens: Sequence[str]) -> tuple[Word, ...]:
    """Tokens as `pieces.named` writes them, joined to words: 'min…', '…ister' -> 'minister'."""
    words: list[Word] = []
    for place, token in enumerate(tokens):
        if token.startswith("…") and words:
            before = words.pop()
            words.append(Word(before.text + token.strip("…"), before.first, place + 1))
        else:
            words.append(Word(token.strip("…"), place, place + 1))
    return tuple(words)


def align(state: State) -> Alignment:
    """The alignment of the sentence in force. Raises `LearnerError` or `ModelError` where it cannot be read."""
    result: Any = state.runner.peek(Show("cross-attention", {"layer": 1}), state.sentence).result
    others = (Show("cross-attention", {"layer": layer}) for layer in range(2, result.layers + 1))
    layers: list[Any] = [result, *(state.runner.peek(show, state.sentence).result for show in others)]
    return joined([one.weights for one in layers], result.source_tokens, result.target_tokens, result)


def joined(weights: Sequence[Matrix], source: Sequence[str], target: Sequence[str], of: Any) -> Alignment:
    """The weights of all layers, (layers, T tokens, S tokens), with tokens joined to words."""
    rows, columns = words_of(target), words_of(source)
    shares = tuple(
        tuple(
            fmean(sum(layer[at][column.first : column.end]) for layer in weights for at in range(row.first, row.end))
            for column in columns
        )
        for row in rows
    )
    return Alignment(columns, rows, shares, len(weights), of.heads, of.translation)


def bare(text: str) -> str:
    """The text without spaces, capitals, accents and quotation marks, for comparing what is typed without them."""
    folded = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe").replace("’", "'"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter) and letter not in ' "“”«»‘*')


def places_of(phrase: str, words: Sequence[Word]) -> list[tuple[int, ...]]:
    """Where a phrase of one or more words stands; empty where it does not."""
    wanted = bare(phrase).strip("'")
    found = []
    for start in range(len(words)):
        text = ""
        for end in range(start, len(words)):
            text += bare(words[end].text)
            if wanted and text == wanted:
                found.append(tuple(range(start, end + 1)))
            if not wanted.startswith(text):
                break
    return found


def side_by_side(words: Sequence[Word], places: Sequence[int]) -> list[list[int]]:
    """The places in groups that stand together; an apostrophe between two does not part them."""
    groups: list[list[int]] = []
    for at in places:
        between = words[groups[-1][-1] + 1 : at] if groups else ()
        if groups and all(word.text in _JOINTS for word in between):
            groups[-1] += range(groups[-1][-1] + 1, at + 1)
        else:
            groups.append([at])
    return groups


def text_of(words: Sequence[Word], places: Sequence[int]) -> str:
    """The words at these places as they are written."""
    text = " ".join(words[at].text for at in places)
    for joint in _JOINTS:
        text = text.replace(f" {joint} ", joint)
    return text
