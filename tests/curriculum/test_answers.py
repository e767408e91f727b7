"""What counts as the same answer, and what does not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum.answers import grade
from tutor.curriculum.bench import picked
from tutor.curriculum.choices import options_of
from tutor.curriculum.numbers import read_number
from tutor.curriculum.steps import Choice, Idea, Mistake, Pick, Question
from tutor.curriculum.words import said_yes, same_words
from tutor.errors import AuthorError


def number(answer: str, tolerance: float = 0.006, share: bool = False, **more: object) -> Question:
    return Question("?", "number", answer=answer, tolerance=tolerance, share=share, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    [
        *("79.6", "79.6%", "79,6 %", ".796", "0,796", "0.796", "80 %", "80", "0.8", "≈ 0.80", "about 79.6 per cent"),
        *("I think 0.796", "it's .796!", "“0.796”", "796/1000", "7.96 / 10 = 0.796", "79.6 percent", "０.796", "4/5"),
    ],
)
def test_a_share_is_right_in_every_usual_form(typed: str) -> None:
    assert grade(number("0.796", share=True), typed, {}).right is True


@pytest.mark.parametrize("typed", ["1", "70 %", "0.0796", "7.96", "-0.796", "85", "0.81"])
def test_another_share_is_wrong(typed: str) -> None:
    assert grade(number("0.796", share=True), typed, {}).right is False


@pytest.mark.parametrize("typed", ["", "  ", "dunno", "help", "cat", "1 2 3", "1/0", "nan", "inf", "٪", "1e999"])
def test_what_is_no_number_costs_no_try(typed: str) -> None:
    assert grade(number("0.796", share=True), typed, {}).right is None


@given(st.text(max_size=40))
def test_no_answer_breaks_the_grading(typed: str) -> None:
    choices = (Choice("sharper", "1 == 1", ""), Choice("flatter", "", "No."))
    grade(number("0.796", share=True), typed, {})
    grade(Question("?", "choice", choices=choices), typed, {})
    grade(Question("?", "word", answers=("value",)), typed, {})
    grade(Question("?", "free", answers=("mix",), ideas=(Idea(("mix",), "How?"),), needs=1), typed, {})


@given(st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 0.01))
def test_a_number_is_read_back(value: float) -> None:
    for form in (f"{value:.4f}", f"{value:.4f}".replace(".", ","), f"= {value:.4f}", f"{value:.4f}.".replace("-", "−")):
        assert any(abs(reading.value - value) < 1e-3 for reading in read_number(form)), form


def test_a_share_of_one_is_not_a_share_of_nearly_one() -> None:
    question = number("0.985", share=True, mistakes=(Mistake("1", "", "Divide it by the whole."),))
    assert grade(question, "1", {}).reply == "Divide it by the whole."
    assert grade(question, "98.5 %", {}).right and grade(question, "98 %", {}).right


def test_of_two_mistakes_the_nearer_is_named() -> None:
    mistakes = (Mistake("1.00", "", "Far."), Mistake("1.05", "", "Near."))
    assert grade(number("5", 0.06, mistakes=mistakes), "1.05", {}).reply == "Near."


@pytest.mark.parametrize("typed", ["cat", "Cat", "“cat”", "I think cat", "I think it's the cat.", "the cat", "2", "b)"])
def test_a_token_is_chosen_by_its_word_or_its_number(typed: str) -> None:
    fields = {"tokens": ("The", "cat", "the", "mat"), "weights": (1, 2, 3, 4), "key": "cat"}
    question = Question("?", "choice", choices_from="tokens", choices_by="weights", answer="key")
    assert grade(question, typed, fields).right is True


FIELDS = {"tokens": ("The", "cat", "the", "mat", "the"), "weights": (1, 2, 3, 4, 5), "key": "the"}
TOKEN = Question("?", "choice", choices_from="tokens", choices_by="weights", answer="key")


def test_tokens_that_differ_only_in_case_are_told_apart_by_their_place() -> None:
    assert [option.say for option in options_of(TOKEN, FIELDS)] == ["The (token 1)", "cat", "the (tokens 3, 5)", "mat"]
    assert grade(TOKEN, "the", FIELDS).right is True
    assert grade(TOKEN, "The", FIELDS).right is False
    asked = grade(TOKEN, "THE", FIELDS)
    assert asked.right is None and asked.reply.startswith("Which one: “The (token 1)” or “the (tokens 3, 5)”?")


def test_a_long_sentence_offers_nine_tokens_and_takes_the_others_too() -> None:
    tokens = tuple(f"word{letter}" for letter in "abcdefghijklmnop")
    fields = {"tokens": tokens, "weights": tuple(range(16)), "key": "worda"}
    options = options_of(TOKEN, fields)
    assert len(options) == 9 and "worda" in [option.say for option in options]
    left_out = next(token for token in tokens if token not in [option.say for option in options])
    graded = grade(TOKEN, left_out, fields)
    assert (graded.right, graded.given) == (False, left_out)
    assert grade(TOKEN, "12", fields).right is None


@pytest.mark.parametrize(("mark", "typed"), [(".", "full stop"), ("‹end›", "the end mark"), ("'", "apostrophe")])
def test_marks_can_be_named(mark: str, typed: str) -> None:
    assert same_words(typed, mark)


def test_an_answer_that_denies_it_is_not_taken_for_it() -> None:
    choices = (Choice("twice as large", "1 == 1", ""), Choice("as large as before", "", "No."))
    assert grade(Question("?", "choice", choices=choices), "not twice as large", {}).right is None


@pytest.mark.parametrize(("typed", "meant"), [("Yes!", True), ("ok", True), ("", False), ("Nope", False), ("a", None)])
def test_yes_and_no(typed: str, meant: bool | None) -> None:
    assert said_yes(typed) is meant


def test_lists_give_entries_sums_counts_and_shares() -> None:
    fields = {"scores": (1.0, 3.0, 2.0), "tokens": ("a", "b", "c"), "table": ((1, 2), (3, 4))}
    assert picked(Pick("tokens", by="scores", rank=1), fields) == "b"
    assert picked(Pick("tokens", by="scores", rank=-1), fields) == "a"
    assert picked(Pick("table", at=2, column=1), fields) == 3
    assert (picked(Pick("scores", total=True), fields), picked(Pick("tokens", count=True), fields)) == (6, 3)
    whole = 1 + math.exp(-1) + math.exp(-2)
    assert picked(Pick("scores", rank=1, softmax=True), fields) == pytest.approx(1 / whole)
    with pytest.raises(AuthorError, match="has 3 entries and no entry 4"):
        picked(Pick("scores", at=4), fields)
