"""Every experiment, in the order that `show --list` prints them: the order in which a learner needs them."""

import importlib

from tutor.experiments.base import Experiment, Run, arrange, find, registered, run

__all__ = ["NAMES", "Experiment", "Run", "find", "registered", "run"]

NAMES = (
    "tokens",
    "embeddings",
    "positions",
    "attention",
    "link",
    "attention-steps",
    "softmax",
    "scaling",
    "heads",
    "contextual",
    "causal-mask",
    "residual",
    "cross-attention",
    "bottleneck",
    "way-back",
    "translate",
    "decoder-step",
    "next-word",
    "training",
    "gradients",
    "descent",
    "word-importance",
    "parameters",
    "cost",
)

for _name in NAMES:
    importlib.import_module(f"tutor.experiments.{_name.replace('-', '_')}")
arrange(NAMES)
