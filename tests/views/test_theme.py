"""Shades and themes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from tutor.settings import Settings
from tutor.views import theme, to_text


@given(st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_larger_share_never_has_a_fainter_shade(one: float, other: float, ascii: bool) -> None:
    shades = theme.ASCII_SHADES if ascii else theme.SHADES
    less, more = sorted((one, other))
    assert shades.index(theme.shade(less, ascii)) <= shades.index(theme.shade(more, ascii))


def test_the_legend_says_where_each_shade_begins() -> None:
    for glyph, start, text in zip(theme.SHADES[1:], theme.SHADE_FROM[1:], theme.SHADE_LEGEND[1:], strict=True):
        assert text == f"{glyph} from {start:.0%}"
        assert theme.shade(start) == glyph
        assert theme.shade(start - 1e-6) != glyph


def test_a_light_terminal_gets_the_light_theme() -> None:
    assert theme.for_terminal({"COLORFGBG": "0;15"}) is theme.LIGHT
    assert theme.for_terminal({"COLORFGBG": "15;0"}) is theme.DARK
    assert theme.for_terminal({}) is theme.DARK


def test_pictures_are_drawn_for_the_ground_that_they_stand_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn() -> str:
        return to_text(Text("half", style="heat.0"), 80, color=True)

    monkeypatch.setattr(theme, "settings", Settings)
    monkeypatch.setenv("COLORFGBG", "15;0")
    dark = drawn()
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert drawn() != dark
    monkeypatch.setattr(theme, "settings", lambda: Settings(theme="dark"))  # what was set goes before what is told
    assert drawn() == dark
