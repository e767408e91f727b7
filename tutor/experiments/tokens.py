"""`tokens`: the units that the model reads, and their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class TokensOptions:
    """No options."""


@dataclass(frozen=True)
class Tokens:
    """One sentence cut into tokens; the end mark that the encoder also reads is the last."""

    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    starts_word: tuple[bool, ...]
    """False for a piece that continues the word before it, and for punctuation."""
    token_count: int
    word_count: int
    split_words: tuple[str, ...]
    """Words that took more than one token."""
    byte_tokens: int
    """Tokens that are single bytes, for characters outside the vocabulary."""
    vocabulary_size: int
