"""A learner's text with everything that could act on a terminal taken out.

Escape sequences are removed whole: leaving their printable tail behind would put '[31m' into a sentence.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_TURN = 4000
"""Characters: far above any question, far below what would slow the reader down."""

_ESCAPES = re.compile(
    r"""
      (?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?        # operating system commands: titles, links, clipboard
    | (?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?  # device control and other strings
    | (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?                           # control sequences: colours, cursor
    | \x1b[ -/]*[0-~]?                                            # everything else that starts with escape
    """,
    re.VERBOSE,
)
_KEPT_FORMATS = "\u200c\u200d"  # the joiners inside Persian words and emoji; other format marks can reorder a line


def clean(text: str) -> str:
    """`text` on one line, without escapes, control characters, direction marks or lone surrogates."""
    return " ".join(_harmless(text, "").split())


def harmless(text: str) -> str:
    """`text` in its lines, without what `clean` takes out: for what stands in a file."""
    # Nearly all text is; asking so is a hundred times faster than looking at each character.
    return text if text.replace("\n", "").isprintable() else _harmless(text, "\n\t")


def _harmless(text: str, kept_controls: str) -> str:
    text = _ESCAPES.sub("", text)
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if character in kept_controls:
            kept.append(character)
        elif category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif category == "Cs":
            kept.append("\ufffd")
        elif category == "Cf" and character not in _KEPT_FORMATS:
            continue
        else:
            kept.append(character)
    return "".join(kept)


_MARKED = re.compile(r"`([^`\n]+)`|(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")


def starred(text: str) -> str:
    """Lesson prose as it is read where there are no styles; the same as `tutor.views.prose.starred`."""
    return _MARKED.sub(lambda found: found[1] or found[0], text)


def plain(text: str) -> str:
    """Lesson prose without its marks; the same as `tutor.views.prose.plain`, which needs rich."""
    return _MARKED.sub(lambda found: found[1] or found[2], text)
