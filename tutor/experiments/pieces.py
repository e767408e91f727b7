"""How a token is named inside a sentence: a piece of a word shows that it is one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutor.experiments.models import Models, Reading


def named(models: Models, ids: Sequence[int]) -> tuple[str, ...]:
    """The tokens, three dots where a word goes on: 'min', 'ister' -> 'min…', '…ister'."""
    tokens = models.tokenizer.tokens(ids)
    # Of marks and punctuation nothing is a piece: "j'ai" is three tokens and no cut word.
    joined = [
        not after.starts_word and before.text[-1:].isalpha() and after.text[:1].isalpha()
        for before, after in pairwise(tokens)
    ]
    return tuple(
        "…" * cut_before + token.text + "…" * cut_after
        for cut_before, token, cut_after in zip([False, *joined], tokens, [*joined, False], strict=True)
    )


def axis_names(models: Models, reading: Reading, part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`axis_tokens`, each as it is named inside a sentence."""
    source = named(models, reading.source_ids)
    if part == "encoder":
        return source, source
    if part == "decoder":
        read = named(models, reading.target[0].tolist())
        return read, read
    return named(models, reading.target_ids), source
