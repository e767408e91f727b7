"""The mini Transformer: transparent, editable, provably right. Knows nothing of lessons or terminals.

The names in `__all__` are what the package promises (`docs/library.md`). Importing it loads no torch; the first use
of a name does. The edits are functions of `model.edits`, the backward pass is `model.gradients.gradients`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.checkpoint import BUNDLED, Checkpoint, load_checkpoint, save_checkpoint
    from model.config import TransformerConfig
    from model.edits import Edit
    from model.errors import CheckpointError, ConfigurationError, DataError, EditError, InputError, ModelError
    from model.generation import Candidate, Generated, Step, beam_search, greedy, sample
    from model.gradients import Gradients
    from model.recurrent import RecurrentConfig, RecurrentTrace, RecurrentTranslator
    from model.tokenizer import END, PAD, START, SubwordTokenizer, Token
    from model.trace import (
        AttentionTrace,
        BlockTrace,
        FeedForwardTrace,
        PathInfo,
        StackTrace,
        Trace,
        named_values,
        trace_paths,
        value_at,
    )
    from model.transformer import Transformer

__all__ = [
    "BUNDLED",
    "END",
    "PAD",
    "START",
    "AttentionTrace",
    "BlockTrace",
    "Candidate",
    "Checkpoint",
    "CheckpointError",
    "ConfigurationError",
    "DataError",
    "Edit",
    "EditError",
    "FeedForwardTrace",
    "Generated",
    "Gradients",
    "InputError",
    "ModelError",
    "PathInfo",
    "RecurrentConfig",
    "RecurrentTrace",
    "RecurrentTranslator",
    "StackTrace",
    "Step",
    "SubwordTokenizer",
    "Token",
    "Trace",
    "Transformer",
    "TransformerConfig",
    "beam_search",
    "greedy",
    "load_checkpoint",
    "named_values",
    "sample",
    "save_checkpoint",
    "trace_paths",
    "value_at",
]

_MODULES = {
    "checkpoint": ("BUNDLED", "Checkpoint", "load_checkpoint", "save_checkpoint"),
    "config": ("TransformerConfig",),
    "edits": ("Edit",),
    "errors": ("CheckpointError", "ConfigurationError", "DataError", "EditError", "InputError", "ModelError"),
    "generation": ("Candidate", "Generated", "Step", "beam_search", "greedy", "sample"),
    "gradients": ("Gradients",),
    "recurrent": ("RecurrentConfig", "RecurrentTrace", "RecurrentTranslator"),
    "tokenizer": ("END", "PAD", "START", "SubwordTokenizer", "Token"),
    "trace": (
        *("AttentionTrace", "BlockTrace", "FeedForwardTrace", "StackTrace", "Trace"),
        *("PathInfo", "named_values", "trace_paths", "value_at"),
    ),
    "transformer": ("Transformer",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'model' has no name '{name}'")
    return getattr(importlib.import_module(f"model.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
