"""Which module holds the view of which result: one slug for an experiment and its view.

Views load when first asked for, so that a program which shows none pays for none.
"""

from __future__ import annotations

import importlib

VIEWS = (
    "tokens",
    "embeddings",
    "attention",
    "link",
    "attention_steps",
    "heads",
    "scaling",
    "cross_attention",
    "bottleneck",
    "way_back",
    "translate",
    "training",
    "gradients",
    "descent",
    "word_importance",
    "decoder_step",
    "next_word",
    "softmax",
    "parameters",
    "positions",
    "causal_mask",
    "residual",
    "contextual",
    "cost",
)


def load(result: object) -> None:
    """Import the view for this kind of result, found by the module its type is declared in."""
    slug = type(result).__module__.rpartition(".")[2]
    if slug in VIEWS:
        importlib.import_module(f"tutor.views.{slug}")


def load_all() -> None:
    """Import every view."""
    for slug in VIEWS:
        importlib.import_module(f"tutor.views.{slug}")
