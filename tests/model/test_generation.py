"""Writing: greedy against a plain loop, the beam against trying every output there is."""

from __future__ import annotations

import itertools

import pytest
import torch
from oracles import padded_tokens, random_tokens, small_model

from model.edits import bypass, zero_head
from model.errors import EditError
from model.generation import (
    Generated,
    beam_search,
    cut_at_end,
    greedy,
    length_limit,
    next_token_log_probabilities,
)
from model.tokenizer import END, START
from model.transformer import Transformer

TINY = 5
"""Entries of a vocabulary small enough to try every output."""


def small_vocabulary(seed: int) -> Transformer:
    return small_model(seed, vocabulary_size=TINY, encoder_layers=1, decoder_layers=1)


def log_probability(model: Transformer, source: torch.Tensor, ids: tuple[int, ...]) -> float:
    """ln p of one output, computed in one go from the whole model."""
    with torch.no_grad():
        logits = model(source, torch.tensor([[START, *ids[:-1]]])).logits
    return logits.log_softmax(-1)[0].gather(1, torch.tensor(ids).unsqueeze(1)).sum().item()


def every_output(limit: int) -> list[tuple[int, ...]]:
    """All that may be written: ended by the end mark, or cut by the limit."""
    others = [id_ for id_ in range(TINY) if id_ != END]
    ended = [(*ids, END) for length in range(limit) for ids in itertools.product(others, repeat=length)]
    return ended + list(itertools.product(others, repeat=limit))


def rank(found: Generated, length_penalty: float) -> float:
    return found.log_probability / ((5 + len(found.ids)) / 6) ** length_penalty


@pytest.mark.parametrize("seed", range(4))
def test_greedy_is_a_plain_argmax_loop(seed: int) -> None:
    model = small_model(seed)
    source = random_tokens(1, 6, seed)
    written, total = [START], 0.0
    with torch.no_grad():
        while len(written) <= 9 and written[-1] != END:
            scores = model(source, torch.tensor([written])).logits[0, -1].log_softmax(-1)
            written.append(int(scores.argmax()))
            total += scores.max().item()
    (found,) = greedy(model, source, max_new=9)
    assert found.ids == tuple(written[1:])
    assert found.log_probability == pytest.approx(total, rel=1e-6)


def test_greedy_writes_the_same_for_a_sentence_in_a_batch() -> None:
    model = small_model(2)
    lengths = [7, 2, 5]
    source = padded_tokens(lengths)
    together = greedy(model, source, max_new=8)
    for row, length in enumerate(lengths):
        (alone,) = greedy(model, source[row : row + 1, :length], max_new=8)
        assert together[row].ids == alone.ids
        assert together[row].log_probability == pytest.approx(alone.log_probability, rel=1e-5)


def test_a_row_that_has_ended_stays_ended_and_gains_no_probability() -> None:
    for seed in range(20):
        model, source = small_vocabulary(seed), random_tokens(6, 4, seed, TINY)
        found = greedy(model, source, max_new=6)
        lengths = {len(row.ids) for row in found}
        for row, output in enumerate(found):
            assert END not in output.ids[:-1]
            expected = log_probability(model, source[row : row + 1], output.ids)
            assert output.log_probability == pytest.approx(expected, rel=1e-5)
        if len(lengths) > 1:
            return
    pytest.fail("no batch whose rows end at different times: nothing was tested")


def test_edits_reach_every_step() -> None:
    model, source = small_model(), random_tokens(1, 6)
    edit = zero_head("decoder.blocks.0.attention", 0)
    written = [START]
    with torch.no_grad():
        while len(written) <= 6 and written[-1] != END:
            written.append(int(model(source, torch.tensor([written]), edits=[edit]).logits[0, -1].argmax()))
    assert greedy(model, source, max_new=6, edits=[edit])[0].ids == tuple(written[1:])


def test_a_misspelt_edit_is_refused_before_anything_is_written() -> None:
    with pytest.raises(EditError, match=r"did you mean 'encoder\.output'"):
        greedy(small_model(), random_tokens(1, 3), edits=[bypass("encodr.output")])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("length_penalty", [0.0, 0.6, 1.0])
def test_a_wide_beam_finds_the_best_of_all_outputs(seed: int, length_penalty: float) -> None:
    model, source, limit = small_vocabulary(seed), random_tokens(1, 4, seed, TINY), 4
    outputs = [Generated(ids, log_probability(model, source, ids)) for ids in every_output(limit)]
    assert sum(torch.tensor([o.log_probability for o in outputs]).exp()) == pytest.approx(1.0, abs=1e-5)
    outputs.sort(key=lambda found: rank(found, length_penalty), reverse=True)
    width = (TINY - 1) ** limit
    found = beam_search(model, source, width, length_penalty, max_new=limit)
    assert [f.ids for f in found[:5]] == [o.ids for o in outputs[:5]]
    for f, o in zip(found[:5], outputs[:5], strict=True):
        assert f.log_probability == pytest.approx(o.log_probability, rel=1e-5)


@pytest.mark.parametrize("length_penalty", [0.6, 2.0])
@pytest.mark.parametrize("seed", range(8))
def test_stopping_early_loses_nothing_that_a_beam_of_that_width_would_find(seed: int, length_penalty: float) -> None:
    model, source, limit, width = small_vocabulary(seed), random_tokens(1, 4, seed, TINY), 6, 2
    found = beam_search(model, source, width, length_penalty, max_new=limit)[0]
    expected = plain_beam(model, source, width, length_penalty, limit)
    assert found.ids == expected.ids


def plain_beam(model: Transformer, source: torch.Tensor, width: int, length_penalty: float, limit: int) -> Generated:
    """A beam that never stops before the limit, one hypothesis at a time."""
    memory = model.encode(source).output
    live, done = [Generated((), 0.0)], []
    for length in range(1, limit + 1):
        grown = []
        for parent in live:
            prefix = torch.tensor([[START, *parent.ids]])
            scores = next_token_log_probabilities(model, prefix, source, memory)[0]
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
        assert found.log_probability >= greedy(model, source, max_new=7)[0].log_probability - 1e-5


def test_a_beams_outputs_come_best_first_and_differ() -> None:
    found = beam_search(small_model(), random_tokens(1, 5), 4, 0.6, max_new=6)
    assert len({output.ids for output in found}) == len(found) == 4
    ranks = [rank(output, 0.6) for output in found]
    assert ranks == sorted(ranks, reverse=True)


def test_no_output_is_longer_than_the_limit() -> None:
    model, source = small_model(1), random_tokens(2, 4)
    assert all(len(output.ids) <= 3 for output in greedy(model, source, max_new=3))
    assert all(len(output.ids) <= 3 for output in beam_search(model, source[:1], 3, max_new=3))
    longest = length_limit(model, source)
    assert all(len(output.ids) <= longest for output in greedy(model, source))


def test_the_limit_is_twice_the_source_and_ten_within_what_the_model_reads() -> None:
    model = small_model()
    assert model.config.max_tokens == 17
    assert length_limit(model, random_tokens(1, 2)) == 14
    assert length_limit(model, random_tokens(1, 9)) == 16


def test_ids_are_cut_after_the_first_end_mark() -> None:
    assert cut_at_end([7, END, 8, END]) == (7, END)
    assert cut_at_end([7, 8]) == (7, 8)
    assert cut_at_end([]) == ()
