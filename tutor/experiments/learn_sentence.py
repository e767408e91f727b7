"""`learn-sentence`: a copy of the translator trained on one sentence: what it learns, and what that does elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option, row
from tutor.experiments.habits import where
from tutor.experiments.models import SPARE_TOKENS
from tutor.experiments.pieces import is_content, named
from tutor.experiments.places import attention_at, loss_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.trace import Trace
    from model.transformer import Transformer
    from tutor.experiments.models import Models, Reading

MOST_STEPS = 200
_OTHERS = ("The dog is asleep.", "She reads a book.")
_BEAM = 4
"""Translations that are searched for one to learn."""


@dataclass(frozen=True)
class LearnSentenceOptions:
    target: str = option("", "the French to learn; by default the likeliest translation that is not the model's own")
    steps: int = option(50, "steps of gradient descent")
    rate: float = option(0.01, "learning rate: each parameter moves by its gradient times this")
    other: str = option("", "a second sentence, which is not learned; by default one of ours")


@dataclass(frozen=True, kw_only=True)
class LearnSentence:
    """Plain gradient descent on all parameters of a copy, on one sentence, always the same; the copy is thrown away.

    A loss is the mean of -ln of the probability of each right token, in nats. Right is the target; on the other
    sentence, what the model wrote there before the first step.
    """

    source_tokens: tuple[str, ...]
    target_tokens: tuple[str, ...]
    translation: str
    """What the model writes before the first step."""
    target: str
    target_given: bool
    """It is the learner's."""
    same_target: bool
    """It is what the model writes anyway."""
    steps: int
    rate: float
    losses: tuple[float, ...]
    """On the target: before the first step, and after each."""
    loss_before: float
    loss_after: float
    probability_before: float
    """Of the whole target, end mark included."""
    probability_after: float
    translation_after: str
    learned: bool
    """It now writes the target."""
    first_step: int
    """After so many steps it would have written the target for the first time; -1 if never."""
    where: str
    """'cross-attention layer 3', averaged over its heads."""
    word: str
    """The content word of the target, if it has one, whose look at the source moved most."""
    weights_before: tuple[float, ...]
    """Its probability per source token, sums to 1."""
    weights_after: tuple[float, ...]
    moved: float
    """How much of it lies elsewhere afterwards: total variation distance, 0 to 1."""
    looked_at: str
    """Where it looks most before …"""
    looked_at_before: float
    looked_at_after: float
    now_at: str
    """… and where afterwards."""
    now_at_before: float
    now_at_after: float
    other: str
    """A sentence that has no part in the training."""
    other_translation: str
    other_translation_after: str
    other_same: bool
    """It is translated as before."""
    other_loss_before: float
    other_loss_after: float


@experiment(
    "learn-sentence", "a copy trained on your sentence: learned and forgotten", LearnSentenceOptions, LearnSentence
)
def learn(models: Models, sentence: str, options: LearnSentenceOptions) -> LearnSentence:
    """Train a copy on `sentence` and its target, and compare it with the model before; that one stays as it was.

    Takes some seconds. Raises `LearnerError` for steps or a rate out of range, a target or sentence that is too long,
    and a rate so large that numbers overflow.
    """
    if not 1 <= options.steps <= MOST_STEPS:
        raise LearnerError(f"learn-sentence: steps must be from 1 to {MOST_STEPS}, not {options.steps}")
    if options.rate <= 0:
        raise LearnerError(f"learn-sentence: rate must be above 0, not {options.rate:g}; try 0.01")
    here = models.read(sentence)
    lesson = _lesson(models, here, options.target)
    other = models.read(options.other or next(text for text in _OTHERS if models.source_ids(text) != here.source_ids))

    network, losses, first = _trained(models.model, lesson, options)
    after, elsewhere = (_pass(network, reading) for reading in (lesson, other))
    if not math.isfinite(losses[-1]) or not math.isfinite(loss_of(elsewhere)):
        raise LearnerError(f"learn-sentence: at a rate of {options.rate:g} numbers overflow; try one as small as 0.01")
    written = _written(models, network, lesson, after, len(here.target_ids))
    written_elsewhere = _written(models, network, other, elsewhere)
    names = named(models, lesson.target_ids)
    look_before, look_after = _looks(models, lesson.trace), _looks(models, after)
    position = _most_moved(look_before, look_after, names)
    before_row, after_row = row(look_before[position]), row(look_after[position])
    sources = named(models, lesson.source_ids)
    looked, now = (held.index(max(held)) for held in (before_row, after_row))
    return LearnSentence(
        source_tokens=sources,
        target_tokens=names,
        translation=here.translation,
        target=lesson.translation,
        target_given=bool(options.target.strip()),
        same_target=lesson.translation == here.translation,
        steps=options.steps,
        rate=options.rate,
        losses=tuple(losses),
        loss_before=losses[0],
        loss_after=losses[-1],
        probability_before=math.exp(-losses[0] * len(names)),
        probability_after=math.exp(-losses[-1] * len(names)),
        translation_after=written,
        learned=written == lesson.translation,
        first_step=first,
        where=where("cross", models.model.config.decoder_layers),
        word=names[position],
        weights_before=before_row,
        weights_after=after_row,
        moved=sum(abs(new - old) for old, new in zip(before_row, after_row, strict=True)) / 2,
        looked_at=sources[looked],
        looked_at_before=before_row[looked],
        looked_at_after=after_row[looked],
        now_at=sources[now],
        now_at_before=before_row[now],
        now_at_after=after_row[now],
        other=other.sentence,
        other_translation=other.translation,
        other_translation_after=written_elsewhere,
        other_same=written_elsewhere == other.translation,
        other_loss_before=loss_of(other.trace),
        other_loss_after=loss_of(elsewhere),
    )


def _lesson(models: Models, here: Reading, target: str) -> Reading:
    """The sentence with what is to be learned: the learner's French, or the best of a beam that has other words."""
    from model.generation import beam_search
    from model.tokenizer import END

    if target.strip():
        return models.read_with_target(here.sentence, target.strip())
    found = [one.ids for one in beam_search(models.model, here.source, _BEAM) if one.ids[-1] == END]
    texts = [models.tokenizer.decode(ids) for ids in found]
    # Another text, and not only by a space or a mark, if there is one.
    ranks = [(_letters(text) != _letters(here.translation), text != here.translation) for text in texts]
    best = max(range(len(found)), key=ranks.__getitem__, default=None)
    ids = here.target_ids if best is None else found[best]
    return models.read_pair(here.sentence, here.source_ids, ids)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _trained(
    model: Transformer, lesson: Reading, options: LearnSentenceOptions
) -> tuple[Transformer, list[float], int]:
    """A trained copy, its losses before and after each step, and the first step after which it writes the target."""
    import copy

    import torch

    network = copy.deepcopy(model)
    parameters: list[Tensor] = list(network.parameters())
    losses, first = [], -1
    for step in range(options.steps + 1):
        with torch.set_grad_enabled(step < options.steps):
            trace = network(lesson.source, lesson.target, lesson.labels)
        losses.append(loss_of(trace))
        if first < 0 and bool((trace.logits.argmax(-1) == lesson.labels).all()):
            first = step  # greedy writing would take each of these tokens
        if step < options.steps and math.isfinite(losses[-1]):
            slopes = torch.autograd.grad(trace.loss, parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, list(slopes), alpha=-options.rate)
    return network, losses, first


def _pass(network: Transformer, reading: Reading) -> Trace:
    import torch

    with torch.no_grad():
        trace: Trace = network(reading.source, reading.target, reading.labels)
    return trace


def _written(models: Models, network: Transformer, reading: Reading, trace: Trace, least: int = 0) -> str:
    """What the network writes by itself, up to `SPARE_TOKENS` more than the reading's translation."""
    from model.generation import rewrite

    limit = max(least, len(reading.target_ids)) + SPARE_TOKENS
    return models.tokenizer.decode(rewrite(network, reading.source, reading.target_ids, trace.logits[0], limit))


def _looks(models: Models, trace: Trace) -> Tensor:
    """Where each token of the target looks when it is written, (T, S): last layer, average over heads."""
    return attention_at(trace, "cross", models.model.config.decoder_layers).weights[0].mean(0)


def _most_moved(before: Tensor, after: Tensor, names: Sequence[str]) -> int:
    """The row that moved most: of a word that means something, else of any word, else of any token."""
    moved = (after - before).abs().sum(-1).tolist()
    return max(range(len(names)), key=lambda at: (is_content(names[at]), names[at].isalpha(), moved[at]))
