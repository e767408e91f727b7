"""`descent`: each row is what PyTorch's own optimiser makes of a copy of the model, and the model stays as it was."""

from __future__ import annotations

import copy
import dataclasses
import functools
from typing import Any

import pytest
import torch

from model.transformer import Transformer
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate, narrate_run
from tutor.experiments import descent, registry
from tutor.experiments.descent import Descent
from tutor.experiments.models import Models, Reading

SENTENCE = "The cat is on the mat."
SENTENCES = [SENTENCE, "My sister lost her keys in the snow yesterday.", "The dog is asleep."]


@functools.cache
def take(models: Models, sentence: str, **options: object) -> Descent:
    found: Descent = registry.run("descent", models, sentence, options).result
    return found


def loss_of(network: Transformer, reading: Reading) -> torch.Tensor:
    """Mean cross-entropy of the translation, by PyTorch from the logits."""
    logits = network(reading.source, reading.target).logits[0]
    return torch.nn.functional.cross_entropy(logits, reading.labels[0])


def stepped(models: Models, reading: Reading, rate: float) -> Transformer:
    """A copy of the translator, in double precision, after one step of plain gradient descent on `reading`."""
    network = copy.deepcopy(models.model).double()
    with torch.enable_grad():
        torch.autograd.backward(loss_of(network, reading))
    torch.optim.SGD(network.parameters(), lr=rate).step()
    return network


@pytest.mark.parametrize("row", [0, 3, -1])
@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_row_is_one_step_of_plain_gradient_descent(models: Models, sentence: str, row: int) -> None:
    result = take(models, sentence)
    step = result.steps[row]
    network = stepped(models, models.read(sentence), step.rate)
    with torch.no_grad():
        here, there = (loss_of(network, models.read(text)).item() for text in (sentence, result.other))
    assert step.loss == pytest.approx(here, rel=1e-5)
    assert step.other_loss == pytest.approx(there, rel=1e-5)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_before_any_step_both_losses_are_those_of_the_model_as_it_is(models: Models, sentence: str) -> None:
    result = take(models, sentence)
    assert result.loss == pytest.approx(registry.run("gradients", models, sentence).result.loss, abs=1e-5)
    network = copy.deepcopy(models.model).double()
    with torch.no_grad():
        here, there = (loss_of(network, models.read(text)).item() for text in (sentence, result.other))
    assert (result.loss, result.other_loss) == pytest.approx((here, there), rel=1e-9)


def test_the_shared_models_are_left_as_they_were(models: Models) -> None:
    shared = {"float32": models.model, "float64": models.exact}
    before = {name: copy.deepcopy(network.state_dict()) for name, network in shared.items()}
    registry.run("descent", models, SENTENCE)
    for name, network in shared.items():
        for path, value in network.state_dict().items():
            assert value.equal(before[name][path]), path
        assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_short_step_gains_its_rate_times_the_square_of_the_gradient(models: Models, sentence: str) -> None:
    result, network = take(models, sentence), copy.deepcopy(models.model).double()
    with torch.enable_grad():
        torch.autograd.backward(loss_of(network, models.read(sentence)))
    square = sum((p.grad**2).sum().item() for p in network.parameters() if p.grad is not None)
    assert result.loss - result.smallest_loss == pytest.approx(result.smallest_rate * square, rel=0.05)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_is_named_is_in_the_rows(models: Models, sentence: str) -> None:
    result = take(models, sentence)
    rows = {step.rate: step for step in result.steps}
    assert list(rows) == sorted(rows) == list(descent.RATES)
    assert result.best_loss == min(step.loss for step in result.steps) == rows[result.best_rate].loss
    assert result.other_loss_at_best == rows[result.best_rate].other_loss
    assert (result.smallest_rate, result.smallest_loss) == (min(rows), rows[min(rows)].loss)
    assert (result.largest_rate, result.largest_loss) == (max(rows), rows[max(rows)].loss)
    assert result.best_share == pytest.approx(result.best_loss / result.loss)
    assert result.harm == (result.largest_loss > result.loss)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_rates_run_from_a_small_gain_over_a_large_one_to_harm(models: Models, sentence: str) -> None:
    result = take(models, sentence)
    assert result.best_loss < 0.3 * result.loss < 0.9 * result.loss < result.smallest_loss < result.loss
    assert result.smallest_rate < result.best_rate < result.largest_rate and result.harm


def test_the_other_sentence_is_never_the_learners_own(models: Models) -> None:
    first, second = descent._OTHERS
    assert [take(models, text).other for text in (SENTENCE, first, second)] == [first, second, first]
    chosen = take(models, SENTENCE, other="She sings.")
    assert (chosen.other, chosen.other_translation) == ("She sings.", models.read("She sings.").translation)


def test_the_same_run_gives_the_same_numbers(models: Models) -> None:
    assert registry.run("descent", models, SENTENCE).result == take(models, SENTENCE)


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models) -> None:
    found, branches = take(models, SENTENCE), load_library().narrations["descent"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({"best_share": 0.99, "best_loss": 0.99 * found.loss}, "little to gain"),
        ({"harm": False, "largest_loss": found.loss / 2}, "even the longest step"),
        ({"other_loss_at_best": 2 * found.other_loss}, "worse, from"),
        ({"other_loss_at_best": found.other_loss / 2}, "helps “The dog is asleep.” too"),
        ({"other_loss_at_best": found.other_loss}, "hardly notices"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told


def test_a_loss_near_nothing_is_not_told_as_zero(models: Models) -> None:
    run = registry.run("descent", models, "She sings.")
    assert 0 < run.result.best_share < 0.005
    assert "to <1% of that" in narrate_run(load_library(), run)
