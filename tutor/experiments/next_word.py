"""`next-word`: what the English model expects next, and how much every word of the text surprised it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.ablation import before_last_word
from tutor.experiments.base import cosine, experiment, option
from tutor.experiments.distribution import Distribution, DistributionOptions, read_distribution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.edits import Edit
    from tutor.experiments.models import Models

LONGEST = 16
"""Tokens in a continuation whose length is left open."""
MOST_WORDS, TOKENS_A_WORD = 30, 6
"""Words that may be asked for, and the tokens that are written for each: what is more is cut off."""
MOST_DRAWN = 20


@dataclass(frozen=True, kw_only=True)
class NextWordOptions(DistributionOptions):
    after: str = option(
        "", "the English to go on from; by default your sentence, or all but its last word if it is whole"
    )
    drawn: int = option(3, "how many continuations to draw")
    seed: int = option(0, "of the first draw")
    length: int = option(
        0, f"how many words to go on for, up to {MOST_WORDS}; by default to the end or {LONGEST} tokens"
    )


@dataclass(frozen=True)
class Surprise:
    """One token of the text, and what the model expected where it stands."""

    token: str
    probability: float
    bits: float
    """-log2 of that probability."""
    rank: int
    """1 where the token was the likeliest."""
    expected: str
    """The likeliest token there."""


@dataclass(frozen=True, kw_only=True)
class NextWord(Distribution):
    """What the English model expects after a text."""

    text: str
    """What it goes on from."""
    tokens: tuple[str, ...]
    following: str
    """The token that does stand next in your sentence; empty where nothing does."""
    following_probability: float
    following_rank: int
    token_without_attention: str
    """The likeliest token when every head must look evenly at all that stands before."""
    probability_without_attention: float
    likeness: float
    """Cosine of the rows of the two likeliest tokens in the embedding table, which is the output layer too."""
    usual_likeness: float
    """Of the likeliest token's row with those of all whole words, on average."""
    length: int = 0
    """Words that were asked for; 0 where that was left open. The end of the text comes earlier where it is likelier."""
    continuation: str = ""
    """The likeliest token each time, for so many words."""
    written: int = 0
    """Words in it."""
    continuations: tuple[str, ...]
    """How it might go on: the likeliest token each time, then drawn at this temperature, each by another seed."""
    surprises: tuple[Surprise, ...]
    """Of every token of the text, in order."""
    most_surprising: str
    most_surprising_bits: float


@experiment("next-word", "what the English model expects next, as probabilities", NextWordOptions, NextWord)
def predict_next(models: Models, sentence: str, options: NextWordOptions) -> NextWord:
    """The distribution over the next English token, and the same with order or attention taken away.

    Raises `LearnerError` for options that make no sense and for a text longer than the model reads.
    """
    options.check("next-word")
    if not 0 <= options.drawn <= MOST_DRAWN or abs(options.seed) > 2**31:
        raise LearnerError(f"next-word: drawn goes from 0 to {MOST_DRAWN}, seed from -2**31 to 2**31")
    if not 0 <= options.length <= MOST_WORDS:
        raise LearnerError(f"next-word: length goes from 1 to {MOST_WORDS} words")
    tokenizer = models.next_word.tokenizer
    begun = sentence.rstrip(" .!?…") if options.length else ""  # behind a full stop there is nothing to go on with
    ids, following = _text_ids(models, sentence, options.after or begun)
    logits = _logits(models, ids)
    found, without_attention = read_distribution(
        lambda edits: _logits(models, ids, edits)[-1],
        options,
        lambda shown: models.show(shown, tokenizer),
        even="decoder",
        layers=models.predictor.config.decoder_layers if ids else 0,  # at the start there is nothing to choose from
    )
    last = (logits[-1] / options.temperature).softmax(-1)
    surprises = _surprises(models, ids, logits)
    likeness, usual = _likeness(models, *logits[-1].topk(2).indices.tolist())
    continuations = _continuations(models, ids, options)
    worst = max(surprises, key=lambda entry: entry.bits, default=None)
    return NextWord(
        **vars(found),
        text=tokenizer.decode(ids),
        tokens=models.show(ids, tokenizer),
        following=models.show([following], tokenizer)[0] if following is not None else "",
        following_probability=last[following].item() if following is not None else 0.0,
        following_rank=_rank(last, following) if following is not None else 0,
        token_without_attention=without_attention.token,
        probability_without_attention=without_attention.probability,
        likeness=likeness,
        usual_likeness=usual,
        length=options.length,
        continuation=continuations[0],
        written=len(continuations[0].split()),
        continuations=continuations,
        surprises=surprises,
        most_surprising=worst.token if worst else "",
        most_surprising_bits=worst.bits if worst else 0.0,
    )


def _likeness(models: Models, first: int, second: int) -> tuple[float, float]:
    table = models.predictor.embedding.weight.detach()  # (V, C)
    cosines = cosine(table, table[first])  # (V,)
    words = [id_ for id_ in models.whole_words if id_ != first]
    return cosines[second].item(), cosines[words].mean().item()


def _text_ids(models: Models, sentence: str, after: str) -> tuple[list[int], int | None]:
    """The ids to go on from, and the id that stands next: a whole sentence is cut before its last word."""
    ids = models.text_ids(after or sentence)
    cut = len(ids) if after else before_last_word(models, sentence, ids)
    return ids[:cut], ids[cut] if cut < len(ids) else None


def _logits(models: Models, ids: Sequence[int], edits: Sequence[Edit] = ()) -> Tensor:
    """(T + 1, V): what is expected at the start and after each token."""
    import torch

    from model.tokenizer import START

    with torch.no_grad():
        logits: Tensor = models.predictor(target=torch.tensor([[START, *ids]]), edits=edits).logits[0]
    return logits


def _continuations(models: Models, ids: Sequence[int], options: NextWordOptions) -> tuple[str, ...]:
    import torch

    from model.generation import greedy, sample
    from model.tokenizer import START

    room = models.predictor.config.max_tokens - 1 - len(ids)
    prompt, longest = torch.tensor([[START, *ids]]), min(options.length * TOKENS_A_WORD or LONGEST, room)
    written = greedy(models.predictor, None, longest, prompt=prompt)
    for seed in range(options.seed, options.seed + options.drawn):
        written += sample(models.predictor, None, longest, prompt=prompt, temperature=options.temperature, seed=seed)
    texts = (models.next_word.tokenizer.decode(output.ids) for output in written)
    return tuple(" ".join(text.split()[: options.length]) if options.length else text for text in texts)


def _surprises(models: Models, ids: Sequence[int], logits: Tensor) -> tuple[Surprise, ...]:
    found = []
    for token, expected in zip(ids, logits.softmax(-1), strict=False):
        probability = expected[token].item()
        found.append(
            Surprise(
                token=models.show([token], models.next_word.tokenizer)[0],
                probability=probability,
                bits=-math.log2(max(probability, 1e-38)),
                rank=_rank(expected, token),
                expected=_likeliest(models, expected),
            )
        )
    return tuple(found)


def _rank(probabilities: Tensor, token: int) -> int:
    return int((probabilities > probabilities[token]).sum()) + 1


def _likeliest(models: Models, probabilities: Tensor) -> str:
    return models.show([int(probabilities.argmax())], models.next_word.tokenizer)[0]
