"""`tokens`: the units that the model reads, and their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment

if TYPE_CHECKING:
    from model.tokenizer import Token
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


@experiment("tokens", "the units the model reads, and their ids", TokensOptions, Tokens)
def cut_into_tokens(models: Models, sentence: str, options: TokensOptions) -> Tokens:
    """Cut `sentence` into the translator's tokens."""
    shown = models.tokenizer.tokens(models.source_ids(sentence))
    words: list[list[Token]] = []
    for token in shown[:-1]:
        if token.starts_word or not words:
            words.append([])
        words[-1].append(token)
    return Tokens(
        tokens=tuple(token.text for token in shown),
        ids=tuple(token.id for token in shown),
        starts_word=tuple(token.starts_word for token in shown),
        token_count=len(shown),
        word_count=len(words),
        split_words=tuple(
            models.tokenizer.decode([piece.id for piece in pieces]).strip(" .,;:!?")
            for pieces in words
            if sum(piece.text[0].isalpha() for piece in pieces) > 1 and all(piece.text != "'" for piece in pieces)
        ),
        byte_tokens=sum(models.tokenizer.is_byte(token.id) for token in shown),
        vocabulary_size=models.tokenizer.size,
    )
