"""`rank-heads`: each head's cost recomputed by hand, and what is said of the ranking."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from by_hand import ByHand

from model.edits import zero_head
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import rank_heads, registry
from tutor.experiments.models import Models
from tutor.experiments.places import PARTS, attention_path
from tutor.experiments.rank_heads import RankHeads

SENTENCE = "He did not want to go home because it was raining."
SENTENCES = [SENTENCE, "Why?", "no punctuation here"]


def rank(models: Models, sentence: str, **options: object) -> RankHeads:
    found: RankHeads = registry.run("rank-heads", models, sentence, options).result
    return found


def test_with_every_head_on_the_model_by_hand_has_the_loss_of_the_trace(models: Models) -> None:
    reading = models.read(SENTENCE)
    assert reading.trace.loss is not None
    assert ByHand(models).loss(reading.source_ids, reading.target_ids) == pytest.approx(
        reading.trace.loss.item(), abs=1e-5
    )


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_cost_of_every_head_is_that_of_the_model_by_hand_without_it(models: Models, sentence: str) -> None:
    result, reading = rank(models, sentence), models.read(sentence)
    loss = ByHand(models).loss(reading.source_ids, reading.target_ids)
    assert result.loss == pytest.approx(loss, abs=1e-5)
    assert len({(head.part, head.layer, head.head) for head in result.heads}) == result.head_count == 36
    for head in result.heads:
        without = ByHand(models, off={(head.part, head.layer, head.head)})
        expected = without.loss(reading.source_ids, reading.target_ids)
        assert head.loss_without == pytest.approx(expected, abs=1e-5), head
        assert head.cost == pytest.approx(expected - loss, abs=1e-5), head


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_parts_are_added_up_and_switched_off_as_a_whole(models: Models, sentence: str) -> None:
    result, reading = rank(models, sentence), models.read(sentence)
    assert [group.part for group in result.groups] == list(PARTS)
    for group in result.groups:
        own = [head for head in result.heads if head.part == group.part]
        assert len(own) == group.head_count
        assert group.alone == pytest.approx(sum(head.cost for head in own))
        off = ByHand(models, off={(head.part, head.layer, head.head) for head in own})
        expected = off.loss(reading.source_ids, reading.target_ids) - result.loss
        assert group.together == pytest.approx(expected, abs=1e-4)


def test_the_most_missed_stands_first_and_the_counts_are_those_of_the_list(models: Models) -> None:
    result = rank(models, SENTENCE)
    costs = [head.cost for head in result.heads]
    assert costs == sorted(costs, reverse=True)
    assert (result.most_cost, result.least_cost) == (costs[0], costs[-1]) and result.most_loss > result.loss
    first = result.heads[0]
    assert first.part == "cross"
    assert result.most_where == f"cross-attention layer {first.layer}, head {first.head}"
    assert result.changed_count == sum(not head.same for head in result.heads) > 0
    assert result.better_count == sum(cost < 0 for cost in costs) > 0
    (group,) = [group for group in result.groups if group.part == first.part]
    assert (result.together_count, result.together_alone, result.together_cost) == (
        group.head_count,
        group.alone,
        group.together,
    )


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_is_the_same_where_writing_without_the_head_gives_the_same(models: Models, sentence: str) -> None:
    reading = models.read(sentence)
    for part in ("encoder", "cross"):
        for head in rank(models, sentence, part=part).heads:
            off = zero_head(attention_path(part, head.layer), head.head - 1)
            assert head.same == (models.translate_edited(reading, [off]) == reading.translation), head


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_written_is_what_the_model_writes_with_that_head_alone_off(models: Models, sentence: str) -> None:
    result, reading = rank(models, sentence), models.read(sentence)
    assert len(result.written) == rank_heads.TOP and result.most_translation == result.written[0]
    for head, written in zip(result.heads, result.written, strict=False):
        off = zero_head(attention_path(head.part, head.layer), head.head - 1)
        assert written == models.translate_edited(reading, [off])
        assert head.same == (written == result.translation)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_the_heads_of_the_whole_ranking_in_the_same_order(models: Models, part: str) -> None:
    own = rank(models, SENTENCE, part=part)
    assert own.heads == tuple(head for head in rank(models, SENTENCE).heads if head.part == part)
    assert own.head_count == 12 and [group.part for group in own.groups] == [part]


def test_a_part_that_does_not_exist_is_named(models: Models) -> None:
    with pytest.raises(LearnerError, match=r"^there is no part 'both'; here there are encoder, decoder and cross$"):
        rank(models, SENTENCE, part="both")


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = rank(models, SENTENCE), load_library().narrations["rank-heads"].branches
    same = found.translation
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "need not be useless"),
        ({"together_cost": 0.0}, "better French"),
        ({"most_translation": same}, "tip a close choice"),
        ({"most_translation": same, "changed_count": 0}, "partly make up for. Try"),
        ({"most_translation": same, "changed_count": 0, "together_cost": 0.0}, "past a silent head"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
