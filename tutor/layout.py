"""Plain text in columns that fit the terminal, without loading what draws pictures."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from tutor.settings import settings


def terminal_width() -> int:
    """Columns of the terminal, or 80 where there is none; no more than the settings allow."""
    columns = shutil.get_terminal_size((80, 24)).columns
    return max(20, min(columns, settings().width or columns))


def two_columns(rows: Iterable[tuple[str, str]], left: int, width: int) -> str:
    """Names in a column of `left` and what they are beside it, wrapped; below it where the page is narrow."""
    lines: list[str] = []
    for name, text in rows:
        if width - left < 24:
            lines += [name, *_wrapped(text, width, " " * 4)]
            continue
        first, *more = _wrapped(text, width, " " * left) or [""]
        start = f"{name:<{left}}" if len(name) < left else f"{name} "
        lines += [start + first.lstrip() if len(start) + len(first.lstrip()) <= width else f"{name}\n{first}", *more]
    return "\n".join(line.rstrip() for line in lines)


def paragraphs(texts: Sequence[str], width: int) -> str:
    """Each text wrapped, one after the other."""
    return "\n".join(line for text in texts for line in _wrapped(text, width, "") or [""])


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False
    )
