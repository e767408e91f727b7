"""Rounding never turns a number into something untrue."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.views.numbers import general, noise, number, percent, percents, signed, spread, tight_percent


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


rows = st.lists(st.floats(0, 1), min_size=1, max_size=14).filter(lambda row: sum(row) > 0.01)


@given(rows)
def test_a_row_of_percents_adds_up_to_what_is_not_hidden_behind_a_sign(raw: list[float]) -> None:
    row = [value / sum(raw) for value in raw]
    shown = percents(row)
    hidden = sum(share for share, text in zip(row, shown, strict=True) if text[0] in "<>")
    off = abs(sum(int(text) for text in shown if text.isdigit()) - (math.fsum(row) - hidden) * 100)
    # What is hidden may just have given way, and of two or three cells none may.
    assert off <= 1.5 if "<1" in shown or len(row) < 4 else off < 0.51


@given(rows)
def test_no_percent_of_a_row_is_more_than_a_rounding_away_from_its_share(raw: list[float]) -> None:
    row = [value / sum(raw) for value in raw]
    for share, text in zip(row, percents(row), strict=True):
        assert (text == "0") == (share == 0)
        if text.isdigit():
            assert abs(int(text) - share * 100) <= 1.5


def test_of_a_row_the_cells_that_a_text_names_keep_their_own_rounding() -> None:
    row = (0.346, 0.336, 0.156, 0.162)
    assert percents(row) == ("35", "34", "15", "16")
    assert percents(row, named=[2])[2] == "16"
    assert percents((1 / 3,) * 3) == ("33", "33", "34")
    assert percents((-0.5, 1.2, 0.3)) == ("-50", "120", "30")
    assert percents((0.97, 0.004, 0.013, 0.013)) == ("97", "<1", "1", "2")
    assert percents((0.0, 1.0)) == ("0", "100")


@given(rows, st.data())
def test_what_a_text_names_has_the_same_value_in_the_picture(raw: list[float], data: st.DataObject) -> None:
    row = [value / sum(raw) for value in raw]
    named = data.draw(st.lists(st.integers(0, len(row) - 1), max_size=3))
    shown = percents(row, named)
    for place in named or sorted(range(len(row)), key=lambda place: -row[place])[:2]:
        assert shown[place] == tight_percent(row[place])


def test_of_several_small_shares_the_nearest_to_nothing_give_way() -> None:
    assert percents((0.946, 0.03, 0.006, 0.006, 0.006, 0.006)) == ("95", "3", "<1", "<1", "1", "1")


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
