"""`logit-lens`: what would come next, if the vector after each layer were already read out (nostalgebraist 2020).

The reading is made for the end: the last norm, then the dot product with each row of the embedding table. What it says
of a vector from the middle is a guess at what is in it. Nothing in training asked a middle layer to be read like this.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.ablation import before_last_word
from tutor.experiments.base import experiment, option
from tutor.experiments.models import START_ID
from tutor.experiments.pieces import named
from tutor.experiments.places import ENGLISH, check_place, position_of
from tutor.experiments.translate import Candidate

if TYPE_CHECKING:
    from torch import Tensor

    from model.tokenizer import SubwordTokenizer
    from model.trace import StackTrace, Trace
    from model.transformer import Transformer
    from tutor.experiments.models import Models

MOST = 20


@dataclass(frozen=True)
class LogitLensOptions:
    part: str = option(ENGLISH, "english, the model that predicts the next word, or decoder, which writes the French")
    word: str = option("", "the word after which to look; by default the last before the word to be guessed")
    candidates: int = option(3, "how many tokens to list for each layer")


@dataclass(frozen=True)
class Readout:
    """What would be written next, if the vector at one stage were read out there."""

    layer: int
    """0 before the first layer, where the vector is the embedding plus the position signal."""
    candidates: tuple[Candidate, ...]
    """The likeliest tokens, best first."""
    final_probability: float
    """Of the token that the model chooses in the end."""
    final_rank: int
    """1 where that token is the likeliest."""


@dataclass(frozen=True, kw_only=True)
class LogitLens:
    """The vector at one position read out after every layer as if it were the last."""

    part: str
    reader: str
    """The model in words: 'the English model' or 'the translator'."""
    text: str
    """What the model has read up to there; empty at the start."""
    word: str
    """The last token of it, at whose position the vectors are, as it is named inside a sentence."""
    layers: int
    rows: tuple[Readout, ...]
    """Before the first layer and after each; the last is the model's own output."""
    final_token: str
    final_probability: float
    settled_layer: int
    """From here on the model's final choice is the likeliest in every row; 0 where it is so before the first layer."""
    settled_probability: float
    """What it has there."""
    first_token: str
    """The likeliest before the first layer, …"""
    first_probability: float
    echoes: bool
    """… and whether that is just the token that was read: the table that reads out is the one that reads in."""
    echo_layer: int
    """The last layer up to which that holds without a break; 0 where only before the first, or not even there."""
    leap_layer: int
    """The layer that raises the final choice most, …"""
    leap_from: float
    """… from this probability …"""
    leap_to: float
    """… to this one."""
    last_but_one_layer: int
    last_but_one_token: str
    """The likeliest just before the last layer."""
    vocabulary_size: int


@experiment("logit-lens", "what would come next, were each layer the last", LogitLensOptions, LogitLens)
def read_every_layer(models: Models, sentence: str, options: LogitLensOptions) -> LogitLens:
    """Read the vector at one position out before the first layer and after each, by the model's last norm and table.

    Raises `LearnerError` for a part, word or number that there is not, and for a text longer than the model reads.
    """
    check_place(models, options.part, 1, parts=(ENGLISH, "decoder"))
    if not 1 <= options.candidates <= MOST:
        raise LearnerError(f"logit-lens: candidates goes from 1 to {MOST}")
    network, tokenizer, ids, trace, position = _read(models, sentence, options)
    assert trace.decoder is not None
    probabilities = _probabilities(network, trace.decoder, position)  # (1 + layers, V)
    final = int(trace.logits[0, position].argmax())
    rows = tuple(
        _readout(models, tokenizer, layer, shares, final, options.candidates)
        for layer, shares in enumerate(probabilities)
    )
    likeliest: list[int] = probabilities.argmax(-1).tolist()
    agreeing = sum(1 for _ in takewhile(lambda id_: id_ == final, reversed(likeliest)))
    settled = min(len(rows) - agreeing, len(rows) - 1)
    echoing = sum(1 for _ in takewhile(lambda id_: id_ == ids[position], likeliest))
    leap = max(range(1, len(rows)), key=lambda layer: rows[layer].final_probability - rows[layer - 1].final_probability)
    return LogitLens(
        part=options.part,
        reader="the English model" if options.part == ENGLISH else "the translator",
        text=tokenizer.decode(ids[: position + 1]),
        word=named(models, ids, tokenizer)[position],
        layers=len(rows) - 1,
        rows=rows,
        final_token=models.show([final], tokenizer)[0],
        final_probability=rows[-1].final_probability,
        settled_layer=settled,
        settled_probability=rows[settled].final_probability,
        first_token=rows[0].candidates[0].token,
        first_probability=rows[0].candidates[0].probability,
        echoes=echoing > 0,
        echo_layer=max(0, echoing - 1),
        leap_layer=leap,
        leap_from=rows[leap - 1].final_probability,
        leap_to=rows[leap].final_probability,
        last_but_one_layer=len(rows) - 2,
        last_but_one_token=rows[-2].candidates[0].token,
        vocabulary_size=probabilities.size(1),
    )


def _read(
    models: Models, sentence: str, options: LogitLensOptions
) -> tuple[Transformer, SubwordTokenizer, tuple[int, ...], Trace, int]:
    """The model, its tokenizer, what its decoder reads, the run over it, and the position to look at.

    No position sees what comes after it, so that one run over the whole text is that over each of its beginnings.
    """
    if options.part == ENGLISH:
        import torch

        read = models.text_ids(sentence)
        target = torch.tensor([[START_ID, *read]])
        with torch.no_grad():
            trace = models.predictor(None, target)
        network, tokenizer = models.predictor, models.next_word.tokenizer
        position, where = before_last_word(models, sentence, read), "sentence"
    else:
        reading = models.read(sentence)
        network, tokenizer, target, trace = models.model, models.tokenizer, reading.target, reading.trace
        position, where = (len(reading.target_ids) - 1) // 2, "translation"
    ids = tuple(target[0].tolist())
    if options.word:
        position = position_of(options.word, models.show(ids, tokenizer), where)
    return network, tokenizer, ids, trace, position


def _probabilities(network: Transformer, stack: StackTrace, position: int) -> Tensor:
    """(1 + layers, V): what each stage of the residual stream gives, read out as the last one is."""
    import torch

    assert network.decoder is not None
    stages = [stack.input, *(block.residual_feed_forward for block in stack.blocks[:-1])]
    with torch.no_grad():
        early = network.decoder.norm(torch.stack([stage[0, position] for stage in stages]))  # (layers, C)
        vectors = torch.cat([early, stack.output[0, position].unsqueeze(0)])  # (1 + layers, C)
        return network.score_vocabulary(vectors).softmax(-1)


def _readout(
    models: Models, tokenizer: SubwordTokenizer, layer: int, shares: Tensor, final: int, candidates: int
) -> Readout:
    best = shares.topk(min(candidates, len(shares)))
    return Readout(
        layer=layer,
        candidates=tuple(map(Candidate, models.show(best.indices.tolist(), tokenizer), best.values.tolist())),
        final_probability=shares[final].item(),
        final_rank=int((shares > shares[final]).sum()) + 1,
    )
