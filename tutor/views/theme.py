"""How views look: every style has its name in one table, so that a theme can be swapped whole.

Shares run along one hue, from faint to full, and blue is set against orange for signs: both hold for
every common kind of colour blindness. Colour never carries anything alone; each picture also has glyph
shades or numbers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.theme import Theme

from tutor.settings import settings

# One hue; each step is lighter than the one before, for dark terminals.
_DARK = ("#0a1a2f", "#0f2a4a", "#143a66", "#1b4d85", "#2461a3", "#3277bf", "#4a90d9", "#6daae8", "#98c6f3", "#c6e2fc")
_LIGHT = tuple(reversed(_DARK))

_COMMON = {
    "view.title": "bold",
    "view.note": "dim",
    "view.axis": "italic",
    "view.head": "dim",
    "view.label": "none",
    "view.mark": "bold",
    "view.number": "none",
    "view.strong": "bold",
    "prose.word": "bold italic",
    "prose.code": "bold cyan",
}

_FOR_DARK = {"view.bar": "#4a90d9", "view.positive": "#4a90d9", "view.negative": "#e69f00", "view.new": "bold #6daae8"}
_FOR_LIGHT = {"view.bar": "#1b4d85", "view.positive": "#1b4d85", "view.negative": "#a85c00", "view.new": "bold #1b4d85"}


def _scale(colours: tuple[str, ...], ink_from: int) -> dict[str, str]:
    """`heat.N`: a cell with N tenths, number on colour; `ink.N`: a glyph in that colour."""
    styles = {}
    for step, colour in enumerate(colours):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        text = "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 125 else "#ffffff"
        styles[f"heat.{step}"] = f"{text} on {colour}"
        # The faintest inks would vanish into the background: they start a little further along.
        styles[f"ink.{step}"] = colours[max(step, ink_from)]
    return styles


STYLES: dict[str, str] = {**_COMMON, **_FOR_DARK, **_scale(_DARK, ink_from=4)}
LIGHT_STYLES: dict[str, str] = {**_COMMON, **_FOR_LIGHT, **_scale(_LIGHT, ink_from=4)}

DARK = Theme(STYLES)
LIGHT = Theme(LIGHT_STYLES)


def chosen() -> Theme:
    """The theme that the settings name, or else the one for this terminal."""
    named = {"light": LIGHT, "dark": DARK}
    return named.get(settings().theme) or for_terminal(os.environ)


def for_terminal(environ: Mapping[str, str]) -> Theme:
    """The theme for the terminal's background, where it tells (COLORFGBG, last number 7 or 15 is light)."""
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if background in ("7", "15") else DARK


SHADES = "·░▒▓█"
SHADE_FROM = (0.0, 0.05, 0.2, 0.4, 0.7)
"""Each shade of `SHADES` begins at this share."""
SHADE_LEGEND = ("· under 5%", "░ from 5%", "▒ from 20%", "▓ from 40%", "█ from 70%")

ASCII_SHADES = " .:-=+*#%@"
"""One shade a tenth."""
ASCII_SHADE_LEGEND = ("[ .:-=+*#%@]", "blank: under 10%", "then one sign", "for each 10%")


def shade(share: float, ascii: bool = False) -> str:
    """The glyph for a share from 0 to 1."""
    if ascii:
        return ASCII_SHADES[tenth(share)]
    return SHADES[max(step for step, start in enumerate(SHADE_FROM) if share >= start or step == 0)]


def tenth(share: float) -> int:
    """Which of the ten steps of the scale a share from 0 to 1 falls on."""
    return min(9, max(0, int(share * 10)))
