"""Every experiment, in the order that `show --list` prints them."""

from tutor.experiments import (
    attention,
    attention_steps,
    causal_mask,
    contextual,
    cost,
    cross_attention,
    embeddings,
    gradients,
    heads,
    next_word,
    parameters,
    positions,
    residual,
    scaling,
    softmax,
    tokens,
    translate,
    word_importance,
)
from tutor.experiments.base import Experiment, Run, find, registered, run

__all__ = ["Experiment", "Run", "find", "registered", "run"]
