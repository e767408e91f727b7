"""Greedy writing is a plain argmax loop: in batches, under edits, and with nothing computed twice."""

from __future__ import annotations

import pytest
import torch
from oracles import largest, padded_tokens, random_tokens, shaped, small_model
from plain_writing import (
    BOTH,
    TINY,
    log_probability,
    plain_greedy,
    small_vocabulary,
    start_from,
)
from torch import Tensor

from model import edits as make
from model import generation
from model.edits import Edit
from model.errors import EditError
from model.generation import Generated, beam_search, greedy, rewrite, sample
from model.next_token import NextToken
from model.tokenizer import END, START


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("seed", range(4))
def test_greedy_is_a_plain_argmax_loop(layers: tuple[int, int], dtype: torch.dtype, seed: int) -> None:
    model = shaped(layers, seed, dtype)
    begin = start_from(layers, random_tokens(1, 6, seed), [5, 9, 7][: seed % 4])
    (found,) = greedy(model, max_new=9, **begin)
    assert found.ids == plain_greedy(model, begin, 9)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    assert found.log_probability == pytest.approx(log_probability(model, begin, found.ids), rel=tolerance)


def test_greedy_writes_the_same_for_a_sentence_in_a_batch() -> None:
    model = small_model(2)
    lengths = [7, 2, 5]
    source = padded_tokens(lengths)
    together = greedy(model, source, max_new=8)
    for row, length in enumerate(lengths):
        (alone,) = greedy(model, source[row : row + 1, :length], max_new=8)
        assert together[row].ids == alone.ids
        assert together[row].log_probability == pytest.approx(alone.log_probability, rel=1e-12)


def test_a_row_that_has_ended_stays_ended_and_gains_no_probability() -> None:
    for seed in range(20):
        model, source = small_vocabulary(seed), random_tokens(6, 4, seed, TINY)
        found = greedy(model, source, max_new=6)
        lengths = {len(row.ids) for row in found}
        for row, output in enumerate(found):
            assert END not in output.ids[:-1]
            expected = log_probability(model, start_from((1, 1), source[row : row + 1], []), output.ids)
            assert output.log_probability == pytest.approx(expected, rel=1e-12)
        if len(lengths) > 1:
            return
    pytest.fail("no batch whose rows end at different times: nothing was tested")


@pytest.mark.parametrize(
    "edit",
    [
        make.zero_head("decoder.blocks.0.attention", 0),
        make.bypass("encoder.blocks.1.feed_forward_norm"),
        make.bypass("decoder.blocks.0.attention.masked_scores"),
        make.forbid_link("decoder.blocks.1.attention", 2, 0),
        Edit("logits", lambda value, _: value.flip(-1), "turn round"),
    ],
    ids=lambda edit: edit.path,
)
def test_edits_reach_every_step(edit: Edit) -> None:
    """Also those that have nothing to do at first: the third position is not there before the third token."""
    model, begin = small_model(3), start_from((2, 3), random_tokens(1, 6), [])
    expected = plain_greedy(model, begin, 6, [edit])
    assert len(expected) > 3, "too short to have tested anything: choose another seed"
    assert greedy(model, begin["source"], 6, [edit])[0].ids == expected
    assert greedy(model, begin["source"], 6, [edit], steps=[])[0].ids == expected
    assert beam_search(model, begin["source"], 1, 0.0, 3, [edit])[0].log_probability <= 0.0


def test_a_misspelt_edit_is_refused_before_anything_is_written() -> None:
    with pytest.raises(EditError, match=r"did you mean 'encoder\.output'"):
        greedy(small_model(), random_tokens(1, 3), edits=[make.bypass("encodr.output")])


@pytest.mark.parametrize("write", [greedy, beam_search, sample])
def test_an_edit_that_changed_nothing_in_any_step_is_an_error(write: type) -> None:
    with pytest.raises(EditError) as caught:
        write(
            small_model(),
            random_tokens(1, 3),
            max_new=3,
            edits=[make.bypass("encoder.blocks.0.attention.masked_scores")],
        )
    assert str(caught.value).endswith("'leave this step out' changes nothing here; the run would be the same")
    with pytest.raises(EditError) as caught:
        write(
            small_model(), random_tokens(1, 3), max_new=3, edits=[make.forbid_link("decoder.blocks.0.attention", 9, 1)]
        )
    assert str(caught.value) == "decoder.blocks.0.attention: query 9 does not exist; they go from 0 to 2"


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
def test_what_is_remembered_gives_what_reading_everything_again_gives(
    layers: tuple[int, int], dtype: torch.dtype
) -> None:
    """Rows of different sources, prompts of two tokens, and even padding and the end mark in what is written."""
    model = shaped(layers, 1, dtype)
    begin = start_from(layers, padded_tokens([6, 3, 5]), [8])
    reader = NextToken(model, begin["source"], begin["prompt"], (), traced=False)
    written = begin["prompt"]
    for new in ([4, 7, 9], [0, 5, END], [3, 0, 6], [11, 2, 0]):
        found, trace = reader(written)
        with torch.no_grad():
            expected = model(begin["source"], written).logits[:, -1].log_softmax(-1)
        assert trace is None
        assert largest(found - expected) <= (1e-5 if dtype == torch.float32 else 1e-13)
        written = torch.cat([written, torch.tensor(new).unsqueeze(1)], dim=1)


@BOTH
def test_rows_of_a_beam_take_what_is_remembered_along(layers: tuple[int, int]) -> None:
    model = shaped(layers, 1)
    begin = start_from(layers, random_tokens(1, 6), [8, 3])
    source, written = begin["source"], begin["prompt"]
    reader, parents = NextToken(model, source, written, (), traced=False), None
    for then in ([0, 0, 0], [2, 0, 0, 1], [3, 1], [1]):
        found, _ = reader(written, parents)
        with torch.no_grad():
            trace = model(None if source is None else source.expand(written.size(0), -1), written)
        assert largest(found - trace.logits[:, -1].log_softmax(-1)) <= 1e-13
        parents = torch.tensor(then)
        written = torch.cat([written[parents], random_tokens(len(then), 1, seed=len(then))], dim=1)


EDITED = {
    "nothing": [],
    "positions": [make.bypass("encoder.input")],
    "scale": [
        make.bypass(f"decoder.blocks.{n}.{part}attention.scaled_scores") for n in (0, 1) for part in ("", "cross_")
    ],
    "head": [make.zero_head("decoder.blocks.1.cross_attention", 1), make.zero_head("decoder.blocks.0.attention", 0)],
    "mask": [make.bypass("decoder.blocks.0.attention.masked_scores")],
}


@pytest.mark.parametrize("name", EDITED)
def test_an_edited_decoder_reads_token_by_token_only_where_nothing_later_can_be_seen(name: str) -> None:
    model, written = small_model(1), torch.tensor([[START, 8]] * 2)
    source = random_tokens(2, 6)
    reader = NextToken(model, source, written, EDITED[name], traced=False)
    assert (reader.remembered is None) == (name == "mask")
    for new in ([4, 7], [5, END], [11, 2]):
        found, _ = reader(written)
        with torch.no_grad():
            expected = model(source, written, edits=EDITED[name]).logits[:, -1].log_softmax(-1)
        assert largest(found - expected) <= 1e-13
        written = torch.cat([written, torch.tensor(new).unsqueeze(1)], dim=1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", EDITED)
def test_a_draft_changes_nothing_that_is_written(name: str, seed: int) -> None:
    model, source, edits = small_model(seed), random_tokens(1, 6, seed), EDITED[name]
    own = greedy(model, source, 8, edits)[0].ids
    for draft in (own, own[:3], (*own[:2], own[2] % 20 + 2, *own[3:]), (own[0] % 20 + 2, *own)):
        with torch.no_grad():
            logits = model(source, torch.tensor([[START, *draft[:-1]]]), edits=edits).logits[0]
        assert rewrite(model, source, draft, logits, 8, edits) == own


def test_what_a_draft_has_right_is_not_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    model, source = small_model(2), random_tokens(1, 6)
    own = greedy(model, source, 8)[0].ids
    with torch.no_grad():
        logits = model(source, torch.tensor([[START, *own[:-1]]])).logits[0]
    prompts: list[list[int]] = []

    def watched(*given: object, prompt: Tensor) -> list[Generated]:
        prompts.append(prompt[0].tolist())
        return greedy(*given, prompt=prompt)

    monkeypatch.setattr(generation, "greedy", watched)
    assert rewrite(model, source, own, logits, len(own)) == own
    assert rewrite(model, source, own[:3], logits, len(own)) == own
    assert prompts == [[START, *own[:3]]]
