"""Marks of lesson text become styles, and nothing else is markup."""

from __future__ import annotations

import pytest

from tutor.views import to_text
from tutor.views.prose import plain, prose


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the word *cat* here", "the word cat here"),
        ("type `/show softmax` now", "type /show softmax now"),
        ("*a*, *b* and *c d*", "a, b and c d"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c"),
        ("`2 * 3` and *x*", "2 * 3 and x"),
        ("[red]stays[/red] *[bold]*", "[red]stays[/red] [bold]"),
        ("an open * star and ` tick", "an open * star and ` tick"),
        ("**", "**"),
        ("", ""),
    ],
)
def test_marks_go_and_everything_else_stays(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert prose(text).plain == shown


def test_words_and_code_have_their_styles() -> None:
    spans = prose("see *cat* and `/why`").spans
    assert [(span.start, span.end, span.style) for span in spans] == [(4, 7, "prose.word"), (12, 16, "prose.code")]


def test_prose_in_ascii_spells_out_its_signs_before_it_is_wrapped() -> None:
    text = to_text(prose("so *softmax(QKᵀ/√d)V* – with √64 = 8 – “flat”"), 30, ascii=True)
    assert text == 'so softmax(QK^T/sqrt(d))V -\nwith sqrt(64) = 8 - "flat"'
