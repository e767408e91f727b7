"""From a result to text: the dispatch on its type, and the printing of what its view wrote."""

from __future__ import annotations

import functools
import io

from rich.console import Console, RenderableType
from rich.text import Text

from tutor.views import theme
from tutor.views.lettering import one_cell_for_one, pad, spelt_out
from tutor.views.page import Bar, Column, Page, Part, listing

__all__ = ["Bar", "Column", "Page", "Part", "listing", "pad", "render", "show_demo", "to_text", "view"]


@functools.singledispatch
def view(result: object, page: Page) -> None:
    """Write `result` on `page`. Each module of this package registers one kind of result."""
    raise TypeError(f"no view for {type(result).__name__}; add a module to tutor/views")


def render(result: object, *, width: int, ascii: bool = False, brief: bool = False) -> RenderableType:
    """The picture of an experiment's result, laid out for `width` cells; `brief`, without what can wait."""
    from tutor.views.registry import load

    load(result)
    page = Page(width, ascii, brief)
    view(result, page)
    return page.finish()


def to_text(renderable: RenderableType, width: int, color: bool = False, ascii: bool = False) -> str:
    """A renderable as text: plain, or with colour codes; for ASCII, with its signs spelt out."""
    if ascii and isinstance(renderable, Text):
        renderable = spelt_out(renderable)
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        theme=theme.chosen(),
        force_terminal=color,
        color_system="truecolor" if color else None,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )
    console.print(renderable)
    text = "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").split("\n"))
    return one_cell_for_one(text) if ascii else text


def show_demo(*results: object) -> None:
    """Print results at the widths that matter: what `python -m tutor.views.<name>` does."""
    from tutor.views.registry import load

    console = Console(theme=theme.chosen())
    for result in results:
        load(result)
        for width in sorted({40, min(80, console.width), console.width}):
            if width <= console.width:
                console.rule(f"{type(result).__name__} at {width}")
                console.print(render(result, width=width))
