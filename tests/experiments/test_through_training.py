"""`training`: every moment reads the same tokens, and attention is seen to come about."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from model.generation import greedy
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.experiments.places import attention_at
from tutor.experiments.training import Training


def follow(models: Models, sentence: str, **options: object) -> Training:
    found: Training = registry.run("training", models, sentence, options).result
    return found


def test_there_are_eight_moments_closer_together_early(models: Models) -> None:
    steps = [moment.step for moment in models.moments]
    assert steps[0] == 0 and len(steps) >= 8
    gaps = [later - earlier for earlier, later in itertools.pairwise(steps)]
    assert gaps == sorted(gaps)


def test_the_numbers_are_those_of_each_moments_own_run(models: Models) -> None:
    sentence = "My brother gave her a red book."
    result = follow(models, sentence)
    source = torch.tensor([models.source_ids(sentence)])
    target = greedy(models.moments[-1].network, source)[0].ids
    assert models.tokenizer.decode(target) == result.translation
    at = models.show(target).index(result.word)
    for moment, shown in zip(models.moments, result.moments, strict=True):
        trace = moment.read(source, target)
        weights = attention_at(trace, "cross", 2).weights[0].mean(0)[at]
        assert shown.weights == pytest.approx(weights.tolist(), abs=1e-6)
        assert sum(shown.weights) == pytest.approx(1, abs=1e-5)
        losses = [-math.log(trace.probabilities[0, place, token].item()) for place, token in enumerate(target)]
        assert shown.loss == pytest.approx(sum(losses) / len(losses), rel=1e-4)
        assert shown.probability == pytest.approx(trace.probabilities[0, at, target[at]].item(), abs=1e-6)


@pytest.mark.parametrize(
    ("sentence", "word", "looked_at"),
    [("The cat is on the mat.", "chat", "cat"), ("My brother gave her a red book.", "frère", "brother")],
)
def test_attention_is_learned(models: Models, sentence: str, word: str, looked_at: str) -> None:
    result = follow(models, sentence, output=word)
    assert result.looked_at == looked_at
    assert abs(result.first_weight - result.even_weight) < 0.15 < 0.8 < result.last_weight
    assert result.last_loss < result.first_loss / 5
    assert 0 < result.turning_step < result.last_step
