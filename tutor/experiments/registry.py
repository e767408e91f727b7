"""Every experiment, in the order that `show --list` prints them: the order in which a learner needs them."""

import importlib

from tutor.experiments.base import Experiment, Run, arrange, find, registered, run

__all__ = ["NAMES", "Experiment", "Run", "find", "registered", "run"]

NAMES = (
    "tokens",
    "one-hot",
    "embeddings",
    "word-swap",
    "positions",
    "attention",
    "link",
    "looked-at",
    "query-key",
    "attention-steps",
    "by-hand",
    "softmax",
    "scaling",
    "heads",
    "rank-heads",
    "effect",
    "contextual",
    "compare",
    "paragraph",
    "encoder-layers",
    "causal-mask",
    "residual",
    "residual-gradient",
    "blocks",
    "cross-attention",
    "without-encoder",
    "bottleneck",
    "way-back",
    "translate",
    "decoder-step",
    "decoding",
    "teacher-forcing",
    "next-word",
    "repeat",
    "logit-lens",
    "training",
    "gradients",
    "nudge",
    "why-backprop",
    "descent",
    "learn-sentence",
    "word-importance",
    "parameters",
    "shapes",
    "cost",
)

for _name in NAMES:
    importlib.import_module(f"tutor.experiments.{_name.replace('-', '_')}")
arrange(NAMES)
