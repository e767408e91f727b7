"""`shapes`: each shape is that of a padded batch run here, of the model's own modules, and of the sizes of its axes."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from by_hand import ByHand

from model.edits import bypass
from model.tokenizer import END, START
from model.trace import named_values, trace_paths
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry, shapes
from tutor.experiments.models import Models
from tutor.experiments.shapes import Shapes, TensorShape
from tutor.views import render, to_text

SENTENCE = "The cat is on the mat."
LONG = "If it had not rained, we would have gone to the beach with our friends, but it rained and we stayed at home."


def shown(models: Models, sentence: str = SENTENCE, **options: object) -> Shapes:
    found: Shapes = registry.run("shapes", models, sentence, options).result
    return found


def padded(rows: list[list[int]]) -> np.ndarray:
    found = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    for n, row in enumerate(rows):
        found[n, : len(row)] = row
    return found


def batch_of(models: Models, sentence: str, result: Shapes) -> dict[str, np.ndarray]:
    """The same sentences and translations, tokenised, padded and run here; every value of the trace."""
    texts = [result.others[n % len(result.others)] for n in range(result.batch - 1)]
    sources = [[*models.tokenizer.encode(text), END] for text in (sentence, *texts)]
    written = [[*models.tokenizer.encode(shapes._OTHERS[text]), END] for text in texts]
    targets = [list(models.read(sentence).target_ids), *written]
    inputs = [[START, *ids[:-1]] for ids in targets]
    with torch.no_grad():
        trace = models.model(*(torch.from_numpy(padded(rows)) for rows in (sources, inputs, targets)))
    return {path: tensor.numpy() for path, tensor in named_values(trace)}


@pytest.mark.parametrize("sentence", [SENTENCE, LONG, "Why?"])
@pytest.mark.parametrize("batch", [2, 5, 10])
def test_every_shape_is_that_of_the_batch_run_here(models: Models, sentence: str, batch: int) -> None:
    result = shown(models, sentence, batch=batch)
    held = batch_of(models, sentence, result)
    stood_for = []
    for row in result.rows:
        paths = [row.path.replace(".N.", f".{n}.") for n in range(row.repeats)]
        assert {held[path].shape for path in paths} == {row.sizes}, row.path
        stood_for += paths
    assert sorted(stood_for) == sorted(held)
    assert result.tensor_count == len(held)
    assert result.number_count == sum(value.size for value in held.values())


def test_alone_the_shapes_are_those_of_the_reading(models: Models) -> None:
    result, held = shown(models), dict(named_values(models.read(SENTENCE).trace))
    for row in result.rows:
        assert tuple(held[row.path.replace(".N.", ".0.")].shape) == row.sizes
    assert (result.others, result.source_padding, result.largest_difference) == ((), 0, 0.0)


def test_rows_stand_in_the_order_of_the_trace_each_once_with_its_axes_and_words(models: Models) -> None:
    rows = shown(models).rows
    about = {re.sub(r"\.\d\.", ".N.", info.path): info for info in trace_paths(models.model.config)}
    assert [row.path for row in rows] == list(about)
    for row in rows:
        assert (row.axes, row.means) == (about[row.path].axes, about[row.path].means)
        assert len(row.axes) == len(row.sizes) and row.numbers == math.prod(row.sizes)
        assert row.repeats == (3 if ".N." in row.path else 1)


@pytest.mark.parametrize("batch", [1, 4])
def test_each_axis_is_as_long_as_its_name_says(models: Models, batch: int) -> None:
    result, config = shown(models, batch=batch), models.model.config
    fixed = {
        "batch": batch,
        "head": config.heads,
        "d_model": config.d_model,
        "d_head": config.d_model // config.heads,
        "d_feed_forward": config.d_feed_forward,
        "vocabulary": config.vocabulary_size,
    }
    for row in result.rows:
        reads = result.source_length if row.part == "encoder" else result.target_length
        lengths = {"token": reads, "query": reads, "key": result.source_length if row.part == "cross" else reads}
        assert row.sizes == tuple((fixed | lengths)[axis] for axis in row.axes), row.path


def test_modules_hand_out_the_shapes_that_are_listed(models: Models) -> None:
    result, seen = shown(models), dict[str, tuple[int, ...]]()
    modules = dict(models.model.named_modules())
    wanted = {
        "encoder.blocks.2.attention_norm": "encoder.blocks.N.attention_norm",
        "encoder.blocks.2.feed_forward.widen": "encoder.blocks.N.feed_forward.hidden",
        "encoder.norm": "encoder.output",
        "decoder.blocks.1.cross_attention.w_output": "decoder.blocks.N.cross_attention.output",
        "decoder.blocks.1.feed_forward.narrow": "decoder.blocks.N.feed_forward.output",
    }

    def noting(name: str) -> Any:
        return lambda module, given, out: seen.update({name: tuple(out.shape)})

    hooks = [modules[name].register_forward_hook(noting(name)) for name in wanted]
    reading = models.read(SENTENCE)
    with torch.no_grad():
        models.model(reading.source, reading.target)
    for hook in hooks:
        hook.remove()
    by_path = {row.path: row.sizes for row in result.rows}
    assert seen == {name: by_path[path] for name, path in wanted.items()}


@pytest.mark.parametrize("batch", [2, 5])
def test_padding_is_counted_and_gets_no_attention(models: Models, batch: int) -> None:
    result = shown(models, batch=batch)
    held = batch_of(models, SENTENCE, result)
    padding = held["encoder.tokens"] == 0
    assert (result.source_places, result.source_padding) == (padding.size, padding.sum())
    assert result.own_padding == padding[0].sum() == result.source_length - result.source_count
    written = held["decoder.tokens"] == 0
    kinds = {"encoder.blocks.N.attention": padding, "decoder.blocks.N.attention": written}
    for kind, places in (kinds | {"decoder.blocks.N.cross_attention": padding}).items():
        for layer in "012":
            weights = held[f"{kind.replace('N', layer)}.weights"]
            given = np.moveaxis(weights, -1, 1)[places]  # (padded keys, H, Tq)
            assert given.size and given.max() == result.padding_weight == 0.0


def test_without_the_causal_mask_padding_is_looked_at_and_that_is_told(models: Models) -> None:
    mask_off = [bypass(f"decoder.blocks.{layer}.attention.masked_scores") for layer in range(3)]
    altered, branches = models.altered(mask_off), load_library().narrations["shapes"].branches
    result = shown(altered, "Why?", batch=4)
    assert result.padding_weight > 0.01 and result.largest_difference > 1e-4
    assert "lets attention reach the padding" in narrate(branches, result)
    assert "lets attention reach the padding" not in narrate(branches, shown(altered, "Why?"))


@pytest.mark.parametrize("sentence", [SENTENCE, LONG, "Why?"])
def test_other_sentences_change_nothing_in_yours(models: Models, sentence: str) -> None:
    result, reading = shown(models, sentence, batch=4), models.read(sentence)
    together = batch_of(models, sentence, result)["probabilities"][0, : result.target_count]
    alone = ByHand(models).probabilities(reading.source_ids, reading.target_ids)
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert result.largest_difference < 1e-5
    expected = np.abs(together - reading.trace.probabilities[0].numpy()).max()
    assert result.largest_difference == pytest.approx(expected, abs=1e-9)


def test_the_first_of_the_others_has_another_length(models: Models) -> None:
    for sentence in (SENTENCE, *shapes._OTHERS):
        result = shown(models, sentence, batch=2)
        assert len(models.source_ids(result.others[0])) != result.source_count
        assert result.source_padding > 0


def test_a_part_has_its_rows_of_the_whole_and_no_others(models: Models) -> None:
    whole = shown(models)
    parts = {part: shown(models, part=part) for part in shapes.STAGES}
    assert parts["cross"].rows == tuple(row for row in whole.rows if "cross_attention" in row.path)
    assert set(parts["cross"].rows) < set(parts["decoder"].rows)
    together = [row for part in ("encoder", "decoder", "output") for row in parts[part].rows]
    assert tuple(together) == whole.rows
    for result in (whole, *parts.values()):
        assert result.row_count == len(result.rows)
        assert result.largest_numbers == max(row.numbers for row in result.rows)
        assert result.largest_path in {row.path for row in result.rows if row.numbers == result.largest_numbers}


def test_a_part_that_does_not_exist_is_named(models: Models) -> None:
    with pytest.raises(
        LearnerError, match=r"^there is no part 'head'; here there are encoder, decoder, cross and outp"
    ):
        shown(models, part="head")


@pytest.mark.parametrize("batch", [0, -2, 33])
def test_a_batch_that_is_too_small_or_too_large_is_refused(models: Models, batch: int) -> None:
    with pytest.raises(LearnerError, match=rf"^a batch of {batch} cannot be shown; name 1 to 32 sentences$"):
        shown(models, batch=batch)


def written(row: TensorShape) -> str:
    return " · ".join(f"{axis} {size}" for axis, size in zip(row.axes, row.sizes, strict=True)) or "one number"


@pytest.mark.parametrize("width", [80, 120])
def test_the_picture_has_a_line_for_each_name_with_its_axes(models: Models, width: int) -> None:
    result = shown(models, batch=3)
    lines = to_text(render(result, width=width), width).split("\n")
    for row in result.rows:
        label = re.sub(r"^(en|de)coder\.(blocks\.N\.)?", "", row.path)
        assert any(line.split()[:1] == [label] and written(row) in line for line in lines), row.path


@pytest.mark.parametrize("part", shapes.STAGES)
def test_the_picture_of_a_part_says_what_each_is(models: Models, part: str) -> None:
    result = shown(models, part=part)
    text = " ".join(to_text(render(result, width=80), 80).split())
    assert all(row.means in text for row in result.rows)


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = shown(models), load_library().narrations["shapes"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "from the embedding on"),
        ({"part": "encoder"}, "from the embedding on"),
        ({"part": "decoder"}, "They meet in cross-attention alone"),
        ({"part": "cross"}, "need not be equally long"),
        ({"part": "output"}, "Only at the very end"),
        ({"batch": 3, "source_padding": 5, "own_padding": 4}, "the longest has"),
        ({"batch": 3, "source_padding": 5}, "none is longer than yours"),
        ({"batch": 3, "part": "cross"}, "nothing has to be filled up"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert {other for _, other in cases if other in told} == {words}, told
