"""Whoever takes a lesson comes to its end, whatever they do; `python -m benchmarks.persons` has all lessons."""

from __future__ import annotations

from random import Random

import pytest
from guided import lesson, run

from benchmarks.persons import PERSONS, take


@pytest.mark.parametrize("person", PERSONS)
def test_every_kind_of_person_reaches_the_end(person: str) -> None:
    for name in ("attention-by-hand", "where-order-comes-from"):
        assert take(lesson(name), PERSONS[person](), run, Random(1)) > 0


def test_somebody_who_does_nothing_is_told_to_be_stuck() -> None:
    assert take(lesson(), lambda session, random: None, run, Random(1)) == -1
