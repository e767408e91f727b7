"""`why-backprop`: what follows from the clock, shown with a clock that says what the test wants."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry, why_backprop
from tutor.experiments.models import Models
from tutor.experiments.why_backprop import WhyBackprop, spoken

SENTENCE = "The cat is on the mat."


def timed(models: Models, monkeypatch: pytest.MonkeyPatch, seconds: list[float], **options: Any) -> WhyBackprop:
    """A run in which the pieces of work take these times, forward and with the way back in turns."""
    left = iter(seconds)

    def clock(work: Callable[[], None]) -> float:
        work()
        return next(left)

    monkeypatch.setattr(why_backprop, "_seconds", clock)
    found: WhyBackprop = registry.run("why-backprop", models, SENTENCE, options).result
    return found


def test_times_are_medians_and_nudging_takes_a_forward_pass_for_each_weight(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = timed(models, monkeypatch, [0.010, 0.050, 0.030, 0.020, 0.012, 0.040])
    weights = sum(parameter.numel() for parameter in models.model.parameters())
    assert (result.forward_runs, result.both_runs) == ((0.010, 0.030, 0.012), (0.050, 0.020, 0.040))
    assert (result.forward_seconds, result.both_seconds) == (0.012, 0.040)
    assert (result.parameter_count, result.nudging_passes) == (weights, weights + 1)
    assert result.nudging_seconds == pytest.approx((weights + 1) * 0.012)
    assert result.ratio == pytest.approx(result.nudging_seconds / 0.040)
    assert result.passes_meanwhile == pytest.approx(0.040 / 0.012)
    assert (result.forward_time, result.both_time, result.nudging_time) == ("12 ms", "40 ms", "25 hours")


def test_what_is_timed_is_a_loss_without_a_graph_and_the_slopes_of_all_weights(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[torch.Tensor]] = []
    real = torch.autograd.grad

    def grad(loss: torch.Tensor, inputs: list[torch.Tensor], **more: Any) -> Any:
        asked.append(list(inputs))
        return real(loss, inputs, **more)

    monkeypatch.setattr(torch.autograd, "grad", grad)
    result = timed(models, monkeypatch, [0.01, 0.03] * 2, times=2)
    assert len(asked) == 2
    for inputs in asked:
        assert sum(weight.numel() for weight in inputs) == result.parameter_count


def test_the_work_is_done_between_two_looks_at_the_clock() -> None:
    done: list[int] = []
    assert why_backprop._seconds(lambda: done.append(1)) > 0 and done == [1]


def test_really_timed_nudging_takes_thousands_of_times_as_long(models: Models) -> None:
    result = registry.run("why-backprop", models, SENTENCE).result
    assert len(result.forward_runs) == len(result.both_runs) == result.times == 3
    assert min(result.forward_runs) > 0 and result.ratio > 1000
    assert result.forward_seconds == sorted(result.forward_runs)[1]


def test_runs_with_other_times_are_the_same_result(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    first = timed(models, monkeypatch, [0.01, 0.03] * 3)
    second = timed(models, monkeypatch, [0.02, 0.05] * 3)
    assert first == second and first.ratio != second.ratio


def test_the_model_is_left_as_it_was(models: Models) -> None:
    before = copy.deepcopy(models.model.state_dict())
    registry.run("why-backprop", models, SENTENCE)
    assert all(value.equal(before[path]) for path, value in models.model.state_dict().items())
    assert all(parameter.grad is None for parameter in models.model.parameters())


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0042, "4.2 ms"), (0.0138, "14 ms"), (3.24, "3.2 seconds"), (119.0, "119 seconds"), (600.0, "10 minutes"),
        (105_971.7, "29 hours"), (250_000.0, "2.9 days"), (9e7, "2.9 years"), (1e12, "31,688 years"),
    ],
)  # fmt: skip
def test_a_time_is_told_in_the_unit_that_suits_it(seconds: float, told: str) -> None:
    assert spoken(seconds) == told


@pytest.mark.parametrize("times", [0, 26])
def test_how_often_has_bounds(models: Models, times: int) -> None:
    with pytest.raises(LearnerError, match=rf"^why-backprop: times must be from 1 to 25, not {times}$"):
        registry.run("why-backprop", models, SENTENCE, {"times": times})


def test_each_way_it_can_come_out_has_words_of_its_own(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    found, branches = timed(models, monkeypatch, [0.01, 0.03] * 3), load_library().narrations["why-backprop"].branches
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "serves all layers before it"),
        ({"passes_meanwhile": 30.0}, "the computer busy"),
        ({"ratio": 10.0}, "clock was disturbed"),
    ]
    for changed, words in cases:
        told = narrate(branches, dataclasses.replace(found, **changed))
        assert [other for _, other in cases if other in told] == [words], told
