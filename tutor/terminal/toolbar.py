"""The line at the bottom: sentence, layer and head in force."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.styles import Style

STYLE = Style.from_dict({"bottom-toolbar": "noreverse", "bottom-toolbar.text": "noreverse", "toolbar": "fg:#808080"})
"""The grey can be read on dark and on light."""


def toolbar(status: Callable[[], str]) -> Callable[[], StyleAndTextTuples]:
    """What prompt-toolkit asks for at each redraw."""

    def draw() -> StyleAndTextTuples:
        return [("class:toolbar", status())]

    return draw
