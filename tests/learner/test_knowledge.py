"""What is known is traced from first tries, as Corbett and Anderson (1995) do it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum.screens import Attempt
from tutor.learner.knowledge import KNOWN_BEFORE, MASTERED, Try, after, probability_known
from tutor.learner.store import Store

RIGHT, WRONG = Try(True), Try(False)


def test_the_update_is_that_of_the_paper_worked_by_hand() -> None:
    # Known before 0.1, learned 0.1, slip 0.1, guess 0.1: 0.09 / (0.09 + 0.09) = 0.5, and a tenth of the rest.
    assert probability_known([RIGHT]) == pytest.approx(0.55)
    # 0.1 × 0.1 / (0.1 × 0.1 + 0.9 × 0.9) = 1 / 82.
    assert probability_known([WRONG]) == pytest.approx(1 / 82 + 81 / 82 / 10)
    # Among three choices a guess is right one time in three: 0.09 / (0.09 + 0.3).
    assert probability_known([Try(True, 3)]) == pytest.approx(0.09 / 0.39 + 0.3 / 0.39 / 10)


def test_without_a_try_nothing_is_known_but_what_is_assumed() -> None:
    assert probability_known([]) == KNOWN_BEFORE < MASTERED


@given(st.floats(0.01, 0.99), st.integers(2, 9))
def test_a_right_answer_says_the_more_the_more_there_was_to_choose_among(known: float, choices: int) -> None:
    fewer, more = after(known, Try(True, choices)), after(known, Try(True, choices + 1))
    assert known < fewer < more < 1


@given(st.lists(st.builds(Try, st.booleans(), st.integers(0, 9))))
def test_it_stays_a_probability(tries: list[Try]) -> None:
    assert 0 < probability_known(tries) < 1


def test_three_right_answers_in_ones_own_words_or_numbers_are_mastery_and_two_are_not(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        for step, mastered in (("1", False), ("2", False), ("3", True)):
            store.answer("a", Attempt(step, ("softmax",), True, False, True))
            assert store.mastery()["softmax"].mastered is mastered


def test_hints_and_later_tries_do_not_make_known(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        for _ in range(4):
            store.answer("a", Attempt("1", ("softmax",), True, hinted=True, first=True))
            store.answer("a", Attempt("1", ("softmax",), True, hinted=False, first=False))
        softmax = store.mastery()["softmax"]
    assert softmax.known == pytest.approx(probability_known([WRONG] * 4)) and softmax.weak


def test_the_number_of_choices_is_kept_with_the_answer(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        store.answer("a", Attempt("1", ("softmax",), True, False, True, choices=3))
        assert store.mastery()["softmax"].known == pytest.approx(probability_known([Try(True, 3)]))


def test_what_was_got_right_from_the_first_is_not_weak_however_little_it_says(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        store.answer("a", Attempt("1", ("softmax",), True, False, True, choices=2))
        store.answer("a", Attempt("2", ("scaling",), False, False, True, choices=2))
        mastery = store.mastery()
    assert not mastery["softmax"].weak and mastery["scaling"].weak
