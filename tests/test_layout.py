"""Columns fit the width they are given, whatever stands in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tutor.layout import paragraphs, two_columns

WORDS = st.text("abc d", max_size=90)
NAMES = st.text("abcde-", min_size=1, max_size=25)


@given(st.lists(st.tuples(NAMES, WORDS), max_size=5), st.integers(32, 120))
def test_no_line_is_wider_and_no_word_is_lost(rows: list[tuple[str, str]], width: int) -> None:
    found = two_columns(rows, 20, width)
    assert all(len(line) <= width for line in found.split("\n"))
    assert "".join(found.split()) == "".join("".join((name + text).split()) for name, text in rows)


def test_a_long_name_keeps_its_distance_and_a_long_text_hangs() -> None:
    found = two_columns([("a", "one two three four five six seven"), ("a-name-of-its-own", "text")], 10, 37)
    assert found.split("\n") == ["a         one two three four five six", "          seven", "a-name-of-its-own text"]


@given(st.lists(WORDS, max_size=4), st.integers(32, 120))
def test_paragraphs_fit(texts: list[str], width: int) -> None:
    assert all(len(line) <= width for line in paragraphs(texts, width).split("\n"))
