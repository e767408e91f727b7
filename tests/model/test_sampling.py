"""Tokens are drawn as often as the model's probabilities say, after temperature and top-k, and a seed repeats them."""

from __future__ import annotations

import pytest
import torch
from oracles import random_tokens, shaped, small_model
from plain_writing import (
    BOTH,
    TINY,
    log_probability,
    small_vocabulary,
    start_from,
    whole,
)

from model.generation import greedy, sample


@BOTH
@pytest.mark.parametrize(("temperature", "top_k"), [(1.0, None), (0.5, None), (2.0, 3), (1.0, 2)])
def test_tokens_are_drawn_as_often_as_their_probability_says(
    layers: tuple[int, int], temperature: float, top_k: int | None
) -> None:
    model, rows = small_vocabulary(3, layers), 4000
    begin = start_from(layers, random_tokens(1, 4, 3, TINY).expand(rows, -1), [3])
    found = sample(model, max_new=1, temperature=temperature, top_k=top_k, **begin)
    one = {name: None if tensor is None else tensor[:1] for name, tensor in begin.items()}
    expected = (whole(model, one, (0,)).logits[0, -1] / temperature).softmax(-1)
    if top_k is not None:
        expected[expected.argsort(descending=True)[top_k:]] = 0.0
        expected /= expected.sum()
    counted = torch.tensor([output.ids[0] for output in found]).bincount(minlength=TINY) / rows
    deviation = (expected * (1 - expected) / rows).sqrt()
    assert ((counted - expected).abs() <= 4 * deviation + 1e-12).all(), f"drawn {counted}, expected {expected}"
    assert (counted[expected == 0] == 0).all()


@BOTH
def test_a_seed_gives_the_same_text_again_and_another_one_another(layers: tuple[int, int]) -> None:
    model, begin = shaped(layers, 1), start_from(layers, random_tokens(1, 6), [])
    written = [sample(model, max_new=8, seed=seed, **begin)[0] for seed in (7, 7, 8)]
    assert written[0] == written[1]
    assert written[0].ids != written[2].ids


@BOTH
def test_one_candidate_or_no_warmth_is_greedy(layers: tuple[int, int]) -> None:
    model, begin = shaped(layers, 2), start_from(layers, random_tokens(1, 6), [4])
    (expected,) = greedy(model, max_new=8, **begin)
    assert sample(model, max_new=8, top_k=1, **begin)[0].ids == expected.ids
    assert sample(model, max_new=8, temperature=1e-4, **begin)[0].ids == expected.ids


def test_what_is_drawn_keeps_the_models_own_probability() -> None:
    model, begin = small_model(1), start_from((2, 3), random_tokens(1, 6), [])
    (found,) = sample(model, max_new=6, temperature=3.0, top_k=5, **begin)
    assert found.log_probability == pytest.approx(log_probability(model, begin, found.ids), rel=1e-12)
