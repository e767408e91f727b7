"""Changes to the translator that stay until they are undone: heads off, the mask off, word order off, a link cut.

Each has a short form in which it is typed and kept: 'encoder.1.2', 'encoder.1' (all its heads), 'cross' (all heads of a
part), 'mask', 'order', 'forbid it>dog', 'force it>dog'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.places import IN_WORDS, attention_path, check_place

if TYPE_CHECKING:
    from model.edits import Edit
    from tutor.experiments.models import Models, Reading

HOW = "say it as encoder.1.2 (a head), encoder.1 (all heads of a layer), mask, order, forbid it>dog or force it>dog"
_LINKS = {"forbid": "may not look at", "force": "looks only at"}


@dataclass(frozen=True)
class Change:
    """One thing that is otherwise than it was trained."""

    kind: str
    """'head', 'mask', 'order', 'forbid' or 'force'."""
    part: str = ""
    layer: int = 0
    """Counted from 1; 0 for all layers of the part."""
    head: int = 0
    """Counted from 1; 0 for all heads of the layer."""
    query: str = ""
    """The word that looks, …"""
    key: str = ""
    """… and the word that it may not look at, or must."""

    @property
    def short(self) -> str:
        """As it is typed."""
        if self.kind == "head":
            return ".".join([self.part, *(str(number) for number in (self.layer, self.head) if number)])
        return f"{self.kind} {self.query}>{self.key}" if self.kind in _LINKS else self.kind

    @property
    def told(self) -> str:
        """In words, in the middle of a sentence."""
        if self.kind == "head":
            where = "cross-attention" if self.part == "cross" else self.part
            if not self.layer:
                return f"every head of {IN_WORDS[self.part]} is off"
            if not self.head:
                return f"every head of {where} layer {self.layer} is off"
            return f"head {self.head} of {where} layer {self.layer} is off"
        if self.kind in _LINKS:
            return f"“{self.query}” {_LINKS[self.kind]} “{self.key}”"
        return "the causal mask is off" if self.kind == "mask" else "the encoder reads without word order"

    def covers(self, other: Change) -> bool:
        """Whether the other is in force as soon as this one is."""
        if other.kind != "head":
            return self == other
        return self in (other, replace(other, head=0), replace(other, layer=0, head=0))


def read_change(text: str) -> Change:
    """The change behind its short form. Raises `LearnerError`."""
    words = text.strip().casefold() if ">" not in text else text.strip()
    if words in ("mask", "order"):
        return Change(words)
    kind, _, link = words.partition(" ")
    query, joined, key = (part.strip() for part in link.partition(">"))
    if kind in _LINKS and joined and query and key:
        return Change(kind, query=query, key=key)
    part, *numbers = words.split(".")
    if part in IN_WORDS and not numbers:
        return Change("head", part)
    if len(numbers) in (1, 2) and all(number.isdecimal() for number in numbers):
        return Change("head", part, int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else 0)
    raise LearnerError(f"'{text.strip()}' is no change I know; {HOW}")


def read_changes(text: str) -> tuple[Change, ...]:
    """Several, separated by commas, each once."""
    return tuple(dict.fromkeys(read_change(part) for part in text.split(",") if part.strip()))


def worded(text: str) -> Change | None:
    """The link that is cut or forced in the very words in which this program tells it: '*it* may not look at *dog*'."""
    for kind, joint in _LINKS.items():
        words = text.strip(" .!").partition(f" {joint} ")
        query, key = (word.strip("\"“”*' ") for word in (words[0], words[2]))
        if query and key and not {" "} & {*query, *key}:
            return Change(kind, query=query, key=key)
    return None


def written(changes: Iterable[Change]) -> str:
    """The short forms of several."""
    return ", ".join(change.short for change in changes)


def told(changes: Sequence[Change]) -> str:
    """Several in words: 'head 2 of encoder layer 1 is off, and the causal mask is off'."""
    *first, last = (change.told for change in changes)
    return f"{', '.join(first)} and {last}" if first else last


def fitting(reading: Reading, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Those that this sentence has the words for."""
    return tuple(
        change
        for change in changes
        if change.kind not in _LINKS or all(_stands(word, reading) for word in (change.query, change.key))
    )


def _stands(word: str, reading: Reading) -> bool:
    from tutor.experiments.places import position_of

    try:
        position_of(word, reading.source_tokens)
    except LearnerError:
        return False
    return True


def edits_of(models: Models, reading: Reading, changes: Iterable[Change]) -> list[Edit]:
    """What is replaced in a pass over this reading. Raises `LearnerError` where there is no such head or word."""
    return [edit for change in changes for edit in _edits(models, reading, change)]


def _edits(models: Models, reading: Reading, change: Change) -> list[Edit]:
    from model.edits import bypass, forbid_link, force_link, zero_head

    config = models.model.config
    if change.kind == "head":
        check_place(models, change.part, change.layer or 1, change.head or None)
        count = config.encoder_layers if change.part == "encoder" else config.decoder_layers
        layers = [change.layer] if change.layer else range(1, count + 1)
        heads = [change.head] if change.head else range(1, config.heads + 1)
        return [zero_head(attention_path(change.part, layer), head - 1) for layer in layers for head in heads]
    if change.kind == "order":
        return [bypass("encoder.input")]
    if change.kind == "mask":
        layers = range(1, config.decoder_layers + 1)
        return [bypass(f"{attention_path('decoder', layer)}.masked_scores") for layer in layers]
    query, key = _link(reading, change)
    make = forbid_link if change.kind == "forbid" else force_link
    return [make(attention_path("encoder", layer), query, key) for layer in range(1, config.encoder_layers + 1)]


def _link(reading: Reading, change: Change) -> tuple[int, int]:
    """Where the two words stand in the sentence: only there a word keeps its place while the translation is written."""
    from tutor.experiments.places import position_of

    query, key = (position_of(word, reading.source_tokens) for word in (change.query, change.key))
    if query == key and change.kind == "forbid":
        raise LearnerError(f"name two different words; “{change.query}” is the same place twice")
    return query, key
