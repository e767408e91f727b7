"""What a turn asks to be worked out: its numbers, those that belong to a name, and the words recognised."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tutor.calculations.digits import exact, grouped, rounded, stripped
from tutor.errors import LearnerError

MOST_NUMBERS = 64
LARGEST = 1_000_000
LARGEST_SIZE = 10**12
SMALLEST_SHOWN = 1e-9
PLACES_TAKEN = 12
TAKEN = f"(Each number is taken to {PLACES_TAKEN} digits after the point.)"


@dataclass(frozen=True)
class Name:
    """One quantity, under all the names a learner may give it."""

    said: str
    """How the tutor says it."""
    synonyms: frozenset[str]


def _name(said: str, synonyms: str) -> Name:
    return Name(said, frozenset((said.replace(" ", "_"), *synonyms.split())))


TEMPERATURE = _name("temperature", "t temp tau τ")
KEY_WIDTH = _name("d", "d_k dk d_head head_dim dim dims dimension dimensions d_key width")
KEYS = _name("keys", "n_keys num_keys keys_count n")
PROBABILITY = _name("probability", "p prob probabilities probs")
LOSS = _name("loss", "losses nll nats cross_entropy crossentropy ce entropy")
WEIGHT = _name("weight", "w w0 x theta θ parameter point start value")
GRADIENT = _name("gradient", "g grad dw slope derivative ∇")
LEARNING_RATE = _name("learning rate", "lr rate eta η alpha α step_size stepsize step learningrate")
POSITION = _name("position", "pos positions index place t")
D_MODEL = _name("d_model", "dmodel d width hidden hidden_size dim dims dimension dimensions n_embd wide")
QUERY = _name("query", "q queries")
KEY = _name("key", "k keys k1 k2 k3 k4")
VALUE = _name("value", "v values v1 v2 v3 v4")
HEADS = _name("heads", "head h n_heads num_heads n_head attention_heads")
KV_HEADS = _name("kv_heads", "kv_head n_kv_heads num_kv_heads kv key_value_heads num_key_value_heads kvheads")
D_HEAD = _name("d_head", "head_dim dhead d_k dk head_size head_width head_dimension d_v heads_of")
D_FF = _name("d_ff", "ff dff ffn d_ffn feed_forward feedforward mlp inner intermediate intermediate_size d_inner")
LAYERS = _name("layers", "layer n_layers num_layers n_layer l depth blocks block n_blocks")
VOCABULARY = _name("vocab", "vocabulary vocab_size v vocabulary_size n_vocab")
TOKENS = _name("tokens", "token length seq sequence seq_len sequence_length n t context context_length n_ctx words len")
BATCH = _name("batch", "batch_size b bs batches sentences sequences")
BYTES = _name("bytes", "byte bytes_per_number bytes_each precision")
INPUTS = _name("in", "input inputs n_in d_in in_features fan_in from")
OUTPUTS = _name("out", "output outputs n_out d_out out_features fan_out to")
NUMBER = _name("number", "")
MEMORY = _name("memory", "gb gib gigabytes gigabyte ram vram")
MERGES = _name("merges", "merge n_merges num_merges steps")


NAMES: Mapping[str, Name] = {
    name.said: name
    for name in (
        *(TEMPERATURE, KEY_WIDTH, KEYS, PROBABILITY, LOSS, WEIGHT, GRADIENT, LEARNING_RATE, POSITION, D_MODEL),
        *(HEADS, KV_HEADS, D_HEAD, D_FF, LAYERS, VOCABULARY, TOKENS, BATCH, BYTES, INPUTS, OUTPUTS, MERGES, NUMBER),
        MEMORY,
    )
}
"""Every quantity, by how the tutor says it."""


@dataclass(frozen=True)
class Asked:
    """A turn's numbers in order, its named numbers (names as typed, casefolded) and its recognised words."""

    numbers: tuple[float, ...]
    named: Mapping[str, float]
    slots: Mapping[str, str]
    vectors: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Numbers that stand together, each group with the name before it; '' for none."""

    def vectors_of(self, name: Name) -> tuple[tuple[float, ...], ...]:
        """The groups of numbers given under this name."""
        return tuple(group for typed, group in self.vectors if plain(typed) in name.synonyms)

    def get(self, name: Name) -> float | None:
        """The number given under this name, if there is one."""
        return next((number for typed, number in self.named.items() if plain(typed) in name.synonyms), None)

    def rest(self, *names: Name) -> tuple[float, ...]:
        """The numbers that belong to none of these names.

        Which of two equal numbers was the named one cannot be known; a name stands mostly at the end of a turn,
        sometimes at its beginning, so those are taken first.
        """
        taken = Counter(number for name in names if (number := self.get(name)) is not None)
        numbers = list(self.numbers)
        for end in (-1, 0):
            while numbers and taken[numbers[end]] > 0:
                taken[numbers.pop(end)] -= 1
        kept: list[float] = []
        for number in reversed(numbers):
            if taken[number] > 0:
                taken[number] -= 1
            else:
                kept.append(number)
        return tuple(reversed(kept))

    def whole(self, name: Name) -> int | None:
        """A size given under this name: a whole number from 1 on."""
        number = self.get(name)
        return None if number is None else whole(name.said, number)


def whole(said: str, number: float, least: int = 1) -> int:
    """The number as a size; raises `LearnerError` where it is not whole or too small."""
    if number != int(number) or number < least:
        raise LearnerError(f"{said} must be a whole number from {least} on: got {number:g}")
    return int(number)


def bounded(size: int) -> int:
    """A size that may be printed; raises `LearnerError` above 10¹²."""
    if size > LARGEST_SIZE:
        raise LearnerError(f"that comes to more than {grouped(LARGEST_SIZE)}; try smaller numbers")
    return size


def decimals(numbers: Iterable[float]) -> tuple[Decimal, ...]:
    """Numbers in the digits typed, at most 12 after the point; raises `LearnerError` where none would be left."""
    return tuple(map(_decimal, numbers))


def shortened(numbers: Iterable[float]) -> bool:
    """Whether any number has more digits than are taken."""
    return any(exact(number) != _decimal(number) for number in numbers)


def check(asked: Asked) -> None:
    """Raise `LearnerError` for numbers that are too many, too large or no numbers at all."""
    if len(asked.numbers) > MOST_NUMBERS:
        raise LearnerError(
            f"that is {len(asked.numbers)} numbers, and I work through at most {MOST_NUMBERS}; leave some out"
        )
    for number in (*asked.numbers, *asked.named.values()):
        if not math.isfinite(number):
            raise LearnerError(f"I can only work with finite numbers: got {number}")
        if abs(number) > LARGEST:
            raise LearnerError(
                f"{number:g} is too large to work through here; I take numbers from {-LARGEST:,} to {LARGEST:,}"
            )


def _decimal(number: float) -> Decimal:
    if 0 < abs(number) < SMALLEST_SHOWN:
        raise LearnerError(f"{number:g} is too close to 0 to be shown in digits; write 0 for it")
    return stripped(rounded(exact(number), PLACES_TAKEN))


def plain(typed: str) -> str:
    """A name as it stands among synonyms."""
    return typed.casefold().strip().replace(" ", "_").replace("-", "_")
