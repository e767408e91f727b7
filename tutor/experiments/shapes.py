"""`shapes`: the shape of every tensor between a sentence and its translation, read from the trace of a real batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option
from tutor.experiments.places import PARTS, check_place
from tutor.text.sentences import any_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from torch import Tensor

    from model.trace import Trace
    from tutor.experiments.models import Models, Reading

STAGES = (*PARTS, "output")
MOST = 32
"""Sentences that a batch may have here."""
_OTHERS = {
    "My old car will not start when it is cold.": "Ma vieille voiture ne démarre pas quand il fait froid.",
    "She sings.": "Elle chante.",
    "The dog is asleep.": "Le chien dort.",
    "We went home early because it was raining.": "Nous sommes rentrés tôt parce qu'il pleuvait.",
    "Why?": "Pourquoi ?",
    "He reads a long letter from his sister in the kitchen.": "Il lit une longue lettre de sa sœur dans la cuisine.",
    "I lost my keys.": "J'ai perdu mes clés.",
}
"""Each with a translation, as in training."""


@dataclass(frozen=True)
class ShapesOptions:
    batch: int = option(1, "sentences that go through together: yours, and the rest are ours; 1 to 32")
    part: str = option("", "encoder, decoder, cross, or output, the scores at the end; by default the whole way")


@dataclass(frozen=True)
class TensorShape:
    """One name of the trace. Where every block has a value of this name, they have one shape and stand here once."""

    path: str
    """Its trace path; N stands for the block, counted from 0: 'encoder.blocks.N.attention.query'."""
    part: str
    """'encoder', 'decoder', 'cross' or 'output'."""
    axes: tuple[str, ...]
    """Names of its axes, outermost first; none where it is a single number."""
    sizes: tuple[int, ...]
    """How long each of them is in this run."""
    numbers: int
    """How many numbers it holds: the product of the sizes."""
    repeats: int
    """So many blocks have one; 1 outside the blocks."""
    means: str
    """What it is, in words."""


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """Every tensor on the way, in the order of the trace, which is that of the computation.

    The batch was run: the sentence and its translation in the first row, other sentences below it, each filled up with
    padding to the longest.
    """

    batch: int
    part: str
    """The part asked for; empty for the whole way."""
    rows: tuple[TensorShape, ...]
    row_count: int
    tensor_count: int
    """Tensors that these rows stand for, with every block counted."""
    number_count: int
    """Numbers in all of them together."""
    source_count: int
    """Tokens of the sentence, its end mark included."""
    target_count: int
    """Tokens of its translation, the end mark included: as many as the decoder reads."""
    source_length: int
    """Tokens of the longest sentence of the batch: the size of the encoder's axis `token`."""
    target_length: int
    source_places: int
    """batch × source_length."""
    source_padding: int
    """Of these places, how many hold padding …"""
    own_padding: int
    """… and how many of those stand in the sentence's own row."""
    padding_weight: float
    """The largest share of attention that padding gets anywhere: 0, unless something was changed in the model."""
    largest_difference: float
    """Largest change of any probability of this translation by the rest of the batch: rounding, unless as above."""
    others: tuple[str, ...]
    """The other sentences of the batch, each once; a batch larger than the list goes round it."""
    d_model: int
    heads: int
    d_head: int
    d_feed_forward: int
    vocabulary_size: int
    encoder_layers: int
    decoder_layers: int
    largest_path: str
    """The row with most numbers in one tensor."""
    largest_numbers: int


@experiment("shapes", "the shape of every tensor on the way through the translator", ShapesOptions, Shapes)
def list_shapes(models: Models, sentence: str, options: ShapesOptions) -> Shapes:
    """Run a padded batch and read off the shapes. Raises `LearnerError` for an unknown part or too large a batch."""
    if options.part:
        check_place(models, options.part, 1, parts=STAGES)
    if not 1 <= options.batch <= MOST:
        raise LearnerError(f"a batch of {options.batch} cannot be shown; name 1 to {MOST} sentences")
    reading, config = models.read(sentence), models.model.config
    others = _others(models, reading, options.batch)
    trace = _run(models, reading, others, options.batch)
    encoder = trace.encoder
    assert encoder is not None
    rows = [row for row in _rows(models, trace) if _belongs(row.part, options.part)]
    largest = max(rows, key=lambda row: row.numbers)
    padding = encoder.tokens == config.pad_id  # (B, S)
    own = len(reading.target_ids)
    return Shapes(
        batch=options.batch,
        part=options.part,
        rows=tuple(rows),
        row_count=len(rows),
        tensor_count=sum(row.repeats for row in rows),
        number_count=sum(row.repeats * row.numbers for row in rows),
        source_count=len(reading.source_ids),
        target_count=own,
        source_length=encoder.tokens.size(1),
        target_length=trace.logits.size(1),
        source_places=encoder.tokens.numel(),
        source_padding=int(padding.sum()),
        own_padding=int(padding[0].sum()),
        padding_weight=_padding_weight(trace, config.pad_id),
        largest_difference=(trace.probabilities[0, :own] - reading.trace.probabilities[0]).abs().max().item(),
        others=others[: options.batch - 1],
        d_model=config.d_model,
        heads=config.heads,
        d_head=config.d_head,
        d_feed_forward=config.d_feed_forward,
        vocabulary_size=config.vocabulary_size,
        encoder_layers=config.encoder_layers,
        decoder_layers=config.decoder_layers,
        largest_path=largest.path,
        largest_numbers=largest.numbers,
    )


def _others(models: Models, reading: Reading, batch: int) -> tuple[str, ...]:
    """Sentences to go beside it, first those of another length: of the same length nothing needs padding."""
    if batch == 1:
        return ()
    lengths = {text: len(models.source_ids(text)) for text in _OTHERS}
    return tuple(sorted(_OTHERS, key=lambda text: lengths[text] == len(reading.source_ids)))


def _run(models: Models, reading: Reading, others: Sequence[str], batch: int) -> Trace:
    """One pass over the sentence and others, padded; the sentence's own reading where it is alone."""
    import torch

    from model.tokenizer import START

    if batch == 1:
        return reading.trace
    beside = [others[n % len(others)] for n in range(batch - 1)]
    source = _padded([reading.source_ids, *(models.source_ids(text) for text in beside)])
    right = [reading.target_ids, *(models.source_ids(_OTHERS[text]) for text in beside)]
    target = _padded([(START, *ids[:-1]) for ids in right])
    with torch.no_grad():
        trace: Trace = models.model(source, target, _padded(right))
    return trace


def _padded(rows: Iterable[Sequence[int]]) -> Tensor:
    """Rows of ids (B, T), each filled up to the longest."""
    import torch

    from model.tokenizer import PAD

    held = list(rows)
    longest = max(map(len, held))
    return torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in held])


def _rows(models: Models, trace: Trace) -> list[TensorShape]:
    """Every tensor of the trace, those of all blocks of a stack as one."""
    from model.trace import named_values, trace_paths

    about = {info.path: info for info in trace_paths(models.model.config)}
    found: dict[str, TensorShape] = {}
    for path, tensor in named_values(trace):
        name, sizes = any_block(path), tuple(tensor.shape)
        before = found.get(name)
        assert before is None or before.sizes == sizes, path
        found[name] = TensorShape(
            path=name,
            part=_part(name),
            axes=about[path].axes,
            sizes=sizes,
            numbers=tensor.numel(),
            repeats=before.repeats + 1 if before else 1,
            means=about[path].means,
        )
    return list(found.values())


def _part(path: str) -> str:
    stack = path.split(".")[0]
    return "cross" if "cross_attention" in path else stack if stack in PARTS else "output"


def _belongs(part: str, asked: str) -> bool:
    """Whether a row is of what was asked for; cross-attention is part of the decoder."""
    return asked in ("", part) or (asked, part) == ("decoder", "cross")


def _padding_weight(trace: Trace, pad_id: int) -> float:
    """The largest share that any query gives to padding, in any layer of either stack."""
    assert trace.encoder is not None and trace.decoder is not None
    source, target = trace.encoder.tokens == pad_id, trace.decoder.tokens == pad_id  # (B, S), (B, T)
    looking = [(block.attention, source) for block in trace.encoder.blocks]
    for block in trace.decoder.blocks:
        assert block.cross_attention is not None
        looking += [(block.attention, target), (block.cross_attention, source)]
    return max(
        layer.weights.masked_fill(~padding[:, None, None, :], 0.0).max().item()  # (B, 1, 1, keys)
        for layer, padding in looking
    )
