"""Coloured text as a picture of a terminal: SVG, or PNG drawn from it. It has its own ground, dark or light."""

from __future__ import annotations

import io

from tutor.errors import LearnerError

ZOOM = 2
"""Pixels for each unit of the drawing, so that letters are sharp on paper and on fine screens."""
MONOSPACE = (
    *("DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono", "Menlo", "Consolas", "Cascadia Mono", "Ubuntu Mono"),
    *("FreeMono", "Courier New"),
)
"""Fonts of equal width that systems bring along; those that have shaded blocks first."""


def svg_of(text: str, width: int) -> str:
    """A picture of `text`, which may hold colour codes, `width` columns wide, on the ground that colours are for."""
    from rich.console import Console
    from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
    from rich.text import Text

    from tutor.views import theme

    console = Console(record=True, file=io.StringIO(), width=width, force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(text))
    ground = DEFAULT_TERMINAL_THEME if theme.chosen() is theme.LIGHT else SVG_EXPORT_THEME
    return console.export_svg(title="attention-tutor", theme=ground)


def png_of(svg: str) -> bytes:
    """The same drawn in pixels. Raises `LearnerError` where resvg is not installed or finds no font."""
    try:
        import resvg_py
    except ImportError:
        raise LearnerError("a .png needs resvg-py; install it with `pip install resvg-py`, or name a .svg") from None
    letters = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        '<text y="9" font-family="monospace">{}</text></svg>'
    )
    for family in MONOSPACE:
        drawn, blank = (resvg_py.svg_to_bytes(svg_string=letters.format(x), monospace_family=family) for x in ("█", ""))
        if drawn != blank:
            return bytes(resvg_py.svg_to_bytes(svg_string=svg, monospace_family=family, zoom=ZOOM))
    raise LearnerError("a .png needs a font of equal width, and none was found; name a .svg instead")
