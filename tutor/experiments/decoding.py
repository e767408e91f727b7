"""`decoding`: one sentence translated by greedy writing, by beam search and by lot, side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.pieces import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from model.generation import Generated
    from tutor.experiments.models import Models, Reading

WIDEST = 16
MOST_DRAWN = 20
COLDEST, HOTTEST = 0.05, 10.0
LENGTH_PENALTY = 0.6
"""Beam search compares ln p / ((5 + n) / 6) ** this, n the number of steps (Wu et al. 2016, eq. 14)."""


@dataclass(frozen=True)
class DecodingOptions:
    beam: int = option(4, f"how many beginnings beam search keeps open, 2 to {WIDEST}")
    temperature: float = option(1.0, "of the draws: below 1 they stray less, above 1 more")
    drawn: int = option(3, f"how many translations to draw, 1 to {MOST_DRAWN}")
    seed: int = option(0, "of the draws: the same seed and number draw the same again")

    def check(self) -> None:
        """Raise `LearnerError` where nothing can be written with these."""
        if not 2 <= self.beam <= WIDEST:
            raise LearnerError(f"decoding: beam goes from 2 to {WIDEST}; with 1 it would write greedily, shown anyway")
        if not COLDEST <= self.temperature <= HOTTEST:
            raise LearnerError(f"decoding: temperature goes from {COLDEST:g} to {HOTTEST:g}")
        if not 1 <= self.drawn <= MOST_DRAWN or abs(self.seed) > 2**31:
            raise LearnerError(f"decoding: drawn goes from 1 to {MOST_DRAWN}, seed from -2**31 to 2**31")


@dataclass(frozen=True)
class Parting:
    """The first step at which something else was written than greedily, after the same beginning."""

    step: int = 0
    """Counted from 1; 0 where everything is the same."""
    token: str = ""
    probability: float = 0.0
    """Of that token at that step, by the model itself: before any temperature."""
    greedy_token: str = ""
    greedy_probability: float = 0.0
    """Of the token that was taken greedily, the likeliest there."""


@dataclass(frozen=True)
class Writing:
    """One translation and how likely it is, by the model itself."""

    how: str
    """'greedy', 'beam 4', 'draw 1'."""
    same_as: str
    """Which of those above wrote the same; empty where none did."""
    shared: str
    """The text as far as it is that of greedy writing: …"""
    own: str
    """… and from there on."""
    log_probability: float
    """Sum of ln p over its steps, in nats."""
    token_probability: float
    """Geometric mean over its steps."""
    steps: int
    """Tokens written, the end mark among them."""
    finished: bool
    """Ended by the end mark, not by the length limit."""
    parting: Parting

    @property
    def text(self) -> str:
        """All of it."""
        return self.shared + self.own


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """What three ways of choosing make of one model and one sentence."""

    beam: int
    temperature: float
    drawn: int
    seed: int
    writings: tuple[Writing, ...]
    """Greedy, beam search, then each draw."""
    likeliest: str
    """The one of them with the largest whole probability, the first where several have it."""
    all_same: bool
    """Every one of them wrote the same."""
    greedy_text: str
    greedy_log_probability: float
    greedy_probability: float
    """Of the whole: the product over its steps."""
    greedy_token_probability: float
    greedy_steps: int
    beam_text: str
    beam_log_probability: float
    beam_token_probability: float
    beam_steps: int
    beam_same: bool
    """Beam search wrote what greedy writing did."""
    beam_likelier: bool
    """Its whole probability is larger."""
    beam_ratio: float
    """How many times as likely as the greedy one."""
    beam_score: float
    """What beam search compares, ln p divided by a measure of length: of its own, …"""
    greedy_score: float
    """… and what it would be of the greedy one."""
    beam_parting: int
    """The step at which they part, from 1; 0 where they do not."""
    beam_token: str
    beam_token_taken: float
    """Probability of what beam search took at that step, …"""
    greedy_token: str
    greedy_token_taken: float
    """… and of what was taken greedily."""
    strays: int
    """Draws that are not what greedy writing wrote."""
    stray: str
    """The least likely of them, 'draw 2'; empty where there is none."""
    stray_text: str
    stray_log_probability: float
    stray_token_probability: float
    stray_parting: int
    stray_token: str
    stray_token_taken: float
    """Probability of what came up there by lot, by the model itself."""
    stray_greedy_token: str
    stray_greedy_token_taken: float
    draw_probability: float
    """That a draw at this temperature writes exactly what greedy writing does: the product over its steps."""
    tail_probability: float
    """Of all pieces but the ten likeliest together, averaged over the steps of greedy writing."""


@experiment("decoding", "greedy writing, beam search and drawing by lot, side by side", DecodingOptions, Decoding)
def write_three_ways(models: Models, sentence: str, options: DecodingOptions) -> Decoding:
    """Translate `sentence` greedily, by beam search, and by drawing each token, all with one model.

    Raises `LearnerError` for options that make no sense.
    """
    from model.generation import LISTED

    options.check()
    reading = models.read(sentence)
    scores = reading.trace.logits[0].log_softmax(-1)  # (T, V)
    outputs = _outputs(models, reading, scores, options)
    hows = ["greedy", f"beam {options.beam}", *(f"draw {n}" for n in range(1, options.drawn + 1))]
    writings: list[Writing] = []
    for how, output in zip(hows, outputs, strict=True):
        first = next(earlier for earlier, one in zip(hows, outputs, strict=True) if one.ids == output.ids)
        writings.append(_writing(models, reading, scores, how, "" if first == how else first, output))
    greedy, beam, *draws = writings
    strays = [draw for draw in draws if draw.parting.step]
    stray = min(strays, key=lambda draw: draw.log_probability, default=None)
    parting, strayed = beam.parting, stray.parting if stray else Parting()
    # Drawn at a temperature, each of its tokens has another probability than by the model itself.
    at_temperature = (scores / options.temperature).log_softmax(-1).gather(1, reading.labels[0].unsqueeze(1))
    return Decoding(
        beam=options.beam,
        temperature=options.temperature,
        drawn=options.drawn,
        seed=options.seed,
        writings=tuple(writings),
        likeliest=max(writings, key=lambda one: one.log_probability).how,
        all_same=not beam.parting.step and not strays,
        greedy_text=greedy.text,
        greedy_log_probability=greedy.log_probability,
        greedy_probability=math.exp(greedy.log_probability),
        greedy_token_probability=greedy.token_probability,
        greedy_steps=greedy.steps,
        beam_text=beam.text,
        beam_log_probability=beam.log_probability,
        beam_token_probability=beam.token_probability,
        beam_steps=beam.steps,
        beam_same=not parting.step,
        beam_likelier=beam.log_probability > greedy.log_probability,
        beam_ratio=math.exp(min(700.0, beam.log_probability - greedy.log_probability)),
        beam_score=_score(beam),
        greedy_score=_score(greedy),
        beam_parting=parting.step,
        beam_token=parting.token,
        beam_token_taken=parting.probability,
        greedy_token=parting.greedy_token,
        greedy_token_taken=parting.greedy_probability,
        strays=len(strays),
        stray=stray.how if stray else "",
        stray_text=stray.text if stray else "",
        stray_log_probability=stray.log_probability if stray else 0.0,
        stray_token_probability=stray.token_probability if stray else 0.0,
        stray_parting=strayed.step,
        stray_token=strayed.token,
        stray_token_taken=strayed.probability,
        stray_greedy_token=strayed.greedy_token,
        stray_greedy_token_taken=strayed.greedy_probability,
        draw_probability=math.exp(at_temperature.sum().item()),
        tail_probability=1 - scores.exp().topk(LISTED).values.sum(-1).mean().item(),
    )


def _outputs(models: Models, reading: Reading, scores: Tensor, options: DecodingOptions) -> list[Generated]:
    """What is written greedily, by beam search, and in each draw; the same ids have the same log-probability."""
    from model.generation import Generated, beam_search, sample

    total = scores.gather(1, reading.labels[0].unsqueeze(1)).sum().item()
    greedy = Generated(reading.target_ids, total)
    beam = beam_search(models.model, reading.source, options.beam, LENGTH_PENALTY)[0]
    # All draws are rows of one batch: the model is run once a step for them all.
    sources = reading.source.expand(options.drawn, -1)
    draws = sample(models.model, sources, temperature=options.temperature, seed=options.seed)
    known: dict[tuple[int, ...], Generated] = {}
    return [known.setdefault(output.ids, output) for output in (greedy, beam, *draws)]


def _score(writing: Writing) -> float:
    """What beam search compares."""
    return writing.log_probability / float(((5 + writing.steps) / 6) ** LENGTH_PENALTY)


def _writing(models: Models, reading: Reading, scores: Tensor, how: str, same_as: str, output: Generated) -> Writing:
    from model.tokenizer import END

    ids, text = output.ids, models.tokenizer.decode(output.ids)
    at = _first_difference(ids, reading.target_ids)
    shared, parting = text, Parting()
    if at is not None:
        shared = models.tokenizer.decode(ids[:at]).rstrip("\ufffd")  # a character of which only some bytes are shared
        # After the same beginning the model expects the same, so that one row tells of both.
        token, greedy_token = named(models, ids)[at], named(models, reading.target_ids)[at]
        chances = scores[at].exp()
        parting = Parting(at + 1, token, chances[ids[at]].item(), greedy_token, chances[reading.target_ids[at]].item())
    return Writing(
        how=how,
        same_as=same_as,
        shared=shared,
        own=text[len(shared) :],
        log_probability=output.log_probability,
        token_probability=math.exp(output.log_probability / len(ids)),
        steps=len(ids),
        finished=ids[-1] == END,
        parting=parting,
    )


def _first_difference(ids: Sequence[int], others: Sequence[int]) -> int | None:
    """The first place at which two outputs differ; None where they do not, as far as both go."""
    pairs = zip(ids, others, strict=False)
    return next((at for at, (one, other) in enumerate(pairs) if one != other), None)
