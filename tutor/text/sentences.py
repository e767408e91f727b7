"""Sentences as text: their words and marks, where one ends and the next begins, one word put for another."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD_OR_MARKS = re.compile(r"\w+(?:['’\-]\w+)*['’]?|[^\w\s]+")
_WORD_OR_MARK = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|\S")
_LETTERS = re.compile(r"[A-Za-z]+")
_GAP = re.compile(r"(?<=[.!?…])[\"”’)]*\s+")
_TITLE = re.compile(r"(?:^|\s)(?:Mr|Mrs|Ms|Dr|St|Prof)\.$")
_ARTICLE_CLASH = re.compile(r"\b(?:a [aeiou]|an [^aeiouh])", re.IGNORECASE)
_CUT = re.compile(r"^(?:…|\.{3})|(?:…|\.{3})$")
_BLOCK = re.compile(r"\.blocks\.\d+\.")


def words_and_marks(text: str) -> list[str]:
    """The words, each with its apostrophes and hyphens, and the runs of marks between them."""
    return _WORD_OR_MARKS.findall(text)


def words_and_single_marks(text: str) -> list[str]:
    """The same, each mark by itself."""
    return _WORD_OR_MARK.findall(text)


def plain_words(text: str) -> list[str]:
    """The words of Latin letters alone."""
    return _LETTERS.findall(text)


def parts_at_sentence_ends(text: str) -> Iterator[tuple[str, str]]:
    """What stands before and after each end of a sentence; 'Mr.' ends none."""
    for gap in _GAP.finditer(text):
        before, after = text[: gap.end()].strip(), text[gap.end() :].strip()
        if not _TITLE.search(before):
            yield before, after


def with_word_exchanged(sentence: str, word: str, put: str) -> str:
    """The sentence with the first `word` exchanged."""
    return re.sub(rf"(?<![A-Za-z'’]){re.escape(word)}(?![A-Za-z'’])", put, sentence, count=1)


def has_wrong_article(sentence: str) -> bool:
    """Whether 'a' stands before a vowel or 'an' before none."""
    return bool(_ARTICLE_CLASH.search(sentence))


def without_dots(piece: str) -> str:
    """A piece of a word without the dots that say where the word goes on."""
    return _CUT.sub("", piece)


def any_block(path: str) -> str:
    """A trace path with N in place of the number of its block."""
    return _BLOCK.sub(".blocks.N.", path)
