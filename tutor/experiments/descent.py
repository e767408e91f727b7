"""`descent`: one step against the gradient, from tiny to huge: the loss here, and on another sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option

if TYPE_CHECKING:
    from torch import Tensor

    from model.trace import Trace
    from model.transformer import Transformer
    from tutor.experiments.models import Models, Reading

RATES = (0.0005, 0.003, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Learning rates, each four to seven times the one before: from hardly a change to far too long."""
_OTHERS = ("The dog is asleep.", "She reads a book.")


@dataclass(frozen=True)
class DescentOptions:
    other: str = option("", "a second sentence on which to try the same steps; by default one of ours")


@dataclass(frozen=True)
class Step:
    """Both losses after one step of this length, always from the same parameters."""

    rate: float
    """Each parameter moves by its gradient times this."""
    loss: float
    other_loss: float


@dataclass(frozen=True)
class Descent:
    """One gradient, of the loss on the learner's sentence alone, and steps of different length against it.

    A loss is the mean of -ln of the probability of each right token, in nats. Right is what the model wrote by itself
    before any step.
    """

    translation: str
    loss: float
    """Before any step."""
    other: str
    """A sentence that has no part in the gradient."""
    other_translation: str
    other_loss: float
    """Before any step."""
    steps: tuple[Step, ...]
    """The shortest first."""
    best_rate: float
    """With the lowest loss on the learner's sentence."""
    best_loss: float
    best_share: float
    """How much of the loss before any step that leaves."""
    other_loss_at_best: float
    smallest_rate: float
    smallest_loss: float
    largest_rate: float
    largest_loss: float
    harm: bool
    """Whether the longest step made the loss worse than no step."""


@experiment("descent", "one step against the gradient, from tiny to huge, here and elsewhere", DescentOptions, Descent)
def step_downhill(models: Models, sentence: str, options: DescentOptions) -> Descent:
    """Take one gradient, and from the same parameters one step of each length; the model itself stays as it was."""
    import torch

    from model.gradients import gradients

    here = models.read(sentence)
    there = models.read(options.other or next(text for text in _OTHERS if models.source_ids(text) != here.source_ids))
    both = _side_by_side(here, there)
    with torch.enable_grad():
        trace = models.exact(*both)
        start = _mean_losses(trace, both[-1])
    slopes = gradients(trace, start[0], models.exact).parameters
    loss, other_loss = start.tolist()
    steps = tuple(Step(rate, *_losses_after(models.exact, both, slopes, rate)) for rate in RATES)
    best = min(steps, key=lambda step: step.loss)
    return Descent(
        translation=here.translation,
        loss=loss,
        other=there.sentence,
        other_translation=there.translation,
        other_loss=other_loss,
        steps=steps,
        best_rate=best.rate,
        best_loss=best.loss,
        best_share=best.loss / loss if loss else 1.0,
        other_loss_at_best=best.other_loss,
        smallest_rate=steps[0].rate,
        smallest_loss=steps[0].loss,
        largest_rate=steps[-1].rate,
        largest_loss=steps[-1].loss,
        harm=steps[-1].loss > loss,
    )


def _side_by_side(*readings: Reading) -> tuple[Tensor, Tensor, Tensor]:
    """Sources, targets and labels as rows of one batch, each padded to the longest."""
    from torch.nn.utils.rnn import pad_sequence

    from model.tokenizer import PAD

    source, target, labels = (
        pad_sequence([ids[0] for ids in side], batch_first=True, padding_value=PAD)  # (readings, T)
        for side in zip(*((one.source, one.target, one.labels) for one in readings), strict=True)
    )
    return source, target, labels


def _mean_losses(trace: Trace, labels: Tensor) -> Tensor:
    """The loss of each row, a mean over its tokens; padding counts as none."""
    from model.tokenizer import PAD

    assert trace.token_losses is not None
    means: Tensor = trace.token_losses.sum(-1) / (labels != PAD).sum(-1)
    return means


def _losses_after(
    model: Transformer, both: tuple[Tensor, Tensor, Tensor], slopes: Mapping[str, Tensor], rate: float
) -> list[float]:
    """The loss of each row with every parameter, on a copy, moved by minus `rate` times its gradient."""
    import torch
    from torch.func import functional_call

    with torch.no_grad():
        moved = {name: value.sub(slopes[name], alpha=rate) for name, value in model.named_parameters()}
        losses: list[float] = _mean_losses(functional_call(model, moved, both), both[-1]).tolist()
    return losses
