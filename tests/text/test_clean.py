"""Nothing that a learner types can act on the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.text.clean import clean, plain


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m cat", "red cat"),
        ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x1b]52;c;aGVsbG8=\x07b", "ab"),
        ("a\x1b]0;never closed", "a"),
        ("\x9b31mred", "red"),
        ("\x1bPq#0;2;0;0;0\x1b\\x", "x"),
        ("tab\tand\r\nline", "tab and line"),
        ("bell\x07 null\x00", "bell null"),
        ("\u202egnp.exe", "gnp.exe"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("👩\u200d👩\u200d👧 家族", "👩\u200d👩\u200d👧 家族"),
        ("[red]not markup[/red]", "[red]not markup[/red]"),
    ],
)
def test_escapes_go_and_words_stay(text: str, left: str) -> None:
    assert clean(text) == left


@given(st.text())
def test_what_is_left_has_no_control_character_and_is_stable(text: str) -> None:
    left = clean(text)
    assert all(unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp") for character in left)
    assert clean(left) == left


def test_marks_of_lesson_prose_go_and_products_stay() -> None:
    assert plain("*cat* looks at `mat`, 2 * 3 * 4") == "cat looks at mat, 2 * 3 * 4"


def test_it_agrees_with_the_views() -> None:
    from tutor.views.prose import plain as with_rich

    for text in ("*a*", "a *b c* d", "`x*y` *z*", "2*3*4", "* a * b *", "**bold**"):
        assert plain(text) == with_rich(text)
