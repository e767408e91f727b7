"""How an answer is laid out on a screen of so many rows."""

from __future__ import annotations

import pytest

from tutor.dialogue.types import Answer, Offer, Shown, Status
from tutor.experiments.base import Run
from tutor.output.text import FRAME, answer_text

PICTURE = "\n".join(f"row {number}" for number in range(8))


@pytest.fixture(autouse=True)
def _drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.output.text.run_text", lambda run, **_: PICTURE)


def answer(paragraphs: int, *, whole: bool = False) -> Answer:
    shown = Shown(Run("attention", "The dog sleeps.", None, None), "It has 60%.", whole=whole)
    told = tuple(f"Paragraph {number}." for number in range(paragraphs))
    offers = (Offer("Why?", "a.why"), Offer("How?", "a.how"))
    return Answer("q", None, Status.ANSWERED, "The dog sleeps.", paragraphs=told, shown=(shown,), offers=offers)


def rows(text: str) -> int:
    return text.count("\n") + FRAME


def test_what_fits_stands_apart_with_its_picture() -> None:
    text = answer_text(answer(3), width=80, height=24)
    assert PICTURE in text and "Paragraph 0.\n\nParagraph 1." in text and rows(text) <= 24


def test_what_hardly_fits_moves_together_before_the_picture_goes() -> None:
    text = answer_text(answer(8), width=80, height=24)
    assert PICTURE in text and "Paragraph 0.\nParagraph 1." in text and rows(text) <= 24


def test_what_does_not_fit_says_how_to_see_the_picture_and_keeps_its_numbers() -> None:
    text = answer_text(answer(12), width=80, height=24)
    assert "row 0" not in text and "It has 60%.\n/show attention draws it." in text


def test_without_a_height_nothing_gives_way() -> None:
    assert PICTURE in answer_text(answer(40), width=80)


def test_a_picture_that_was_asked_for_is_always_drawn() -> None:
    assert PICTURE in answer_text(answer(40, whole=True), width=80, height=10)


def test_offers_stand_side_by_side_where_they_fit() -> None:
    assert answer_text(answer(1), width=80).endswith("  1 Why?  2 How?")
    assert answer_text(answer(1), width=16).endswith("  1 Why?\n  2 How?")
