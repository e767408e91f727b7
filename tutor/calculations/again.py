"""A calculation once more with something else in it: 'rate 1', 'at temperature 2', other numbers, without the √d."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tutor.calculations import asked as names
from tutor.calculations.asked import Asked, Name

PARTS: Mapping[str, tuple[Name, ...]] = {
    "softmax": (names.TEMPERATURE,),
    "attention": (names.KEY_WIDTH, names.KEYS),
    "cross-entropy": (names.PROBABILITY, names.LOSS),
    "perplexity": (names.PROBABILITY, names.LOSS),
    "descent": (names.WEIGHT, names.GRADIENT, names.LEARNING_RATE),
    "positions": (names.POSITION, names.D_MODEL),
    "parameters": (names.D_MODEL, names.D_FF, names.LAYERS, names.VOCABULARY, names.HEADS, names.TOKENS),
    "shapes": (names.BATCH, names.TOKENS, names.D_MODEL, names.HEADS, names.D_FF, names.LAYERS),
    "cache": (names.LAYERS, names.KV_HEADS, names.HEADS, names.D_HEAD, names.TOKENS, names.BATCH, names.BYTES),
    "bpe": (names.MERGES,),
}
"""Kind of calculation -> the quantities in it that have names."""
UNSCALED = "unscaled"
"""Slot of an attention row whose scores are not divided by √d."""


def belong(kind: str, typed: Iterable[str]) -> bool:
    """Whether all these names are of quantities in this kind of calculation; of no names they are not."""
    found = [any(name.casefold() in part.synonyms for part in PARTS.get(kind, ())) for name in typed]
    return bool(found) and all(found)


def foreign(kind: str, typed: Iterable[str]) -> str:
    """The first name that is of a quantity in another kind of calculation and of none in this; '' for none."""
    others = {one for part in (p for parts in PARTS.values() for p in parts) for one in part.synonyms if len(one) > 1}
    return next((name for name in typed if name.casefold() in others and not belong(kind, [name])), "")


def known(kind: str) -> str:
    """What of a calculation can be changed, as half a sentence."""
    said = " or ".join(part.said for part in PARTS.get(kind, ()))
    return f"give another {said}, or other numbers." if said else "give other numbers."


def with_new(kind: str, old: Asked, new: Asked) -> Asked:
    """`old` with what `new` says: a named number for the one of that name, other numbers for the others."""
    parts = PARTS.get(kind, ())
    named, before = _of_kind(kind, new.named), _of_kind(kind, old.named)
    kept = {name: value for name, value in before.items() if not any(_same(name, other, parts) for other in named)}
    gone = [value for name, value in before.items() if name not in kept]
    others = _left(new.numbers, named.values())
    numbers = _exchanged(_left(old.numbers, gone), others, kept.values())
    return replace(
        old,
        numbers=(*numbers, *named.values()),
        named=kept | named,
        slots={**old.slots, **_without_numbers(new.slots)},
        # Numbers that came one by one into a list: which of its vectors they belong to is not known.
        vectors=new.vectors or (() if others else old.vectors),
    )


def _of_kind(kind: str, named: Mapping[str, float]) -> dict[str, float]:
    """The names that are of quantities; 'softmax of 2' names none."""
    return {name: value for name, value in named.items() if kind not in PARTS or belong(kind, [name])}


def _without_numbers(slots: Mapping[str, str]) -> dict[str, str]:
    return {kind: text for kind, text in slots.items() if kind in ("temperature", "expression", UNSCALED)}


def _same(name: str, other: str, parts: Sequence[Name]) -> bool:
    return any({name.casefold(), other.casefold()} <= part.synonyms for part in parts)


def _left(numbers: Sequence[float], taken: Iterable[float]) -> list[float]:
    left = list(numbers)
    for number in taken:
        if number in left:
            left.remove(number)
    return left


def _exchanged(old: list[float], new: list[float], named: Iterable[float]) -> list[float]:
    """Of two new numbers of which one stood there, the other comes in its place; else all come, beside those named."""
    if len(new) == 2 and len(old) != 2 and (stood := [number for number in new if number in old]):
        other = new[1 - new.index(stood[0])]
        return [other if number == stood[0] else number for number in old]
    return [*new, *named] if new else old
