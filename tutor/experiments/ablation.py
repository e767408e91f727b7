"""A model on a text, ready to be run again with some of its heads switched off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.experiments.models import START_ID
from tutor.experiments.pieces import axis_names, named
from tutor.experiments.places import attention_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    from model.edits import Edit
    from model.trace import Trace
    from model.transformer import Transformer
    from tutor.experiments.models import Models

SENTENCE_ENDS = (".", "!", "?", "…")
_LONGEST = 16
"""Tokens that the English model goes on with."""


@dataclass(frozen=True, eq=False)
class Subject:
    """One stack of a model, what it reads, and what it writes.

    Of the translator it is the sentence and the model's own translation; of the English model the sentence, and how it
    goes on where its last word is left out.
    """

    network: Transformer
    source: Tensor | None
    target: Tensor
    labels: Tensor
    trace: Trace
    query_tokens: tuple[str, ...]
    key_tokens: tuple[str, ...]
    key_ids: tuple[int, ...]
    layers: int
    written: str
    write: Callable[[Sequence[Edit], Tensor | None], str]
    """What it writes with edits; logits (T, V) of a run with the same edits over the same text save work."""
    part: str

    @property
    def loss(self) -> float:
        """On the labels, in nats a token, with nothing switched off."""
        assert self.trace.loss is not None
        return self.trace.loss.item()

    def off(self, layer: int) -> list[Edit]:
        """An edit for each head of the layer, counted from 1, that switches it off."""
        from model.edits import zero_head

        return [zero_head(attention_path(self.part, layer), head) for head in range(self.network.config.heads)]

    def without(self, off: Sequence[Edit]) -> Trace:
        """The same text with each edit alone, a row each, and in one more row with all of them."""
        import torch

        from model.edits import in_row

        rows = len(off) + 1
        alone = [in_row(row, edit) for row, edit in enumerate(off)]
        together = [in_row(rows - 1, edit) for edit in off]
        source, target, labels = (
            ids.expand(rows, -1) if ids is not None else None for ids in (self.source, self.target, self.labels)
        )
        with torch.no_grad():
            trace: Trace = self.network(source, target, labels, alone + together)
        return trace


def translated(models: Models, sentence: str, part: str) -> Subject:
    """The translator on a sentence and its own translation of it."""
    reading = models.read(sentence)
    queries, keys = axis_names(models, reading, part)
    config = models.model.config
    return Subject(
        network=models.model,
        source=reading.source,
        target=reading.target,
        labels=reading.labels,
        trace=reading.trace,
        query_tokens=queries,
        key_tokens=keys,
        key_ids=tuple(reading.target[0].tolist()) if part == "decoder" else reading.source_ids,
        layers=config.encoder_layers if part == "encoder" else config.decoder_layers,
        written=reading.translation,
        write=lambda edits, logits: models.translate_edited(reading, edits, logits),
        part=part,
    )


def continued(models: Models, sentence: str) -> Subject:
    """The English model on a sentence. Raises `LearnerError` where it is longer than the model reads."""
    import torch

    from model.generation import greedy
    from model.tokenizer import END

    tokenizer, network = models.next_word.tokenizer, models.predictor
    ids = models.text_ids(sentence)
    target, labels = torch.tensor([[START_ID, *ids]]), torch.tensor([[*ids, END]])
    prompt = target[:, : 1 + before_last_word(models, sentence, ids)]
    room = min(_LONGEST, network.config.max_tokens - prompt.size(1))

    def write(edits: Sequence[Edit], logits: Tensor | None = None) -> str:
        return tokenizer.decode(greedy(network, None, room, edits, prompt=prompt)[0].ids)

    with torch.no_grad():
        trace = network(None, target, labels)
    names = named(models, target[0].tolist(), tokenizer)
    return Subject(
        network=network,
        source=None,
        target=target,
        labels=labels,
        trace=trace,
        query_tokens=names,
        key_tokens=names,
        key_ids=(START_ID, *ids),
        layers=network.config.decoder_layers,
        written=write([]),
        write=write,
        part="english",
    )


def before_last_word(models: Models, text: str, ids: Sequence[int]) -> int:
    """How many of the English model's `ids` stand before a whole sentence's last word; all of an unfinished one."""
    if not text.rstrip().endswith(SENTENCE_ENDS):
        return len(ids)
    starts = [at for at, token in enumerate(models.next_word.tokenizer.tokens(ids)) if token.starts_word]
    return starts[-1] if starts else 0
