"""`parameters`: the learned numbers, which stay, beside the attention weights, which do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, option
from tutor.experiments.places import attention_at

if TYPE_CHECKING:
    from model.trace import Trace
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ParametersOptions:
    other: str = option("", "a second sentence to compare with; by default one of ours, of another length")


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters of one kind."""

    name: str
    count: int


@dataclass(frozen=True)
class Parameters:
    """Two things called weights: parameters are learned and stay, attention weights are computed each time."""

    groups: tuple[ParameterGroup, ...]
    parameter_count: int
    attention_weight_count: int
    """Attention weights computed in the encoder for the learner's sentence."""
    other: str
    other_attention_weight_count: int
    parameters_changed: int
    """Parameters that differ after running both sentences: 0."""
    d_model: int
    layers: int
    """Encoder and decoder together."""
    encoder_layers: int
    heads: int
    attention_parameter_count: int
    """All query, key, value and output matrices together."""
    attention_parameter_share: float
    head_parameter_count: int
    """Parameters of one head: its rows of the query, key and value matrices and its columns of the output matrix."""


_OTHERS = ("My old car will not start when it is cold.", "She sings.")


@experiment(
    "parameters", "learned numbers that stay beside attention weights that change", ParametersOptions, Parameters
)
def count_parameters(models: Models, sentence: str, options: ParametersOptions) -> Parameters:
    """Count both kinds of weights, run two sentences, and see which of them changed."""
    model = models.model
    before = {name: parameter.clone() for name, parameter in model.named_parameters()}
    length = len(models.source_ids(sentence))
    # Of another length: two sentences of the same length need as many attention weights, only others.
    other = options.other or next(entry for entry in _OTHERS if len(models.source_ids(entry)) != length)
    here, there = models.read(sentence), models.read(other)
    counts: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        kind = next(kind for part, kind in _KINDS if part in name)
        counts[kind] = counts.get(kind, 0) + parameter.numel()
    in_attention = sum(count for kind, count in counts.items() if kind.endswith("matrices"))
    config = model.config
    return Parameters(
        groups=tuple(ParameterGroup(kind, count) for kind, count in counts.items()),
        parameter_count=sum(counts.values()),
        attention_weight_count=_encoder_weights(here.trace, config.encoder_layers),
        other=other,
        other_attention_weight_count=_encoder_weights(there.trace, config.encoder_layers),
        parameters_changed=sum(int((p != before[name]).sum()) for name, p in model.named_parameters()),
        d_model=config.d_model,
        layers=config.encoder_layers + config.decoder_layers,
        encoder_layers=config.encoder_layers,
        heads=config.heads,
        attention_parameter_count=in_attention,
        attention_parameter_share=in_attention / sum(counts.values()),
        head_parameter_count=4 * config.d_model * config.d_head,
    )


_KINDS = (
    ("norm", "norms"),
    ("embedding", "embedding table"),
    ("w_query", "query matrices"),
    ("w_key", "key matrices"),
    ("w_value", "value matrices"),
    ("w_output", "output matrices"),
    ("feed_forward", "feed-forward"),
)


def _encoder_weights(trace: Trace, layers: int) -> int:
    return sum(attention_at(trace, "encoder", layer).weights.numel() for layer in range(1, layers + 1))
