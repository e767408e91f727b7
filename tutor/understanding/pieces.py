"""Splitting a turn into the word pieces of a pretrained vocabulary, with the places of its words remembered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

LONGEST = 96
"""Pieces that are read. What was told takes at most a third; of a longer turn the beginning and the end are read."""
_TOLD = 32
_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+|[^\w\s]|_")


class WordPieces:
    """Splits text into the longest pieces of a fixed vocabulary."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """Needs `[CLS]`, `[SEP]` and `[UNK]`; a piece inside a word starts with `##`."""
        self.meant: Callable[[str], str] = lambda word: word
        """From a folded word to the word to read for it, for who knows of typing errors."""
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self._start, self._end, self._unknown = (self._ids[piece] for piece in ("[CLS]", "[SEP]", "[UNK]"))

    def words(self, text: str) -> list[tuple[int, int, list[int]]]:
        """Start, end and pieces of each word of `text`; a word of unknown letters is one unknown piece."""
        return [(at.start(), at.end(), self._word(self.meant(_folded(at[0])))) for at in _WORD.finditer(text)]

    def joined(self, told: str, text: str) -> tuple[list[int], int, list[tuple[int, int, int]]]:
        """What the encoder reads: what was told before, then the text.

        Returns the pieces, how many of them the former takes, and (start, end, place of its first piece) of each
        word of the text that is read.
        """
        before = [self._start]
        if told:
            before += [*[number for _, _, word in self.words(told) for number in word][:_TOLD], self._end]
        room, words = LONGEST - len(before) - 1, self.words(text)
        total = sum(len(word) for _, _, word in words)
        if total > room:  # people ramble at the start or at the end; the middle is what can be missed
            words = self._ends_of(words, room)
        numbers, places = list(before), []
        for start, end, word in words:
            places.append((start, end, len(numbers)))
            numbers += word
        return [*numbers, self._end], len(before) if told else 0, places

    @staticmethod
    def _ends_of(words: list[tuple[int, int, list[int]]], room: int) -> list[tuple[int, int, list[int]]]:
        first: list[tuple[int, int, list[int]]] = []
        last: list[tuple[int, int, list[int]]] = []
        left = room
        front, back = 0, len(words) - 1
        while front <= back:
            at_back = len(last) <= len(first)
            word = words[back if at_back else front]
            left -= len(word[2])
            if left < 0:
                break
            if at_back:
                last.append(word)
                back -= 1
            else:
                first.append(word)
                front += 1
        return [*first, *reversed(last)]

    def _word(self, word: str) -> list[int]:
        found: list[int] = []
        at = 0
        while at < len(word):
            for stop in range(min(len(word), at + 20), at, -1):
                number = self._ids.get(word[at:stop] if at == 0 else "##" + word[at:stop])
                if number is not None:
                    break
            else:
                return [self._unknown]
            found.append(number)
            at = stop
        return found or [self._unknown]


def _folded(word: str) -> str:
    """Lower case, without accents, as the vocabulary was made."""
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if unicodedata.category(c) != "Mn")
