"""Lesson text: `*word*` for a word of the sentence or emphasis, backticks for a command or a name."""

from __future__ import annotations

import re

from rich.text import Text

# A star that touches a space on its inner side is a multiplication sign, not emphasis.
_MARKED = re.compile(r"`([^`\n]+)`|(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")


def prose(text: str) -> Text:
    """`text` with its marks turned into styles; nothing else in it is markup."""
    styled = Text()
    end = 0
    for found in _MARKED.finditer(text):
        styled.append(text[end : found.start()])
        styled.append(found[1] or found[2], "prose.code" if found[1] else "prose.word")
        end = found.end()
    styled.append(text[end:])
    return styled


def starred(text: str) -> str:
    """`text` for where there are no styles: a marked word keeps its stars, or it reads as part of the sentence."""
    return _MARKED.sub(lambda found: found[1] or found[0], text)


def plain(text: str) -> str:
    """`text` without its marks."""
    return _MARKED.sub(lambda found: found[1] or found[2], text)
