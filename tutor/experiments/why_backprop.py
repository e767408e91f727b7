"""`why-backprop`: the slope of every weight from one backward pass, or by nudging one weight after the other."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from tutor.experiments.models import Models

MOST_TIMES = 25


@dataclass(frozen=True)
class WhyBackpropOptions:
    times: int = option(3, "how often each is timed; the one in the middle counts")


def measured() -> Any:
    """A field that no two runs share: it follows from a clock, and does not count where results are compared."""
    return dataclasses.field(compare=False)


@dataclass(frozen=True, kw_only=True)
class WhyBackprop:
    """Two ways to the slope of the loss by every weight of the translator, on the learner's sentence.

    Seconds are measured in this very run, on one core: other runs and other machines have others.
    """

    translation: str
    token_count: int
    """Tokens read and written."""
    parameter_count: int
    nudging_passes: int
    """Forward passes that nudging takes: one with nothing changed, then one for each weight."""
    times: int
    forward_runs: tuple[float, ...] = measured()
    """Seconds of each forward pass, without anything kept for a way back."""
    both_runs: tuple[float, ...] = measured()
    """Seconds of each forward and backward pass, which gives the slope of every weight."""
    forward_seconds: float = measured()
    """The median."""
    both_seconds: float = measured()
    """The median."""
    passes_meanwhile: float = measured()
    """Forward passes in the time of one forward and backward pass: so many weights could be nudged."""
    nudging_seconds: float = measured()
    """`nudging_passes` times a forward pass: computed, not waited for."""
    ratio: float = measured()
    """Nudging over one forward and backward pass."""
    forward_time: str = measured()
    """As people say it: '14 ms', '29 hours'."""
    both_time: str = measured()
    nudging_time: str = measured()


@experiment("why-backprop", "one backward pass, or nudging every weight: timed now", WhyBackpropOptions, WhyBackprop)
def time_both(models: Models, sentence: str, options: WhyBackpropOptions) -> WhyBackprop:
    """Time a forward pass and one with the way back, in turns, and count how many passes nudging would take.

    Raises `LearnerError` where `times` is below 1 or would take too long.
    """
    import torch

    if not 1 <= options.times <= MOST_TIMES:
        raise LearnerError(f"why-backprop: times must be from 1 to {MOST_TIMES}, not {options.times}")
    reading = models.read(sentence)
    inputs = (reading.source, reading.target, reading.labels)
    parameters = list(models.model.parameters())

    def forward() -> None:
        with torch.no_grad():
            models.model(*inputs)

    def both() -> None:
        with torch.enable_grad():
            torch.autograd.grad(models.model(*inputs).loss, parameters)

    runs = [(_seconds(forward), _seconds(both)) for _ in range(options.times)]
    forward_runs, both_runs = zip(*runs, strict=True)
    one, with_way_back = median(forward_runs), median(both_runs)
    count = sum(parameter.numel() for parameter in parameters)
    nudging = (count + 1) * one
    return WhyBackprop(
        translation=reading.translation,
        token_count=len(reading.source_ids) + len(reading.target_ids),
        parameter_count=count,
        nudging_passes=count + 1,
        times=options.times,
        forward_runs=forward_runs,
        both_runs=both_runs,
        forward_seconds=one,
        both_seconds=with_way_back,
        passes_meanwhile=with_way_back / one,
        nudging_seconds=nudging,
        ratio=nudging / with_way_back,
        forward_time=spoken(one),
        both_time=spoken(with_way_back),
        nudging_time=spoken(nudging),
    )


def _seconds(work: Callable[[], None]) -> float:
    """How long it takes, at least as much as a clock can tell from nothing."""
    start = time.perf_counter()
    work()
    return max(time.perf_counter() - start, 1e-9)


def spoken(seconds: float) -> str:
    """A stretch of time in the unit that suits it: '14 ms', '3.2 seconds', '29 hours'."""
    if seconds < 1:
        return f"{1000 * seconds:.{0 if seconds >= 0.01 else 1}f} ms"
    name, length = next(
        ((unit, one) for unit, one, most in _UNITS if seconds < most * one), (_UNITS[-1][0], _UNITS[-1][1])
    )
    return f"{seconds / length:,.{0 if seconds >= 10 * length else 1}f} {name}"


_UNITS = (("seconds", 1, 120), ("minutes", 60, 120), ("hours", 3600, 48), ("days", 86400, 730), ("years", 31557600, 1))
"""Name, length in seconds, and up to how many of it are told."""
