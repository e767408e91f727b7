"""`blocks`: each stack without one kind of part, recomputed by hand."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
from by_hand import ByHand

from model.edits import add_nothing, bypass
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.blocks import Blocks
from tutor.experiments.models import SPARE_TOKENS, Models

SENTENCES = ["The cat is on the mat.", "Why?", "He did not want to go home because it was raining."]
KINDS = {
    "residual": "residual connections",
    "norm": "norms",
    "feed_forward": "feed-forward layers",
    "attention": "self-attention",
    "cross_attention": "cross-attention",
}


def take_apart(models: Models, sentence: str, part: str = "encoder") -> Blocks:
    found: Blocks = registry.run("blocks", models, sentence, {"part": part}).result
    return found


@pytest.mark.parametrize("part", ["encoder", "decoder"])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_loss_is_that_of_the_model_by_hand_without_this_kind_of_part(
    models: Models, sentence: str, part: str
) -> None:
    result, reading = take_apart(models, sentence, part), models.read(sentence)
    kinds = list(KINDS) if part == "decoder" else list(KINDS)[:-1]
    assert [row.label for row in result.rows] == [KINDS[kind] for kind in kinds]
    for kind, row in zip(kinds, result.rows, strict=True):
        without = ByHand(models, out={(part, kind)})
        assert row.loss == pytest.approx(without.loss(reading.source_ids, reading.target_ids), rel=1e-5, abs=1e-5), kind
        likeliest = without.probabilities(reading.source_ids, reading.target_ids).argmax(-1)
        assert row.kept == (likeliest == reading.target_ids).sum()
    assert result.loss == pytest.approx(ByHand(models).loss(reading.source_ids, reading.target_ids), abs=1e-5)


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_what_is_written_is_what_the_model_by_hand_writes(models: Models, part: str) -> None:
    result, reading = take_apart(models, SENTENCES[0], part), models.read(SENTENCES[0])
    for kind, row in zip(KINDS, result.rows, strict=False):
        written = ByHand(models, out={(part, kind)}).write(reading.source_ids, len(reading.target_ids) + SPARE_TOKENS)
        assert row.translation == models.tokenizer.decode(written)
        assert row.same == (row.translation == result.translation)


def test_rows_of_one_batch_are_runs_of_their_own(models: Models) -> None:
    reading, rows = models.read(SENTENCES[2]), take_apart(models, SENTENCES[2]).rows
    alone = [
        [bypass(f"encoder.blocks.{n}.{step}_norm") for n in range(3) for step in ("attention", "feed_forward")],
        [add_nothing(f"encoder.blocks.{n}.feed_forward") for n in range(3)],
    ]
    for row, edits in zip(rows[1:3], alone, strict=True):
        trace = models.edited(reading, edits)
        assert trace.loss is not None and row.loss == pytest.approx(trace.loss.item(), rel=1e-5)
        assert row.translation == models.translate_edited(reading, edits)


def test_as_many_are_left_out_as_the_stack_has(models: Models) -> None:
    names = dict(models.model.named_modules())
    for part in ("encoder", "decoder"):
        result = take_apart(models, SENTENCES[0], part)
        norms = [name for name in names if name.startswith(f"{part}.blocks.") and name.endswith("_norm")]
        counts = {row.label: row.count for row in result.rows}
        assert counts["norms"] == counts["residual connections"] == len(norms)
        assert {counts[KINDS[kind]] for kind in list(KINDS)[2:] if KINDS[kind] in counts} == {result.layers}
        assert result.row_count == len(result.rows)


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_worst_and_least_are_those_of_the_rows(models: Models, part: str) -> None:
    result = take_apart(models, SENTENCES[0], part)
    by_loss = sorted(result.rows, key=lambda row: row.loss)
    assert result.worst.endswith(by_loss[-1].label) and result.worst_loss == by_loss[-1].loss
    assert result.least.endswith(by_loss[0].label) and result.least_loss == by_loss[0].loss
    assert (result.worst_translation, result.least_translation) == (by_loss[-1].translation, by_loss[0].translation)
    assert result.same_count == sum(row.same for row in result.rows)
    assert result.guess_loss == pytest.approx(math.log(models.tokenizer.size))
    losses = (result.residual_loss, result.norms_loss, result.feed_forward_loss, result.attention_loss)
    assert losses == tuple(row.loss for row in result.rows[:4])


def test_residuals_and_norms_are_missed_more_than_a_kind_of_layer_in_the_encoder(models: Models) -> None:
    for sentence in SENTENCES:
        result = take_apart(models, sentence)
        assert min(result.residual_loss, result.norms_loss) > max(result.feed_forward_loss, result.attention_loss)


def test_cross_attention_is_no_stack(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no part 'cross'; here there are encoder and decoder$"):
        take_apart(models, SENTENCES[0], "cross")


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = take_apart(models, SENTENCES[0]), load_library().narrations["blocks"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "stays as it is"),
        ({"least_same": False, "same_count": 0}, "Whatever is left out"),
        ({"least_same": False, "same_count": 1}, "though the translation changes; it stays without 1 of the 4"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
        assert "never learned to do without" in told
