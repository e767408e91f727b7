"""`gradients`: the loss, and its gradient at every stage back to the embedding of each word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option, row
from tutor.experiments.habits import where
from tutor.experiments.pieces import named
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from torch import Tensor

    from tutor.experiments.models import Models, Reading


@dataclass(frozen=True)
class GradientsOptions:
    target: str = option("", "the French sentence to call right; by default the model's own translation")
    word: str = option("", "a word of your sentence whose gradient to point out")


@dataclass(frozen=True)
class Stage:
    """One stop on the way back."""

    path: str
    label: str
    norm: float
    """Euclidean length of d loss / d value, over all its numbers."""


@dataclass(frozen=True)
class WordGradient:
    """How strongly the loss depends on one source token's embedding."""

    token: str
    norm: float


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """One backward pass, from the loss to the source embeddings; stages in the order of the way back."""

    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    token_losses: tuple[float, ...]
    """-ln of the probability given to each right token, in nats."""
    loss: float
    stages: tuple[Stage, ...]
    stage_count: int
    words: tuple[WordGradient, ...]
    strongest_word: str
    strongest_norm: float
    asked_word: str = ""
    """The word that was asked for; '' for none."""
    asked_norm: float = 0.0
    asked_rank: int = 0
    """Its place among all words, the strongest first, counted from 1."""
    word_count: int = 0
    first_norm: float
    """Gradient at the logits: the start of the way back."""
    last_norm: float
    """Gradient at the source embeddings: its end."""
    parameter_kind: str
    """The nudged parameter in words: 'query weight'."""
    parameter_where: str
    """Its layer in words: 'encoder layer 3'."""
    parameter: str
    """Its path in the model."""
    parameter_index: tuple[int, ...]
    parameter_value: float
    parameter_gradient: float
    nudge: float
    loss_nudged_up: float
    loss_nudged_down: float
    nudged_slope: float
    """(loss up - loss down) / (2 nudge): must agree with the gradient. Computed in float64."""
    parameters_with_gradient: int
    parameter_count: int
    learning_rate: float
    loss_after_step: float
    """Loss after one step of gradient descent on a copy: every parameter minus rate times gradient."""


LEARNING_RATE = 0.05
NUDGE = 1e-4


@experiment("gradients", "the loss and its gradient at every stage back to each word", GradientsOptions, Gradients)
def send_error_back(models: Models, sentence: str, options: GradientsOptions) -> Gradients:
    """Run forward, send the loss back once, check one parameter by nudging it, and take one step downhill."""
    import torch

    from model.gradients import gradients

    reading = models.read_with_target(sentence, options.target) if options.target else models.read(sentence)
    model = models.model
    with torch.enable_grad():
        trace = model(reading.source, reading.target, reading.labels)
    assert trace.loss is not None and trace.token_losses is not None
    found = gradients(trace, trace.loss, model)
    stages = tuple(
        Stage(path, label, found.values[path].norm().item())
        for path, label in _way_back(model.config.encoder_layers, model.config.decoder_layers)
    )
    per_word = found.values["encoder.embedding"][0].norm(dim=-1).tolist()
    source_tokens = named(models, reading.source_ids)
    words = tuple(map(WordGradient, source_tokens, per_word))
    strongest = max(words, key=lambda word: word.norm)
    asked = words[position_of(options.word, reading.source_tokens)] if options.word else WordGradient("", 0.0)

    last = model.config.encoder_layers
    name = f"encoder.blocks.{last - 1}.attention.w_query.weight"
    slope = found.parameters[name]
    index = divmod(int(slope.abs().argmax()), slope.size(1))
    up, down = _nudged_losses(models, reading, name, index)
    return Gradients(
        source_tokens=source_tokens,
        target_tokens=named(models, reading.target_ids),
        token_losses=row(trace.token_losses[0]),
        loss=trace.loss.item(),
        stages=stages,
        stage_count=len(stages),
        words=words,
        strongest_word=strongest.token,
        strongest_norm=strongest.norm,
        asked_word=asked.token,
        asked_norm=asked.norm,
        asked_rank=1 + sum(word.norm > asked.norm for word in words) if options.word else 0,
        word_count=len(words),
        first_norm=stages[0].norm,
        last_norm=stages[-1].norm,
        parameter=name,
        parameter_kind="query weight",
        parameter_where=where("encoder", last),
        parameter_index=index,
        parameter_value=dict(model.named_parameters())[name][index].item(),
        parameter_gradient=slope[index].item(),
        nudge=NUDGE,
        loss_nudged_up=up,
        loss_nudged_down=down,
        nudged_slope=(up - down) / (2 * NUDGE),
        parameters_with_gradient=sum(int(gradient.count_nonzero()) for gradient in found.parameters.values()),
        parameter_count=sum(parameter.numel() for parameter in model.parameters()),
        learning_rate=LEARNING_RATE,
        loss_after_step=_loss_with(
            models, reading, {n: p - LEARNING_RATE * found.parameters[n] for n, p in model.named_parameters()}
        ),
    )


def _way_back(encoder_layers: int, decoder_layers: int) -> list[tuple[str, str]]:
    """Stages from the loss to the source embeddings, by way of cross-attention."""
    back = [("logits", "scores over the vocabulary"), ("decoder.output", "decoder, after the last norm")]
    for layer in range(decoder_layers - 1, -1, -1):
        block = f"decoder.blocks.{layer}"
        back += [
            (f"{block}.residual_feed_forward", f"decoder {layer + 1}, output"),
            (f"{block}.cross_attention.weights", f"decoder {layer + 1}, cross-attention weights"),
        ]
    back.append(("encoder.output", "encoder's output, which every decoder layer reads"))
    for layer in range(encoder_layers - 1, -1, -1):
        block = f"encoder.blocks.{layer}"
        back += [
            (f"{block}.residual_feed_forward", f"encoder {layer + 1}, output"),
            (f"{block}.attention.weights", f"encoder {layer + 1}, attention weights"),
        ]
    back.append(("encoder.embedding", "embeddings of your words"))
    return back


def _nudged_losses(models: Models, reading: Reading, name: str, index: tuple[int, int]) -> tuple[float, float]:
    """The loss with one parameter moved up and down, in float64, where so small a change is not lost in rounding."""
    import torch

    exact = models.exact
    parameter = dict(exact.named_parameters())[name]
    resting = parameter[index].item()
    losses = []
    with torch.no_grad():
        for change in (NUDGE, -NUDGE):
            parameter[index] = resting + change
            losses.append(float(exact(reading.source, reading.target, reading.labels).loss))
        parameter[index] = resting
    return losses[0], losses[1]


def _loss_with(models: Models, reading: Reading, parameters: dict[str, Tensor]) -> float:
    """The loss with other parameters, the model itself left as it was."""
    import torch
    from torch.func import functional_call

    with torch.no_grad():
        trace = functional_call(models.model, parameters, (reading.source, reading.target, reading.labels))
    return float(trace.loss.item())
