"""A rule told for a learner's own numbers: which turn gives them, what is said, and what an author is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.calculations.asked import Asked
from tutor.curriculum.case_linter import check_case
from tutor.curriculum.cases import bound, told_for
from tutor.curriculum.loader import load_library
from tutor.curriculum.tree import Branch, Case
from tutor.understanding.forms import named_numbers, numbers_in

SHARED = Case(
    numbers={"d": ("d_model",), "h": ("heads",)},
    given={},
    made={"per": "d / h"},
    branches=(Branch("d % h == 0", "{d:,} / {h:,} = {per:,}"), Branch("", "{d:,} / {h:,} ≈ {per:.2f}")),
)
SIZED = Case({"n": ("tokens",), "b": ("bytes",)}, {"b": 4}, {"all": "n * n * b"}, (Branch("", "{all:,} bytes"),))


def asked(text: str) -> Asked:
    """A turn's numbers, as the reader finds them."""
    return Asked(numbers_in(text), named_numbers(text), {})


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ("mine has 6 heads and 300 dims", "300 / 6 = 50"),
        ("d_model=768, 12 heads", "768 / 12 = 64"),
        ("512 and 7?", "512 / 7 ≈ 73.14"),
        ("and a width of 512", ""),  # one is missing
        ("6 heads, 300 dims, 4 layers", ""),  # one has no place
        ("300 dims and 12 tokens", ""),  # tokens are no heads
        ("6 heads and 300.5 dims", ""),
        ("0 heads and 300 dims", ""),
        ("no numbers", ""),
    ],
)
def test_a_rule_is_worked_out_on_the_numbers_that_it_takes(turn: str, said: str) -> None:
    assert told_for(SHARED, asked(turn)) == said


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        ("10k?", "400,000,000 bytes"),
        ("1k tokens", "4,000,000 bytes"),
        ("and 10?", "400 bytes"),
        ("10 tokens in fp16", "200 bytes"),
        ("10 tokens, bytes 1", "100 bytes"),
    ],
)
def test_what_is_not_given_is_as_usual(turn: str, said: str) -> None:
    assert told_for(SIZED, asked(turn)) == said


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), max_size=4))
def test_no_numbers_break_a_rule(numbers: list[float]) -> None:
    values = bound(SHARED, Asked(tuple(numbers), {}, {}))
    assert values is None or list(values.values()) == numbers


@pytest.mark.parametrize(
    ("case", "code"),
    [
        (Case({"n": ("tokens",)}, {}, {}, (Branch("", "{n:,} of {m:,}"),)), "L011"),
        (Case({"n": ("tokens",)}, {}, {"m": "n / 0"}, (Branch("", "{m:,}"),)), "L011"),
        (Case({"n": ("sheep",)}, {}, {}, (Branch("", "{n:,}"),)), "L035"),
        (Case({"n": ("tokens",)}, {}, {"m": "n / 3"}, (Branch("", "{n:,} × 3 = {m:.1f}"),)), "L035"),
        (Case({"n": ("tokens",)}, {}, {}, (Branch("n > 1", "{n:,}"),)), "L009"),
    ],
)
def test_an_author_is_told_what_is_wrong(case: Case, code: str) -> None:
    assert [found.code for found in check_case(case, "test:1")][:1] == [code]


def test_every_bundled_rule_says_something_of_numbers() -> None:
    cases = [node.case for node in load_library().nodes.values() if node.case]
    assert len(cases) > 5 and [list(check_case(case, "")) for case in cases] == [[]] * len(cases)


def test_a_case_is_read_with_its_node(tmp_path: Path) -> None:
    path = tmp_path / "concepts" / "subject" / "mask.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "concept: mask\ntitle: Mask\nnames: [mask]\nnodes:\n  - id: mask.math\n    facet: math\n    ask: How many?\n"
        "    asked: [the number]\n    line: Many.\n    say: Many.\n    case:\n      numbers: {n: [tokens, keys]}\n"
        "      given: {b: 2}\n      let: {m: n * b}\n      narrate:\n        - {otherwise: true, say: '{m:,} bytes'}\n",
        "utf-8",
    )
    case = load_library(tmp_path).nodes["mask.math"].case
    assert case == Case({"n": ("tokens", "keys")}, {"b": 2.0}, {"m": "n * b"}, (Branch("", "{m:,} bytes"),))
