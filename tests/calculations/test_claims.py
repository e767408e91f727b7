"""What a learner states in numbers is conceded where it is right, and answered with the arithmetic where it is not."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as draw

from tutor.calculations.claims import claim


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("0.8+0.3 is not 1", "Right: 0.8 + 0.3 = 1.1."),
        ("but 0.8 + 0.3 is 1", "Not quite: 0.8 + 0.3 = 1.1, not 1."),
        ("44% and 39% make 83%", "Right: 44% + 39% = 83%."),
        ("44% and 39% don't make 83%", "It is: 44% + 39% = 83%."),
        ("1/7 is 14%", "Right: 1 / 7 = 0.1429."),
        ("2.13 bits is about four tokens", "Right: 2.13 bits are as spread out as 2^2.13 ≈ 4.4 equally likely tokens."),
        ("3 bits means 4 tokens", "Not quite: 3 bits are as spread out as 2^3 ≈ 8.0 equally likely tokens, not 4."),
        ("four words are 2 bits", "Right: four equally likely tokens have log2(4) ≈ 2.00 bits."),
        ("0.31 nats is 73%", "Right: a loss of 0.31 nats is a probability of e^−0.31 ≈ 73%."),
    ],
)
def test_a_statement_is_judged_with_its_arithmetic(text: str, line: str) -> None:
    found = claim(text)
    assert found is not None and found.line == line


@pytest.mark.parametrize(
    "text",
    ["softmax of 1 and 2 is 0.73", "layer 2 and 3 are off", "d_model=512", "show layer 2 head 1", "heads 1 and 3", "",
     "1/0 is 3", "why is it 0.4?"],
)  # fmt: skip
def test_what_states_no_arithmetic_is_left_alone(text: str) -> None:
    assert claim(text) is None


@given(a=draw.integers(0, 999), b=draw.integers(0, 999), off=draw.sampled_from([0, 1, -7]))
def test_a_sum_holds_exactly_where_it_is_the_sum(a: int, b: int, off: int) -> None:
    found = claim(f"{a} + {b} = {abs(a + b + off)}")
    assert found is not None and found.holds == (abs(a + b + off) == a + b)


@given(bits=draw.floats(0.5, 6))
def test_bits_are_as_many_tokens_as_two_to_their_power(bits: float) -> None:
    found = claim(f"{bits:.2f} bits is about {round(2 ** float(f'{bits:.2f}'), 1)} tokens")
    assert found is not None and found.holds and math.isclose(float(found.said), 2**bits, rel_tol=0.1)
