"""Writing done the plain way, for the tests: the whole model again for every token, every output there is."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
import torch
from oracles import shaped
from torch import Tensor

from model.edits import Edit
from model.errors import EditError
from model.generation import Generated
from model.tokenizer import END, START
from model.trace import Trace
from model.transformer import Transformer

TINY = 5
"""Entries of a vocabulary small enough to try every output."""
BOTH = pytest.mark.parametrize("layers", [(1, 2), (0, 2)], ids=["encoder-decoder", "decoder only"])


def small_vocabulary(seed: int, layers: tuple[int, int] = (1, 1)) -> Transformer:
    return shaped(layers, seed, vocabulary_size=TINY)


def start_from(layers: tuple[int, int], source: Tensor, prompt: list[int]) -> dict[str, Tensor | None]:
    """What a model of these layers begins with; the prompt follows the start mark."""
    rows = source.size(0)
    return {"source": source if layers[0] else None, "prompt": torch.tensor([[START, *prompt]] * rows)}


@torch.no_grad()
def whole(
    model: Transformer, begin: dict[str, Tensor | None], ids: tuple[int, ...], edits: Sequence[Edit] = ()
) -> Trace:
    """The full run over everything but the last of `ids`, without the edits where they have nothing to do yet."""
    written = torch.cat([begin["prompt"], torch.tensor([ids[:-1]], dtype=torch.long)], dim=1)
    try:
        return model(begin["source"], written, edits=edits)
    except EditError:
        return model(begin["source"], written)


def log_probability(model: Transformer, begin: dict[str, Tensor | None], ids: tuple[int, ...]) -> float:
    """ln p of one output, computed in one go from the whole model."""
    logits = whole(model, begin, ids).logits[0, -len(ids) :]
    return logits.log_softmax(-1).gather(1, torch.tensor(ids).unsqueeze(1)).sum().item()


def plain_greedy(
    model: Transformer, begin: dict[str, Tensor | None], limit: int, edits: Sequence[Edit] = ()
) -> tuple[int, ...]:
    written: list[int] = []
    while len(written) < limit and written[-1:] != [END]:
        written.append(int(whole(model, begin, (*written, 0), edits).logits[0, -1].argmax()))
    return tuple(written)


def every_output(limit: int) -> list[tuple[int, ...]]:
    """All that may be written: ended by the end mark, or cut by the limit."""
    others = [id_ for id_ in range(TINY) if id_ != END]
    ended = [(*ids, END) for length in range(limit) for ids in itertools.product(others, repeat=length)]
    return ended + list(itertools.product(others, repeat=limit))


def rank(found: Generated, length_penalty: float) -> float:
    return found.log_probability / ((5 + len(found.ids)) / 6) ** length_penalty
