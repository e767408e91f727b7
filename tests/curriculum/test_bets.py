"""A bet is one only where its answer differs from sentence to sentence."""

from __future__ import annotations

from collections import Counter

import pytest

from tutor.curriculum.bets import ENOUGH, foregone, outcome_of
from tutor.curriculum.steps import Choice, Question

FIELDS = {"near": "cat", "far": "banana", "a": 2, "names": ["dog", "ant"], "best": "ant"}


@pytest.mark.parametrize(
    ("outcomes", "fault"),
    [
        ({"up": 20}, "right on all 20"),
        ({"up": 17, "down": 3}, "right on 17 of 20"),
        ({"up": 16, "down": 4}, ""),
        ({"up": ENOUGH - 1}, ""),
    ],
)
def test_a_bet_with_one_answer_on_more_than_four_of_five_sentences_is_none(
    outcomes: dict[str, int], fault: str
) -> None:
    found = foregone(Counter(outcomes))
    assert fault in found and bool(found) == bool(fault)


def test_choices_that_are_filled_in_count_as_the_same_choice() -> None:
    choices = (Choice("{far}", "", ""), Choice("{near}", "1 == 1", ""))
    assert outcome_of(Question("?", "choice", choices), FIELDS) == "{near}"


def test_sorted_choices_count_by_the_place_where_they_stand() -> None:
    choices = (Choice("{near}", "1 == 1", ""), Choice("{far}", "", ""))
    assert outcome_of(Question("?", "choice", choices, sorted=True), FIELDS) == "choice 2"


def test_what_is_pointed_at_or_typed_counts_by_itself() -> None:
    pointed = Question("?", "choice", choices_from="names", answer="best", sorted=True)
    assert outcome_of(pointed, FIELDS) == "ant" and outcome_of(Question("?", "number", answer="a"), FIELDS) == "2"
