"""What stands on the screen, as far as a request can mean it: 'that head', 'the same word', 'the one at the top'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.dialogue.types import State

SHOWN: Mapping[str, tuple[str, ...]] = {
    "part": ("part",), "layer": ("layer",), "head": ("head",), "word": ("query_word", "output_word", "word", "token"),
    "key": ("key_word",),
}  # fmt: skip
"""Kind of slot -> the fields of a result that 'that head' or 'the same word' may mean, the first that it has."""
RANKED = ("rank-heads", "looked-at")
"""The experiments that list heads, the one that counts most first."""


def on_screen(kind: str, state: State, *, last: bool = False) -> Any:
    """The part, layer, head or word of the last picture, None where it has none; of a ranking the first or the last."""
    result = state.last_run.result if state.last_run else None
    ranked = getattr(result, "heads", ()) if state.last_run and state.last_run.experiment in RANKED else ()
    of = (ranked[-1 if last else 0], result) if ranked else (result,)
    return next((found for one in of for name in SHOWN.get(kind, ()) if (found := getattr(one, name, None))), None)
