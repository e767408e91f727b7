"""Which heads, layers or links an order to change the model names: 'heads 1 and 3 of layer 2', 'all of layer 3'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tutor.dialogue.on_screen import RANKED, on_screen
from tutor.dialogue.types import State
from tutor.experiments.changes import Change
from tutor.understanding import values
from tutor.understanding.intent import Intent

LAYERS, HEADS = 3, 4
"""Of the bundled translator: what 'the last layer' is. The run itself checks the number against the model."""
ALL = 0
"""The head of a change that is every head of its layer."""


def heads_named(intent: Intent, state: State) -> tuple[Change, ...]:
    """The heads that a turn names, with what it leaves open taken from the screen or from the last change."""
    named: list[tuple[int, int | None]] = list(pairs(intent))
    if not named and (whole := _whole_parts(intent)):
        return whole
    if not named:
        named = [(0, ALL if values.says_all(intent.text) else _head_on_screen(intent, state))]
    last = _last_change(state)
    ranked = bool(state.last_run) and state.last_run is not None and state.last_run.experiment in RANKED
    least = ranked and values.says_least(intent.text)
    screen_layer = on_screen("layer", state, last=least) or (last.layer if last else 0)
    screen_part = on_screen("part", state, last=least) or (last.part if last else "")
    parts = tuple(dict.fromkeys(filter(None, map(values.part, intent.texts("part"))))) or (screen_part or "encoder",)
    found = [
        Change("head", part, layer or screen_layer, head)
        for part in parts
        for layer, head in named
        if head is not None and (layer or screen_layer)
    ]
    return tuple(dict.fromkeys(found))


def _whole_parts(intent: Intent) -> tuple[Change, ...]:
    """Every head of the parts that are named with no word of a layer or head: 'switch cross-attention off'."""
    if any(slot.kind in ("layer", "head") for slot in intent.slots):
        return ()
    return tuple(Change("head", part) for part in dict.fromkeys(map(values.part, intent.texts("part"))) if part)


def _head_on_screen(intent: Intent, state: State) -> int | None:
    head: int | None = on_screen("head", state, last=values.says_least(intent.text))
    return head


def _last_change(state: State) -> Change | None:
    """The last head that was switched, though it may be on again."""
    stood = [*state.changes[::-1], *(change for _, changes in state.before[::-1] for change in changes[::-1])]
    return next((change for change in stood if change.kind == "head"), None)


def pairs(intent: Intent) -> Iterator[tuple[int, int]]:
    """(layer, head) as named: a layer holds for the heads beside it; without any head it is meant whole.

    Layer 0 is one that was left open. Heads stand before their layer or behind it, as the turn begins.
    """
    named = [
        (slot.kind, number)
        for slot in intent.slots
        if slot.kind in ("layer", "head") and not values.points(slot.text)
        for number in values.places([slot.text], LAYERS if slot.kind == "layer" else HEADS)
    ]
    kinds = {kind for kind, _ in named}
    if kinds == {"layer"}:
        yield from ((number, ALL) for _, number in named)
        return
    if kinds == {"head"}:
        yield from ((0, number) for _, number in named)
        return
    yield from _beside(named if named and named[0][0] == "layer" else _turned(named))


def _beside(named: Sequence[tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Heads, each with the layer last named before it."""
    layer = 0
    for kind, number in named:
        if kind == "layer":
            layer = number
        else:
            yield layer, number


def _turned(named: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """'Head 1, head 2, layer 3' as 'layer 3, head 1, head 2', group by group; what stands last keeps its layer."""
    turned: list[tuple[str, int]] = []
    group: list[tuple[str, int]] = []
    for entry in named:
        group.append(entry)
        if entry[0] == "layer":
            turned += [entry, *group[:-1]]
            group = []
    return [*turned, *group]


def without(changes: Sequence[Change], taken: Sequence[Change]) -> tuple[Change, ...]:
    """Changes without those taken back; of a whole layer or part, the other heads stay off."""
    left: list[Change] = []
    for change in changes:
        if any(one.covers(change) for one in taken):
            continue
        if any(change.covers(one) for one in taken):
            left += without(_split(change), taken)
        else:
            left.append(change)
    return tuple(left)


def _split(change: Change) -> list[Change]:
    """A whole part as its layers, a whole layer as its heads."""
    if not change.layer:
        return [replace(change, layer=layer) for layer in range(1, LAYERS + 1)]
    return [replace(change, head=head) for head in range(1, HEADS + 1)]


def link_words(intent: Intent, state: State) -> list[str]:
    """The word that looks and the word looked at, as far as named; *it* is a word where the sentence has it."""
    named = [values.word(text) for text in (*intent.texts("word"), *intent.texts("key"))]
    words = [word for word in named if not values.points(word) or values.stands_in(word, state.sentence)]
    words = words if len(words) > 1 else list(values.words_named(intent.text, state.sentence)) or words
    if not words:
        return [word for word in (on_screen("word", state), on_screen("key", state)) if word]
    if len(words) == 1 and (looking := on_screen("word", state)):
        return [looking, *words]
    return words
