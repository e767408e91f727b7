"""Places in the models: a layer, a head, a word; how they are named, checked and found in a trace."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.text.sentences import without_dots

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model.trace import AttentionTrace, Trace
    from tutor.experiments.models import Models, Reading

PARTS = ("encoder", "decoder", "cross")
IN_WORDS = {"encoder": "the encoder", "decoder": "the decoder's self-attention", "cross": "cross-attention"}
"""Part -> how its attention is called in the middle of a sentence."""
ENGLISH = "english"
"""The one stack of the model that predicts the next word; not every experiment can look into it."""


def check_place(models: Models, part: str, layer: int, head: int | None = None, parts: Sequence[str] = PARTS) -> None:
    """Raise `LearnerError` where there is no such part, layer or head."""
    if part not in parts:
        raise LearnerError(f"there is no part '{part}'; here there are {', '.join(parts[:-1])} and {parts[-1]}")
    config = models.predictor.config if part == ENGLISH else models.model.config
    layers = config.encoder_layers if part == "encoder" else config.decoder_layers
    if not 1 <= layer <= layers:
        name = "English model" if part == ENGLISH else part
        raise LearnerError(f"there is no layer {layer}; the {name} has layers 1 to {layers}")
    if head is not None and not 1 <= head <= config.heads:
        raise LearnerError(f"there is no head {head}; each layer has heads 1 to {config.heads}")


def attention_path(part: str, layer: int) -> str:
    """Trace path of an attention layer: ('cross', 2) -> 'decoder.blocks.1.cross_attention'."""
    stack = "encoder" if part == "encoder" else "decoder"
    return f"{stack}.blocks.{layer - 1}.{'cross_attention' if part == 'cross' else 'attention'}"


def attention_at(trace: Trace, part: str, layer: int) -> AttentionTrace:
    """The attention layer at that place of a trace."""
    stack = trace.encoder if part == "encoder" else trace.decoder
    assert stack is not None
    block = stack.blocks[layer - 1]
    found = block.cross_attention if part == "cross" else block.attention
    assert found is not None
    return found


def loss_of(trace: Trace) -> float:
    """The loss of a run that was given labels, in nats a token."""
    assert trace.loss is not None
    return trace.loss.item()


def axis_tokens(reading: Reading, part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the queries and of the keys.

    In cross-attention a query is named by the token that is written there, since that is what looks for its source.
    """
    if part == "encoder":
        return reading.source_tokens, reading.source_tokens
    if part == "decoder":
        return reading.input_tokens, reading.input_tokens
    return reading.target_tokens, reading.source_tokens


def position_of(word: str, tokens: Sequence[str], what: str = "sentence") -> int:
    """Where `word` stands: as typed, else without the dots of a piece, in other capitals, or in several pieces.

    "tap…" and "…is" are pieces as the screen shows them; "tapis" stands where its first piece does; "dog#2" is the
    second of several. Raises `LearnerError` listing the tokens where it does not stand.
    """
    named, joined, number = word.strip().rpartition("#")
    nth = int(number) if joined and named and number.isdecimal() else 1
    typed = named if joined and named and number.isdecimal() else word.strip()
    bare = without_dots(typed) or typed
    folded = bare.casefold()
    tests: tuple[Callable[[int], bool], ...] = (
        lambda at: tokens[at] == typed,
        lambda at: tokens[at] == bare,
        lambda at: tokens[at].casefold() == folded,
        lambda at: folded in itertools.accumulate(token.casefold() for token in tokens[at : at + len(folded)]),
    )
    for test in tests:
        found = [position for position in range(len(tokens)) if test(position)]
        if 1 <= nth <= len(found):
            return found[nth - 1]
        if found and nth != 1 and test is tests[-1]:
            raise LearnerError(f"'{typed}' stands {len(found)} times in this {what}, not {nth}")
    raise LearnerError(f"there is no '{word}' in this {what}; its tokens are {' · '.join(tokens)}")
