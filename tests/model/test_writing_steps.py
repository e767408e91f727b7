"""Each kept step of writing holds the run that it came from, what was compared and what was taken."""

from __future__ import annotations

import pytest
import torch
from oracles import largest, random_tokens, shaped
from plain_writing import (
    BOTH,
    TINY,
    log_probability,
    small_vocabulary,
    start_from,
    whole,
)

from model.generation import LISTED, Step, beam_search, greedy, sample
from model.tokenizer import END
from model.trace import named_values


@BOTH
@pytest.mark.parametrize("how", ["greedy", "sample"])
def test_each_step_holds_the_run_the_distribution_and_the_choice(layers: tuple[int, int], how: str) -> None:
    model, begin = shaped(layers, 2), start_from(layers, random_tokens(1, 6), [4])
    steps: list[Step] = []
    options = {"temperature": 1.7, "top_k": 4, "seed": 3} if how == "sample" else {}
    write = sample if how == "sample" else greedy
    (found,) = write(model, max_new=7, steps=steps, **options, **begin)
    assert found.ids == write(model, max_new=7, **options, **begin)[0].ids
    assert len(steps) == len(found.ids)
    for count, step in enumerate(steps, start=1):
        expected = whole(model, begin, found.ids[:count])
        for (path, value), (_, there) in zip(named_values(expected), named_values(step.trace), strict=True):
            assert torch.equal(value, there), path
        shares = (expected.logits[0, -1] / options.get("temperature", 1.0)).softmax(-1)
        kept = shares.argsort(descending=True)[: options.get("top_k", LISTED)]
        if how == "sample":
            shares = torch.zeros_like(shares).scatter(0, kept, shares[kept] / shares[kept].sum())
        assert largest(step.distribution[0] - shares) <= 1e-13
        assert [candidate.ids[-1] for candidate in step.candidates] == kept.tolist()
        for candidate in (*step.candidates, *step.chosen):
            assert candidate.ids[:-1] == found.ids[: count - 1]
            assert candidate.probability == pytest.approx(shares[candidate.ids[-1]].item(), rel=1e-12)
            assert candidate.log_probability == pytest.approx(log_probability(model, begin, candidate.ids), rel=1e-12)
        assert [choice.ids for choice in step.chosen] == [found.ids[:count]]
        assert [done.ids for done in step.finished] == ([found.ids] if found.ids[:count][-1] == END else [])


@BOTH
def test_each_step_of_a_beam_holds_the_open_outputs_and_what_they_grew_from(layers: tuple[int, int]) -> None:
    model, width = small_vocabulary(4, layers), 3
    begin = start_from(layers, random_tokens(1, 4, 4, TINY), [3])
    steps: list[Step] = []
    found = beam_search(model, width=width, max_new=5, steps=steps, **begin)
    assert [output.ids for output in found] == [o.ids for o in beam_search(model, width=width, max_new=5, **begin)]
    before: tuple[tuple[int, ...], ...] = ((),)
    for step in steps:
        assert step.distribution.shape == (len(before), TINY)
        for row, ids in enumerate(before):
            expected = whole(model, begin, (*ids, 0))
            assert largest(step.trace.probabilities[row] - expected.probabilities[0]) <= 1e-13
            assert largest(step.distribution[row] - expected.probabilities[0, -1]) <= 1e-13
        for candidate in step.candidates:
            assert candidate.ids[:-1] == before[candidate.parent]
            assert candidate.log_probability == pytest.approx(log_probability(model, begin, candidate.ids), rel=1e-12)
            share = step.distribution[candidate.parent, candidate.ids[-1]].item()
            assert candidate.probability == pytest.approx(share, rel=1e-12)
        everything = [c.log_probability for c in step.candidates]
        assert everything == sorted(everything, reverse=True)
        open_ones = [c for c in step.candidates if c.ids[-1] != END]
        assert step.chosen == (() if step is steps[-1] and len(open_ones[0].ids) == 5 else tuple(open_ones[:width]))
        before = tuple(c.ids for c in step.chosen)
    assert list(steps[-1].finished) == found
    assert any(step.finished for step in steps[:-1]), "no output ended early: choose another seed"
