"""A change that stands in the translator is made in every pass, and the translator itself is never touched."""

from __future__ import annotations

import pytest
import torch

from model.edits import bypass, zero_head
from model.generation import greedy
from tutor.errors import LearnerError
from tutor.experiments.changes import Change, edits_of, read_change, read_changes, written
from tutor.experiments.models import Models
from tutor.experiments.registry import run

SENTENCE = "The dog barked because it was hungry."


def altered(models: Models, text: str) -> Models:
    return models.altered(edits_of(models, models.read(SENTENCE), read_changes(text)))


@pytest.mark.parametrize(
    "text", ["encoder.1.2", "cross.3.4", "decoder.2", "cross", "mask", "order", "forbid it>dog", "force it>dog"]
)
def test_a_change_is_written_as_it_is_typed(text: str) -> None:
    assert written(read_changes(text)) == text and read_change(f"  {text} ") == read_change(text)


@pytest.mark.parametrize("text", ["stack", "encoder.one", "encoder.one.2", "forbid it", "forbid >dog", "nonsense"])
def test_what_is_no_change_is_refused_with_how_to_say_it(text: str) -> None:
    with pytest.raises(LearnerError, match="say it as encoder"):
        read_change(text)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (Change("head", "encoder", 9, 1), "there is no layer 9"),
        (Change("head", "cross", 1, 9), "there is no head 9"),
        (Change("forbid", query="zeppelin", key="dog"), "there is no 'zeppelin'"),
        (Change("forbid", query="dog", key="dog"), "two different words"),
    ],
)
def test_what_is_not_there_cannot_be_changed(models: Models, change: Change, line: str) -> None:
    with pytest.raises(LearnerError, match=line):
        edits_of(models, models.read(SENTENCE), [change])


def test_what_stands_is_made_in_every_pass_as_if_it_were_asked_for(models: Models) -> None:
    reading, edits = models.read(SENTENCE), [zero_head("encoder.blocks.0.attention", 1), bypass("encoder.input")]
    other = altered(models, "encoder.1.2, order")
    assert torch.equal(other.edited(reading, ()).logits, models.edited(reading, edits).logits)
    assert torch.equal(other.encode(reading.source).output, models.encode(reading.source, edits).output)
    written_by = [greedy(models.model, reading.source, edits=edits)[0].ids, greedy(other.model, reading.source)[0].ids]
    assert written_by[0] == written_by[1] == other.read(SENTENCE).target_ids
    further = bypass("decoder.input")
    assert torch.equal(other.edited(reading, [further]).logits, models.edited(reading, [*edits, further]).logits)


def test_the_translator_itself_stays_as_it_was(models: Models) -> None:
    before = models.read(SENTENCE).trace.logits.clone()
    altered(models, "encoder.1.2, mask, force it>dog").read(SENTENCE)
    reading = models.read(SENTENCE)
    assert models.model.standing == () and torch.equal(models.edited(reading, ()).logits, before)


def test_a_link_that_is_forbidden_has_no_weight_in_any_head(models: Models) -> None:
    reading = models.read(SENTENCE)
    query, key = (reading.source_tokens.index(word) for word in ("it", "dog"))
    for text, weight in (("forbid it>dog", 0.0), ("force it>dog", 1.0)):
        trace = altered(models, text).edited(reading, ())
        assert trace.encoder is not None
        for block in trace.encoder.blocks:
            assert (block.attention.weights[0, :, query, key] == weight).all()


def test_it_is_noted_whether_a_run_had_to_do_with_what_stands(models: Models) -> None:
    other = altered(models, "encoder.1.2")
    run("next-word", other, SENTENCE)
    assert not other.touched
    run("attention", other, SENTENCE)
    assert other.touched


def test_the_effect_is_that_of_the_same_edits_computed_otherwise(models: Models) -> None:
    reading = models.read(SENTENCE)
    edits = [zero_head("encoder.blocks.2.attention", 2), zero_head("decoder.blocks.0.cross_attention", 0)]
    result = run("effect", models, SENTENCE, {"off": "encoder.3.3, cross.1.1"}).result
    trace = models.edited(reading, edits)
    at = (torch.arange(len(reading.target_ids)), torch.tensor(reading.target_ids))
    assert result.probabilities_changed == pytest.approx(trace.probabilities[0][at].tolist(), abs=1e-6)
    assert result.probabilities == pytest.approx(reading.trace.probabilities[0][at].tolist(), abs=1e-6)
    assert result.loss_changed == pytest.approx(-trace.probabilities[0][at].log().mean().item(), abs=1e-5)
    assert result.translation_changed == models.translate_edited(reading, edits)
    moves = [abs(a - b) for a, b in zip(result.probabilities, result.probabilities_changed, strict=True)]
    assert result.tokens[moves.index(max(moves))] == result.most_token


def test_a_whole_part_is_off_where_each_of_its_layers_is(models: Models) -> None:
    reading = models.read(SENTENCE)
    whole, layers = (altered(models, text).edited(reading, ()) for text in ("cross", "cross.1, cross.2, cross.3"))
    assert torch.equal(whole.probabilities, layers.probabilities)
    assert not torch.equal(whole.probabilities, reading.trace.probabilities)


def test_a_whole_part_covers_its_layers_and_heads_and_no_other() -> None:
    cross = Change("head", "cross")
    assert all(cross.covers(one) for one in (cross, Change("head", "cross", 2), Change("head", "cross", 2, 3)))
    assert not cross.covers(Change("head", "encoder", 2)) and not Change("head", "cross", 2).covers(cross)
