"""A beam finds what trying every output finds, best first, and stopping early loses nothing."""

from __future__ import annotations

import pytest
import torch
from oracles import random_tokens, small_model
from plain_writing import (
    BOTH,
    TINY,
    every_output,
    log_probability,
    rank,
    small_vocabulary,
    start_from,
    whole,
)
from torch import Tensor

from model.generation import Generated, beam_search, greedy
from model.tokenizer import END
from model.transformer import Transformer


@BOTH
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_a_wide_beam_finds_the_best_of_all_outputs(layers: tuple[int, int], seed: int, length_penalty: float) -> None:
    model, limit = small_vocabulary(seed, layers), 4
    begin = start_from(layers, random_tokens(1, 4, seed, TINY), [])
    outputs = [Generated(ids, log_probability(model, begin, ids)) for ids in every_output(limit)]
    assert sum(torch.tensor([o.log_probability for o in outputs]).exp()) == pytest.approx(1.0, abs=1e-5)
    outputs.sort(key=lambda found: rank(found, length_penalty), reverse=True)
    width = (TINY - 1) ** limit
    found = beam_search(model, width=width, length_penalty=length_penalty, max_new=limit, **begin)
    assert [f.ids for f in found[:5]] == [o.ids for o in outputs[:5]]
    for f, o in zip(found[:5], outputs[:5], strict=True):
        assert f.log_probability == pytest.approx(o.log_probability, rel=1e-12)


@BOTH
@pytest.mark.parametrize("length_penalty", [0.6, 2.0])
@pytest.mark.parametrize("seed", range(5))
def test_stopping_early_loses_nothing_that_a_beam_of_that_width_would_find(
    layers: tuple[int, int], seed: int, length_penalty: float
) -> None:
    model, limit, width = small_vocabulary(seed, layers), 6, 2
    begin = start_from(layers, random_tokens(1, 4, seed, TINY), [])
    found = beam_search(model, width=width, length_penalty=length_penalty, max_new=limit, **begin)[0]
    assert found.ids == plain_beam(model, begin, width, length_penalty, limit).ids


def plain_beam(
    model: Transformer, begin: dict[str, Tensor | None], width: int, length_penalty: float, limit: int
) -> Generated:
    """A beam that never stops before the limit, one hypothesis at a time."""
    live, done = [Generated((), 0.0)], []
    for length in range(1, limit + 1):
        grown = []
        for parent in live:
            scores = whole(model, begin, (*parent.ids, 0)).logits[0, -1].log_softmax(-1)
            grown += [
                Generated((*parent.ids, id_), parent.log_probability + score)
                for id_, score in enumerate(scores.tolist())
            ]
        grown.sort(key=lambda found: found.log_probability, reverse=True)
        best = grown[: 2 * width]
        done += [g for g in best if g.ids[-1] == END or length == limit]
        live = [g for g in best if g.ids[-1] != END][:width]
    return max(done, key=lambda found: rank(found, length_penalty))


def test_a_beam_of_one_is_never_less_likely_than_greedy() -> None:
    for seed in range(5):
        model, source = small_model(seed), random_tokens(1, 5, seed)
        (found,) = beam_search(model, source, 1, 0.0, max_new=7)
        # A beam of one still compares its first finished output with what it could have gone on to write.
        assert found.log_probability >= greedy(model, source, max_new=7)[0].log_probability - 1e-12


def test_a_beams_outputs_come_best_first_and_differ() -> None:
    found = beam_search(small_model(), random_tokens(1, 5), 4, 0.6, max_new=6)
    assert len({output.ids for output in found}) == len(found) == 4
    ranks = [rank(output, 0.6) for output in found]
    assert ranks == sorted(ranks, reverse=True)
