"""`decoding`: what each way writes and how likely it is, recomputed from traces with NumPy, and what it claims."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import pytest
import torch

from model.generation import beam_search, greedy, sample
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.decoding import Decoding
from tutor.experiments.models import Models

DUCK = "He saw her duck."
"""Beam search leaves the greedy way at the second step."""
SENTENCES = [DUCK, "The cat is on the mat.", "If it had not rained, we would have gone to the beach.", "Why?", "猫"]


@functools.cache
def write(models: Models, sentence: str, **options: object) -> Decoding:
    found: Decoding = registry.run("decoding", models, sentence, options).result
    return found


def log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(-1, keepdims=True)
    found: np.ndarray = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return found


@functools.cache
def outputs(models: Models, sentence: str, drawn: int = 3, temperature: float = 1.0) -> list[tuple[int, ...]]:
    """The ids of each way, from the functions that write."""
    source = torch.tensor([models.source_ids(sentence)])
    found = [greedy(models.model, source)[0], beam_search(models.model, source, 4)[0]]
    found += sample(models.model, source.expand(drawn, -1), temperature=temperature)
    return [output.ids for output in found]


def scored(models: Models, sentence: str, ids: tuple[int, ...]) -> np.ndarray:
    """ln p (T, V) at each place of an output, from the logits of a trace over that output."""
    trace = models.read_pair(sentence, models.source_ids(sentence), ids).trace
    return log_softmax(trace.logits[0].numpy().astype(np.float64))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_log_probability_is_the_sum_over_the_steps_of_a_trace(models: Models, sentence: str) -> None:
    result = write(models, sentence)
    for writing, ids in zip(result.writings, outputs(models, sentence), strict=True):
        scores = scored(models, sentence, ids)
        total = scores[np.arange(len(ids)), list(ids)].sum()
        assert writing.text == models.tokenizer.decode(ids)
        assert writing.steps == len(ids)
        assert writing.log_probability == pytest.approx(total, rel=1e-5, abs=1e-5)
        assert writing.token_probability == pytest.approx(math.exp(total / len(ids)), rel=1e-5)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_up_to_the_parting_all_is_greedy_and_there_the_likeliest_was_not_taken(models: Models, sentence: str) -> None:
    result = write(models, sentence)
    greedy_ids, *others = outputs(models, sentence)
    for writing, ids in zip(result.writings[1:], others, strict=True):
        parting = writing.parting
        if ids == greedy_ids:
            assert (parting.step, writing.own, writing.same_as) == (0, "", "greedy")
            continue
        at = parting.step - 1
        assert ids[:at] == greedy_ids[:at] and ids[at] != greedy_ids[at]
        # Read off the trace of its own output, not of the greedy one: before the parting both are the same.
        chances = np.exp(scored(models, sentence, ids)[at])
        assert parting.probability == pytest.approx(chances[ids[at]], rel=1e-4)
        assert parting.greedy_probability == pytest.approx(chances.max(), rel=1e-4)
        assert parting.greedy_probability > parting.probability


def test_what_is_shared_is_the_beginning_of_the_greedy_text(models: Models) -> None:
    for sentence in SENTENCES:
        result = write(models, sentence)
        assert all(result.greedy_text.startswith(writing.shared) for writing in result.writings)


def test_beam_search_finds_what_greedy_writing_misses(models: Models) -> None:
    result = write(models, DUCK)
    assert result.beam_likelier and result.beam_log_probability > result.greedy_log_probability
    assert result.beam_token_taken < result.greedy_token_taken
    assert result.beam_ratio == pytest.approx(math.exp(result.beam_log_probability - result.greedy_log_probability))
    assert result.likeliest == "beam 4"


def test_where_beam_search_takes_the_less_likely_it_is_for_its_length(models: Models) -> None:
    result = write(models, "Tom forgot to lock the door when he was ten.")
    assert not result.beam_same and not result.beam_likelier and result.beam_ratio < 1
    assert result.beam_score > result.greedy_score and result.beam_steps > result.greedy_steps
    expected = result.beam_log_probability / ((5 + result.beam_steps) / 6) ** 0.6
    assert result.beam_score == pytest.approx(expected, rel=1e-9)
    assert "It is the longer one" in narrate(load_library().narrations["decoding"].branches, result)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_a_draw_hits_the_greedy_text_with_the_product_of_its_steps(models: Models, temperature: float) -> None:
    result = write(models, "Why?", temperature=temperature)
    ids = outputs(models, "Why?")[0]
    heated = log_softmax(scored(models, "Why?", ids) / temperature)
    assert result.draw_probability == pytest.approx(math.exp(heated[np.arange(len(ids)), list(ids)].sum()), rel=1e-5)
    if temperature == 1:
        assert result.draw_probability == pytest.approx(result.greedy_probability, rel=1e-5)


def test_so_many_draws_hit_it_as_its_probability_says(models: Models) -> None:
    result = write(models, "Why?", drawn=20)
    source = torch.tensor([models.source_ids("Why?")]).expand(500, -1)
    hits = sum(output.ids == outputs(models, "Why?")[0] for output in sample(models.model, source, seed=3))
    spread = math.sqrt(500 * result.draw_probability * (1 - result.draw_probability))
    assert abs(hits - 500 * result.draw_probability) < 4 * spread
    assert result.strays == sum(bool(writing.parting.step) for writing in result.writings[2:])


def test_cold_draws_are_greedy_and_hot_ones_stray(models: Models) -> None:
    cold, hot = (write(models, SENTENCES[1], temperature=t) for t in (0.05, 5.0))
    assert cold.strays == 0 and cold.all_same and cold.stray == ""
    assert hot.strays == hot.drawn
    assert {writing.same_as for writing in cold.writings[1:]} == {"greedy"}


def test_the_same_seed_draws_the_same_and_another_one_otherwise(models: Models) -> None:
    texts = [[one.text for one in write(models, DUCK, seed=seed).writings[2:]] for seed in (5, 6)]
    again = registry.run("decoding", models, DUCK, {"seed": 5}).result
    assert texts[0] == [one.text for one in again.writings[2:]] != texts[1]


def test_the_stray_told_of_is_the_least_likely_and_its_numbers_are_its_own(models: Models) -> None:
    result = write(models, DUCK)
    told = next(writing for writing in result.writings if writing.how == result.stray)
    assert told.log_probability == min(writing.log_probability for writing in result.writings[2:])
    assert (result.stray_text, result.stray_parting) == (told.text, told.parting.step)
    assert (result.stray_token, result.stray_token_taken) == (told.parting.token, told.parting.probability)


def test_the_tail_is_what_the_ten_likeliest_leave(models: Models) -> None:
    chances = np.exp(scored(models, DUCK, outputs(models, DUCK)[0]))
    left = 1 - np.sort(chances, axis=-1)[:, -10:].sum(-1)
    assert write(models, DUCK).tail_probability == pytest.approx(left.mean(), abs=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam": 1}, "beam goes from 2 to 16"),
        ({"beam": 17}, "beam goes from 2 to 16"),
        ({"temperature": 0}, "temperature goes from 0.05 to 10"),
        ({"drawn": 0}, "drawn goes from 1 to 20"),
        ({"seed": 2**40}, "seed from"),
    ],
)
def test_options_that_make_no_sense_are_told(models: Models, options: dict[str, object], message: str) -> None:
    with pytest.raises(LearnerError, match=message):
        registry.run("decoding", models, DUCK, options)


def test_each_way_it_can_come_out_is_told_in_its_own_words(models: Models) -> None:
    branches = load_library().narrations["decoding"].branches
    same = write(models, SENTENCES[1], temperature=0.05)
    likelier = write(models, DUCK)
    results = {
        "All three ways write the same": same,
        "Drawing by lot strays, 3 of 3": likelier,
        "None of the draws strays": dataclasses.replace(likelier, strays=0),
        "Here beam search does worse": dataclasses.replace(
            likelier, beam_likelier=False, beam_score=-9.0, greedy_score=-8.0
        ),
        ", began with": dataclasses.replace(write(models, SENTENCES[1]), stray_parting=1),
        "went on from there": write(models, SENTENCES[1]),
    }
    for words, result in results.items():
        assert words in narrate(branches, result)
