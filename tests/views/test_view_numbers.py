"""Rounding never turns a number into something untrue."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.views.numbers import general, noise, number, percent, signed, spread, tight_percent


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "0%"),
        (1e-9, "<1%"),
        (0.004, "<1%"),
        (0.006, "1%"),
        (0.574, "57%"),
        (0.994, "99%"),
        (0.996, ">99%"),
        (1 - 1e-9, ">99%"),
        (1.0, "100%"),
        (math.nan, "?%"),
    ],
)
def test_percent(share: float, shown: str) -> None:
    assert percent(share) == shown


@given(st.floats(0, 1))
def test_only_nothing_is_shown_as_0_and_only_everything_as_100(share: float) -> None:
    assert (tight_percent(share) == "0") == (share == 0)
    assert (tight_percent(share) == "100") == (share == 1)
    assert len(tight_percent(share)) <= 3


def test_what_only_rounding_makes_is_called_that() -> None:
    assert noise(8.9e-8) == "0 (rounding)"
    assert (noise(0.0), noise(0.25)) == ("0", "0.250")


def test_bits_say_what_they_are() -> None:
    assert spread(1.3, 8) == "1.30 bits (0: all on one, 3.00: even)"
    assert spread(0.0, 1) == "0 bits (0: all on one)"


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (0.25, 3, "0.250"),
        (0.0004, 3, "0.0004"),
        (0.00002, 3, "2e-5"),
        (-0.00002, 3, "-2e-5"),
        (12.345, 2, "12.3"),
        (123.456, 3, "123.5"),
        (1234.5, 2, "1234"),
        (12345.6, 2, "12,346"),
        (-math.inf, 3, "-inf"),
        (math.nan, 3, "?"),
    ],
)
def test_number(value: float, places: int, shown: str) -> None:
    assert number(value, places) == shown


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(2, 5))
def test_a_number_that_is_not_zero_is_not_shown_as_zero(value: float, places: int) -> None:
    shown = float(number(value, places).replace(",", ""))
    assert (shown == 0) == (value == 0)
    assert math.isclose(shown, value, rel_tol=0.51, abs_tol=0)


def test_signed_and_general() -> None:
    assert signed(0.5) == "+0.50"
    assert signed(-0.5) == "-0.50"
    assert signed(0) == "0"
    assert general(8.0, 4) == "8"
    assert general(1e-4) == "0.0001"
