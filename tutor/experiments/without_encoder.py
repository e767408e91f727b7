"""`without-encoder`: what the decoder writes when it has nothing to read, or another sentence than yours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import attention_path, loss_of

if TYPE_CHECKING:
    from torch import Tensor

    from model.trace import Trace
    from tutor.experiments.models import Models, Reading

OTHERS = ("My sister reads a long letter.", "The old man sells apples.")
HALF = 0.5
"""A token that still has this probability with nothing to read is told by the French before it alone."""
_LONGEST = 24
"""Tokens that are written with nothing to read: the same number whatever the sentence, since nothing of it is known."""


@dataclass(frozen=True)
class WithoutEncoderOptions:
    other: str = option("", "a second sentence that is read instead of yours; by default one of ours")


@dataclass(frozen=True)
class TokenChance:
    """One token of the translation and its probability, each time after the right tokens before it."""

    token: str
    """As inside a sentence: 'tap…' for a piece of 'tapis'."""
    probability: float
    """Reading the learner's sentence."""
    without: float
    """With nothing to read."""
    other: float
    """Reading the other sentence."""


@dataclass(frozen=True, kw_only=True)
class WithoutEncoder:
    """The decoder with your sentence, with nothing, and with another sentence to look at.

    Nothing: what cross-attention adds is 0 in every layer. Losses are on your sentence's translation, in nats a token.
    """

    translation: str
    written_without: str
    """What is written with nothing to read: the same whatever the learner's sentence is."""
    other: str
    other_translation: str
    """What is written when the decoder reads that sentence."""
    tokens: tuple[TokenChance, ...]
    token_count: int
    layers: int
    """Layers whose cross-attention was taken out: all of the decoder's."""
    loss: float
    loss_without: float
    loss_other: float
    kept_count: int
    """Tokens that have at least half of the probability (`HALF`) with nothing to read."""
    kept_token: str
    """The word that is likeliest with nothing to read, a whole one if there is any, …"""
    kept_before: str
    """… the last word before it, which the decoder has read, or the start mark, …"""
    kept_without: float
    """… and its probability then."""
    lost_token: str
    """The word that loses most: content words first."""
    lost_probability: float
    """Reading your sentence."""
    lost_without: float
    lost_other: float


@experiment(
    "without-encoder",
    "what the decoder writes with nothing to read, or another sentence",
    WithoutEncoderOptions,
    WithoutEncoder,
)
def read_nothing(models: Models, sentence: str, options: WithoutEncoderOptions) -> WithoutEncoder:
    """Take cross-attention out of every layer, then let the decoder read another sentence.

    Raises `LearnerError` where the other sentence is the learner's own.
    """
    from model.edits import add_nothing
    from model.generation import greedy

    reading = models.read(sentence)
    there = _other(models, reading, options.other)
    layers = models.model.config.decoder_layers
    nothing = [add_nothing(attention_path("cross", layer)) for layer in range(1, layers + 1)]
    without = models.edited(reading, nothing)
    elsewhere = models.read_pair(there.sentence, there.source_ids, reading.target_ids).trace
    names = named(models, reading.target_ids)
    chances = (_right(trace, reading.labels) for trace in (reading.trace, without, elsewhere))
    tokens = tuple(map(TokenChance, names, *chances))
    at = max(range(len(tokens)), key=lambda n: (*_wordlike(names[n])[1:], tokens[n].without))
    before = models.tokenizer.decode(reading.target_ids[:at]).split()
    lost = max(tokens, key=lambda token: (*_wordlike(token.token), token.probability - token.without))
    return WithoutEncoder(
        translation=reading.translation,
        written_without=models.tokenizer.decode(greedy(models.model, reading.source, _LONGEST, nothing)[0].ids),
        other=there.sentence,
        other_translation=there.translation,
        tokens=tokens,
        token_count=len(tokens),
        layers=layers,
        loss=loss_of(reading.trace),
        loss_without=loss_of(without),
        loss_other=loss_of(elsewhere),
        kept_count=sum(token.without >= HALF for token in tokens),
        kept_token=tokens[at].token,
        kept_before=before[-1] if before else reading.input_tokens[0],
        kept_without=tokens[at].without,
        lost_token=lost.token,
        lost_probability=lost.probability,
        lost_without=lost.without,
        lost_other=lost.other,
    )


def _other(models: Models, here: Reading, named_other: str) -> Reading:
    """The sentence to read instead: the one that was named, else the first of ours that is not the learner's."""
    if named_other and models.source_ids(named_other) == here.source_ids:
        raise LearnerError("the other sentence is the one you have already; name a different one with --other")
    return models.read(named_other or next(text for text in OTHERS if models.source_ids(text) != here.source_ids))


def _wordlike(name: str) -> tuple[bool, bool, bool]:
    """Whether it is a word that means something by itself, a whole word, at least a piece of one: a rank."""
    return is_content(name), name.isalpha(), name.strip("…").isalpha()


def _right(trace: Trace, labels: Tensor) -> list[float]:
    """The probability of each right token."""
    found: list[float] = trace.probabilities[0].gather(-1, labels[0].unsqueeze(-1)).squeeze(-1).tolist()
    return found
