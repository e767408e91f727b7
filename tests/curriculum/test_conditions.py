"""The language of conditions computes what it says and can do nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.curriculum.conditions import evaluate, holds, names_in
from tutor.errors import AuthorError


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ("a < 0.7 * b", True),
        ("a > b or b == 2", True),
        ("a > b and b == 2", False),
        ("not (a > b)", True),
        ("0 < a < b", True),
        ("word == 'cat'", True),
        ("-a < 0", True),
        ("(a + b) / 2 - a == 0.5", True),
        ("", True),
    ],
)
def test_conditions_compare_and_calculate(condition: str, truth: bool) -> None:
    assert holds(condition, {"a": 1.0, "b": 2, "word": "cat"}) is truth


@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').system('x')",
        "a.__class__",
        "a[0]",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "f'{a}'",
        "a if b else c",
        "a ** 9",
        "{1: 2}",
        "a := 1",
        "print(a)",
    ],
)
def test_code_is_refused(code: str) -> None:
    with pytest.raises(AuthorError):
        holds(code, {"a": 1, "b": 2, "c": 3})


def test_a_misspelt_field_says_what_was_meant() -> None:
    with pytest.raises(AuthorError, match=r"^unknown field 'wieght'; did you mean 'weight'\?$"):
        holds("wieght > 1", {"weight": 1.0})


def test_dividing_by_zero_is_the_authors_error() -> None:
    with pytest.raises(AuthorError, match="cannot be computed"):
        holds("1 / a > 0", {"a": 0})


def test_names_are_found() -> None:
    assert names_in("a < 2 * b and not c") == {"a", "b", "c"}


@given(st.text(max_size=60))
def test_any_text_is_computed_or_refused_with_one_line(text: str) -> None:
    try:
        evaluate(text or "1", {"a": 1.0})
    except AuthorError as error:
        assert str(error)
