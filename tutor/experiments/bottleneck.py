"""`bottleneck`: the same French words to write, and more and more to read: through one vector, or through many."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import Matrix, experiment, matrix, option
from tutor.experiments.pieces import named

if TYPE_CHECKING:
    from torch import Tensor

    from model.recurrent import RecurrentTrace, RecurrentTranslator
    from tutor.experiments.models import Models, Reading

JOINED = (", and it is raining", " and the children are playing in the garden", " and I will call you")
"""What is joined to the sentence, one after the other."""
ELSEWHERE = (
    "The teacher asked the students a difficult question.",
    "My sister gave the old book to the teacher.",
    "If it rains tomorrow, we will stay at home.",
)
"""Where to look when a sentence does not show the bottleneck."""
APART = 0.2
"""It shows where what is joined costs the fixed vector so many nats a token more than it costs attention."""
_CLOSING = ".?!… "


PARTS = ("loss", "looks")


@dataclass(frozen=True)
class BottleneckOptions:
    part: str = option("loss", "loss or looks (where the recurrent translator with attention looks): what comes first")


@dataclass(frozen=True)
class TokenLoss:
    """One token of the translation: -ln of the probability that each translator gives to it, in nats."""

    token: str
    fixed: float
    attention: float
    transformer: float


@dataclass(frozen=True)
class Stage:
    """The sentence with so much joined to it, and the mean loss on the tokens of its translation, in nats."""

    source: str
    source_count: int
    """How many tokens are read, the end mark included."""
    fixed: float
    attention: float
    transformer: float


@dataclass(frozen=True)
class Bottleneck:
    """Three translators on one sentence. `fixed`: two GRUs and one vector; `attention`: the same with attention.

    Losses are on the Transformer's own translation up to its last word: what closes a sentence is right only while
    nothing follows. The stages are the sentence alone, then the same with more and more joined to it.
    """

    part: str
    """What comes first: 'loss' or 'looks'."""
    source_tokens: tuple[str, ...]
    translation: str
    """The Transformer's own: what all three are measured on."""
    fixed_translation: str
    """What this one writes by itself."""
    attention_translation: str
    vector_size: int
    """Numbers in one vector: all that the writer with the fixed context sees of the source, at each step."""
    source_count: int
    """Vectors of that size that the writer with attention mixes: one a token read, the end mark included."""
    tokens: tuple[TokenLoss, ...]
    """On the sentence alone."""
    stages: tuple[Stage, ...]
    fixed_loss: float
    """On the sentence alone."""
    attention_loss: float
    transformer_loss: float
    fixed_loss_joined: float
    """With everything joined."""
    attention_loss_joined: float
    transformer_loss_joined: float
    joined_words: int
    """How many words are joined in the end."""
    shows: bool
    """Whether what is joined costs the fixed vector clearly more than attention, and leaves it with the larger loss."""
    elsewhere: str
    """Where it does not: a sentence on which it does, found by running it; empty if none does."""
    weights: Matrix
    """Of the recurrent translator with attention, on the sentence alone; rows: `tokens`, columns: `source_tokens`."""
    sharpest_target: str
    sharpest_source: str
    sharpest_weight: float
    even_weight: float
    """What each token would get if a row looked evenly."""


@dataclass(frozen=True, eq=False)
class _Run:
    """All three translators over the sentence as it grows."""

    texts: tuple[str, ...]
    sources: tuple[tuple[int, ...], ...]
    losses: Mapping[str, Matrix]
    """One row for each stage, one column for each token of the translation."""
    weights: Tensor  # (tokens, source)

    def loss(self, name: str, stage: int) -> float:
        return fmean(self.losses[name][stage])

    def stage(self, at: int) -> Stage:
        means = {name: self.loss(name, at) for name in self.losses}
        return Stage(self.texts[at], len(self.sources[at]), **means)

    @property
    def shows(self) -> bool:
        first, last = self.stage(0), self.stage(-1)
        ahead = last.fixed - last.attention
        return ahead > 0 and ahead - (first.fixed - first.attention) > APART


@experiment(
    "bottleneck", "one vector for the whole sentence, or one a token: three translators", BottleneckOptions, Bottleneck
)
def compare_translators(models: Models, sentence: str, options: BottleneckOptions) -> Bottleneck:
    """Measure three translators on one translation while more is joined to the sentence.

    The French words to be written stay the same; only what has to be kept of the source grows. Sutskever et al. 2014
    for the fixed vector, Bahdanau et al. 2015 for attention. Raises `LearnerError` for a part that does not exist.
    """
    if options.part not in PARTS:
        raise LearnerError(f"there is no part '{options.part}'; bottleneck has {' and '.join(PARTS)}")
    reading = models.read(sentence)
    run = _run(models, reading)
    first, last = run.stage(0), run.stage(-1)
    target, source = named(models, reading.target_ids), named(models, reading.source_ids)
    telling = [at for at in range(len(run.weights)) if target[at].isalpha()] or [0]
    sharpest = max(telling, key=lambda at: run.weights[at].max().item())
    sharpest_source = int(run.weights[sharpest].argmax())
    return Bottleneck(
        part=options.part,
        source_tokens=reading.source_tokens,
        translation=reading.translation,
        fixed_translation=_written(models, models.recurrent, reading),
        attention_translation=_written(models, models.recurrent_attention, reading),
        vector_size=2 * models.recurrent.config.d_reader,
        source_count=first.source_count,
        tokens=tuple(
            TokenLoss(token, **dict(zip(run.losses, losses, strict=True)))
            for token, *losses in zip(reading.target_tokens, *(rows[0] for rows in run.losses.values()), strict=False)
        ),
        stages=tuple(run.stage(at) for at in range(len(run.texts))),
        fixed_loss=first.fixed,
        attention_loss=first.attention,
        transformer_loss=first.transformer,
        fixed_loss_joined=last.fixed,
        attention_loss_joined=last.attention,
        transformer_loss_joined=last.transformer,
        joined_words=len(last.source.split()) - len(first.source.split()),
        shows=run.shows,
        elsewhere="" if run.shows else _elsewhere(models),
        weights=matrix(run.weights),
        sharpest_target=target[sharpest],
        sharpest_source=source[sharpest_source],
        sharpest_weight=run.weights[sharpest, sharpest_source].item(),
        even_weight=1 / first.source_count,
    )


def _run(models: Models, reading: Reading) -> _Run:
    """Each translator over all stages in one batch."""
    import torch

    from model.tokenizer import PAD, START

    texts = growing(models, reading.sentence)
    sources = tuple(models.source_ids(text) for text in texts)
    width = max(map(len, sources))
    source = torch.tensor([[*ids, *[PAD] * (width - len(ids))] for ids in sources])  # (stages, S)
    kept = list(reading.target_ids[: _words(reading)])
    target = torch.tensor([[START, *kept[:-1]]]).expand(len(sources), -1)  # (stages, T)
    with torch.no_grad():
        attention: RecurrentTrace = models.recurrent_attention(source, target)
        logits = {
            "fixed": models.recurrent(source, target).logits,
            "attention": attention.logits,
            "transformer": models.model(source, target).logits,
        }
    assert attention.decoder.weights is not None
    losses = {name: matrix(_token_losses(found, kept)) for name, found in logits.items()}
    return _Run(texts, sources, losses, attention.decoder.weights[0, :, : len(sources[0])])


def _token_losses(logits: Tensor, labels: list[int]) -> Tensor:
    """-ln p of each label at each stage, (stages, T), in double precision: near 0 the fifth digit would be lost."""
    return -logits.double().log_softmax(dim=-1)[:, range(len(labels)), labels]


def growing(models: Models, sentence: str) -> tuple[str, ...]:
    """The sentence alone, then with more and more put before its closing mark, as far as the models can read it."""
    stem = sentence.rstrip(_CLOSING)
    closing = sentence[len(stem) :]
    texts = (sentence, *(stem + "".join(JOINED[:count]) + closing for count in range(1, len(JOINED) + 1)))
    longest = models.model.config.max_tokens
    return tuple(text for text in texts if text is sentence or len(models.tokenizer.encode(text)) < longest)


def _words(reading: Reading) -> int:
    """How many tokens of the translation come before what closes it; all of them where there is no word."""
    tokens = reading.target_tokens
    letters = [at for at, token in enumerate(tokens[:-1], 1) if any(map(str.isalnum, token))]
    return letters[-1] if letters else len(tokens)


def _written(models: Models, network: RecurrentTranslator, reading: Reading) -> str:
    """What `network` writes by itself; a few tokens more than the Transformer's translation show that it rambles."""
    from model.generation import greedy

    longest = min(len(reading.target_ids) + 5, network.config.max_tokens - 1)
    return models.tokenizer.decode(greedy(network, reading.source, longest)[0].ids)


@functools.lru_cache(maxsize=1)
def _elsewhere(models: Models) -> str:
    return next((text for text in ELSEWHERE if _run(models, models.read(text)).shows), "")
