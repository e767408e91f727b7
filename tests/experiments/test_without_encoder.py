"""`without-encoder`: the decoder with nothing and with another sentence to read, recomputed by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from by_hand import ByHand

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry, without_encoder
from tutor.experiments.models import Models
from tutor.experiments.without_encoder import HALF, OTHERS, WithoutEncoder

SENTENCE = "The cat is on the mat."
SENTENCES = [SENTENCE, "Why?", "He did not want to go home because it was raining.", "no punctuation here"]
NOTHING = {("decoder", "cross_attention")}


def read_nothing(models: Models, sentence: str, **options: object) -> WithoutEncoder:
    found: WithoutEncoder = registry.run("without-encoder", models, sentence, options).result
    return found


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_probability_and_loss_is_that_of_the_model_by_hand(models: Models, sentence: str) -> None:
    result, reading = read_nothing(models, sentence), models.read(sentence)
    whole, target = ByHand(models), reading.target_ids
    for name, model, source in (
        ("probability", whole, sentence),
        ("without", ByHand(models, out=NOTHING), sentence),
        ("other", whole, result.other),
    ):
        expected = model.probabilities(models.source_ids(source), target)[range(len(target)), list(target)]
        assert [getattr(token, name) for token in result.tokens] == pytest.approx(expected.tolist(), abs=1e-5)
    assert result.loss == pytest.approx(whole.loss(reading.source_ids, target), abs=1e-5)
    assert result.loss_without == pytest.approx(ByHand(models, out=NOTHING).loss((0,), target), abs=1e-5)
    assert result.loss_other == pytest.approx(whole.loss(models.source_ids(result.other), target), abs=1e-5)
    assert result.token_count == len(result.tokens) == len(target)


def test_with_nothing_to_read_it_writes_the_same_for_every_sentence(models: Models) -> None:
    (text,) = {read_nothing(models, sentence).written_without for sentence in SENTENCES}
    by_hand = ByHand(models, out=NOTHING).write(models.source_ids("Nobody asked for this."), 100)
    assert text == models.tokenizer.decode(by_hand)
    assert text not in {models.read(sentence).translation for sentence in SENTENCES}
    assert len(by_hand) < without_encoder._LONGEST  # it ended by itself


def test_what_it_writes_reading_the_other_sentence_is_the_translation_of_that(models: Models) -> None:
    for options in ({}, {"other": "She sings."}):
        result = read_nothing(models, SENTENCE, **options)
        written = ByHand(models).write(models.source_ids(result.other), 30)
        assert result.other_translation == models.tokenizer.decode(written)
    assert result.other == "She sings."


def test_the_other_sentence_is_never_the_learners_own(models: Models) -> None:
    first, second = OTHERS
    assert [read_nothing(models, text).other for text in (SENTENCE, first, second)] == [first, second, first]
    with pytest.raises(
        LearnerError, match=r"^the other sentence is the one you have already; name a different one with"
    ):
        read_nothing(models, SENTENCE, other=SENTENCE)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_words_pointed_out_are_those_that_stay_and_that_go(models: Models, sentence: str) -> None:
    result = read_nothing(models, sentence)
    assert result.kept_count == sum(token.without >= HALF for token in result.tokens)
    words = [token for token in result.tokens if token.token.isalpha()]
    kept = max(words, key=lambda token: token.without)
    assert (result.kept_token, result.kept_without) == (kept.token, kept.without)
    (lost,) = [token for token in words if token.token == result.lost_token and token.without == result.lost_without]
    assert (result.lost_probability, result.lost_other) == (lost.probability, lost.other)
    assert lost.probability - lost.without > 0.5


def test_a_mark_is_pointed_out_only_where_there_is_no_word(models: Models) -> None:
    result = read_nothing(models, "He did not want to go home because it was raining.")
    assert (result.kept_token, result.kept_before) == ("il", "qu'")
    assert any(token.without > result.kept_without for token in result.tokens if not token.token.isalpha())
    assert read_nothing(models, "Why?").kept_before == models.read("Why?").input_tokens[0]


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = read_nothing(models, SENTENCE), load_library().narrations["without-encoder"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "so much French alone tells"),
        ({"kept_without": 0.2}, "no whole word"),
        ({"loss_without": found.loss}, "hardly guided by the sentence"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
        assert "never learned to do without" in told and found.written_without in told
