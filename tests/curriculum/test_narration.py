"""Text with fields is filled with what the result holds, and a learner's words are never read as text with fields."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tutor.curriculum.narration import fill, narrate
from tutor.curriculum.tree import Branch
from tutor.errors import AuthorError


@dataclass(frozen=True)
class Result:
    token: str = "cat"
    weight: float = 0.876
    parts: tuple[float, ...] = ()


def test_fields_are_filled_in_their_formats() -> None:
    assert fill("{token}: {weight:.0%}", {"token": "cat", "weight": 0.876}) == "cat: 88%"


@pytest.mark.parametrize(
    ("share", "told"), [(0.0, "0%"), (0.0004, "<1%"), (0.006, "1%"), (0.994, "99%"), (0.9996, ">99%"), (1.0, "100%")]
)
def test_a_share_is_never_rounded_to_none_or_all(share: float, told: str) -> None:
    assert fill("{share:.0%}", {"share": share}) == told


def test_a_learners_braces_stay_braces() -> None:
    assert fill("{token} here", {"token": "{weight.__class__}", "weight": 1.0}) == "{weight.__class__} here"


@pytest.mark.parametrize("template", ["{token.upper}", "{token[0]}", "{0}", "{}", "{token!r}", "{weight:{token}}"])
def test_only_plain_fields_can_be_named(template: str) -> None:
    with pytest.raises(AuthorError):
        fill(template, {"token": "cat", "weight": 1.0})


def test_a_loose_brace_is_named() -> None:
    with pytest.raises(AuthorError, match="loose brace"):
        fill("a { b", {})


def test_the_first_branch_that_holds_is_told() -> None:
    branches = (Branch("weight > 0.9", "much"), Branch("weight > 0.5", "half of {token}"), Branch("", "little"))
    assert narrate(branches, Result()) == "half of cat"
    assert narrate(branches, Result(weight=0.1)) == "little"


def test_lists_are_not_fields_of_a_text() -> None:
    with pytest.raises(AuthorError, match="unknown field 'parts'"):
        narrate((Branch("", "{parts}"),), Result())


def test_a_format_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(AuthorError, match=r"asks for more than 200 characters; make its number smaller$"):
        fill("{layer:>99999999999}", {"layer": 1})
