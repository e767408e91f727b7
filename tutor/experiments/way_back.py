"""`way-back`: the gradient's road from a reader's last state to each word: step by step, or past all steps at once."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING

from tutor.experiments.base import experiment, row
from tutor.experiments.bottleneck import growing
from tutor.experiments.pieces import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.recurrent import RecurrentConfig, RecurrentTranslator
    from model.transformer import Transformer
    from tutor.experiments.models import Models, Reading

LONG = 20
"""Something is joined to a sentence of fewer tokens: on a short road nothing fades far."""
DIRECTIONS = 8
"""In so many directions a last state is nudged; always the same ones."""
GROUPED = 5
"""Words at least in a group of distances, as long as there are enough: single words differ in strength."""
GROUPS = 5
"""Groups at most."""
FADED = 0.1
"""A gradient has faded where this share, or less, of what reaches the nearest words reaches the farthest."""


@dataclass(frozen=True)
class WayBackOptions:
    """None: all readers are compared at once."""


@dataclass(frozen=True)
class Road:
    """From the state after the last token of the longer text back to each of its tokens, in one network's encoder."""

    reader: str
    lengths: tuple[float, ...]
    """Of the Jacobian of the last state by each token's embedding: root mean square over random directions of sign."""
    shares: tuple[float, ...]
    """Mean length in each group of `distances`, divided by that of the nearest group."""
    factor: float
    """By what one more step back multiplies the length: from the straight line through the logarithms."""

    @property
    def far(self) -> float:
        """What reaches the farthest words, as a share of what reaches the nearest."""
        return self.shares[-1]


@dataclass(frozen=True)
class WordError:
    """Length of the gradient of a translation's loss at one word of the sentence itself; 1: that network's mean."""

    token: str
    fixed: float
    attention: float
    transformer: float
    without_attention: float
    """What is left of `attention`, on the same scale, when the error may only go back through the states."""


@dataclass(frozen=True)
class WayBack:
    """How the error comes back to the words: through a recurrent reader, with attention beside it, in a Transformer.

    Two measures. `rows`: inside each encoder, how strongly the last state depends on each word; of the recurrent
    readers the half that reads from left to right, so that the first word is the farthest. `words`: what of the loss
    of the Transformer's own translation arrives at each word.
    """

    source_tokens: tuple[str, ...]
    translation: str
    longer: str
    """The text of the roads: the sentence, with more joined to it where it is short."""
    long_tokens: tuple[str, ...]
    joined_words: int
    steps: int
    """From the end mark back to the first token of that text."""
    distances: tuple[str, ...]
    """Groups of steps back: '1-5'."""
    rows: tuple[Road, ...]
    untrained_factor: float
    """Of the recurrent reader with random weights."""
    untrained_far: float
    fixed_factor: float
    fixed_far: float
    attention_factor: float
    attention_far: float
    transformer_untrained_factor: float
    transformer_untrained_far: float
    transformer_factor: float
    transformer_far: float
    shows: bool
    """Whether the gradient fades in the untrained recurrent reader and in neither Transformer."""
    words: tuple[WordError, ...]
    first_word: str
    last_word: str
    fixed_ratio: float
    """At the first word over at the last, of the loss of the translation."""
    attention_ratio: float
    transformer_ratio: float
    left_without_attention: float
    """Sum of lengths over all words when the error goes back through the states alone, over that of the whole error."""


@experiment("way-back", "how much of the error reaches each word: recurrent or attention", WayBackOptions, WayBack)
def go_back(models: Models, sentence: str, options: WayBackOptions) -> WayBack:
    """Send gradients back through every reader, and the loss of one translation through the three translators.

    Hochreiter 1991 and Bengio et al. 1994 for the product of one factor a step. Raises `LearnerError` for a sentence
    longer than the models read.
    """
    reading = models.read(sentence)
    longer = _longer(models, sentence)
    ids = models.source_ids(longer)
    groups = _groups(len(ids) - 1)
    untrained = _untrained(models.recurrent.config)
    roads = {
        "untrained": _road("GRU, untrained", _recurrent_lengths(untrained, ids), groups),
        "transformer_untrained": _road("Transformer, untrained", _encoder_lengths(models.untrained, ids), groups),
        "fixed": _road("GRU, one vector", _recurrent_lengths(models.recurrent, ids), groups),
        "attention": _road("GRU, attention", _recurrent_lengths(models.recurrent_attention, ids), groups),
        "transformer": _road("Transformer", _encoder_lengths(models.model, ids), groups),
    }
    far = {name: road.far for name, road in roads.items()}
    words, left = _errors(models, reading)
    first, last = words[0], words[_last_word(words)]
    return WayBack(
        source_tokens=named(models, reading.source_ids),
        translation=reading.translation,
        longer=longer,
        long_tokens=named(models, ids),
        joined_words=len(longer.split()) - len(sentence.split()),
        steps=len(ids) - 1,
        distances=tuple(f"{start}-{end}" if start < end else str(end) for start, end in groups),
        rows=tuple(roads.values()),
        **{f"{name}_factor": road.factor for name, road in roads.items()},
        **{f"{name}_far": share for name, share in far.items()},
        shows=far["untrained"] < FADED <= min(far["transformer"], far["transformer_untrained"]),
        words=words,
        first_word=first.token,
        last_word=last.token,
        fixed_ratio=first.fixed / last.fixed,
        attention_ratio=first.attention / last.attention,
        transformer_ratio=first.transformer / last.transformer,
        left_without_attention=left,
    )


def _longer(models: Models, sentence: str) -> str:
    """The sentence with as much joined to it as makes it long."""
    texts = growing(models, sentence)
    return next((text for text in texts if len(models.source_ids(text)) >= LONG), texts[-1])


def _groups(steps: int) -> tuple[tuple[int, int], ...]:
    """First and last distance of each group of distances, from 1 to `steps`."""
    count = max(1, min(GROUPS, steps // GROUPED))
    ends = [round(steps * part / count) for part in range(count + 1)]
    return tuple((start + 1, end) for start, end in pairwise(ends))


@functools.lru_cache(maxsize=1)
def _untrained(config: RecurrentConfig) -> RecurrentTranslator:
    """The recurrent translators' twin with random weights, always the same ones."""
    import torch

    from model.recurrent import RecurrentTranslator

    with torch.random.fork_rng():
        torch.manual_seed(0)
        return RecurrentTranslator(config).eval()


def _recurrent_lengths(network: RecurrentTranslator, ids: Sequence[int]) -> Tensor:
    """Of d last state / d embedding, (S,): the half that reads from left to right."""
    import torch

    source = torch.tensor([list(ids)])  # (1, S)
    with torch.no_grad():
        embedding = network.encode(source).embedding
    with torch.enable_grad():
        inputs = embedding.expand(DIRECTIONS, -1, -1).clone().requires_grad_()  # (N, S, E)
        state = network.left_to_right(inputs, (source != network.config.pad_id).expand(DIRECTIONS, -1)).state
    return _lengths(state[:, -1], inputs)


def _encoder_lengths(network: Transformer, ids: Sequence[int]) -> Tensor:
    """Of d last vector / d embedding, (S,): the encoder's output at the end mark."""
    import torch

    with torch.enable_grad():
        encoder = network.encode(torch.tensor([list(ids)]).expand(DIRECTIONS, -1))
    return _lengths(encoder.output[:, -1], encoder.embedding)


def _lengths(last: Tensor, embedding: Tensor) -> Tensor:
    """Root mean square of |d (s · last) / d embedding| over random vectors of signs s, (S,).

    Its square is on average that of the Jacobian's Frobenius norm. Each copy in the batch, `last` (N, D) and
    `embedding` (N, S, E), takes one s.
    """
    import torch

    chance = torch.Generator().manual_seed(0)
    signs = torch.randint(0, 2, last.shape, generator=chance) * 2.0 - 1.0
    (found,) = torch.autograd.grad((last * signs).sum(), embedding)
    # In single precision the square of what has faded far would be 0.
    return found.double().square().sum(dim=-1).mean(dim=0).sqrt()


def _road(reader: str, lengths: Tensor, groups: tuple[tuple[int, int], ...]) -> Road:
    """What the lengths (S,) say about distance; the last token itself, 0 steps back, is left out."""
    back = lengths.flip(0).tolist()  # by distance
    means = [fmean(back[start : end + 1]) for start, end in groups]
    return Road(reader, row(lengths), tuple(mean / means[0] for mean in means), _factor(back[1:]))


def _factor(back: Sequence[float]) -> float:
    """exp of the least-squares slope of ln length over distance."""
    logs = [math.log(max(length, 1e-300)) for length in back]
    centre, mean = (len(logs) - 1) / 2, fmean(logs)
    spread = sum((at - centre) ** 2 for at in range(len(logs)))
    return math.exp(sum((at - centre) * (log - mean) for at, log in enumerate(logs)) / spread)


def _errors(models: Models, reading: Reading) -> tuple[tuple[WordError, ...], float]:
    """What of the loss of the translation arrives at each word; and the share left in all without attention.

    The writer with attention has two roads to the source: its attention, and its first state, which is made from the
    reader's last ones. The gradient that comes by its first state alone is what attention does not carry.
    """
    import torch

    lengths = {}
    with torch.enable_grad():
        for name, network in (("fixed", models.recurrent), ("transformer", models.model)):
            trace = network(reading.source, reading.target, reading.labels)
            lengths[name] = _by_word(torch.autograd.grad(trace.loss, trace.encoder.embedding))
        trace = models.recurrent_attention(reading.source, reading.target, reading.labels)
    start, embedding = trace.decoder.start, trace.encoder.embedding
    whole = torch.autograd.grad(trace.loss, embedding, retain_graph=True)
    at_start = torch.autograd.grad(trace.loss, start, retain_graph=True)
    states = _by_word(torch.autograd.grad(start, embedding, at_start))
    lengths["attention"] = _by_word(whole)
    means = {name: found.mean() for name, found in lengths.items()}
    scaled = {name: row(found / means[name]) for name, found in lengths.items()}
    scaled["without_attention"] = row(states / means["attention"])
    words = tuple(
        WordError(token, **dict(zip(scaled, values, strict=True)))
        for token, *values in zip(named(models, reading.source_ids), *scaled.values(), strict=True)
    )
    return words, float(states.sum() / lengths["attention"].sum())


def _by_word(gradient: tuple[Tensor, ...]) -> Tensor:
    """Length at each token, (S,), of a gradient (1, S, E) as autograd returns it."""
    lengths: Tensor = gradient[0][0].double().norm(dim=-1)
    return lengths


def _last_word(words: Sequence[WordError]) -> int:
    """Where the last word stands, before what closes the sentence."""
    letters = [at for at, word in enumerate(words[:-1]) if any(map(str.isalnum, word.token))]
    return letters[-1] if letters else len(words) - 1
