"""`contextual`: one word, two sentences: the same embedding, another vector after the encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import cosine, experiment, option
from tutor.experiments.places import position_of

if TYPE_CHECKING:
    from torch import Tensor

    from tutor.experiments.models import Models


@dataclass(frozen=True)
class ContextualOptions:
    word: str = option("", "a word that stands in both sentences; by default the longest word")
    other: str = option("", "a second sentence with that word; by default one of ours, of another length")


@dataclass(frozen=True)
class Contextual:
    """How far the context moves one token's vector."""

    token: str
    sentence: str
    other: str
    cosine_embedding: float
    """Of the token's table rows in both sentences: 1, it is the same row."""
    cosines_by_layer: tuple[float, ...]
    """Of its vectors in both sentences after each encoder block."""
    cosine_output: float
    """Of the encoder's outputs."""
    outputs: int
    """Vectors that come out of the encoder for the learner's sentence: one a token."""
    other_outputs: int
    d_model: int
    translation: str
    other_translation: str


_OTHERS = ("I know nothing about the {}.", "He wrote the word {} on the wall.")


@experiment("contextual", "one word in two sentences: same embedding, another vector", ContextualOptions, Contextual)
def compare_contexts(models: Models, sentence: str, options: ContextualOptions) -> Contextual:
    """Encode one word in the learner's sentence and in another, and compare its vectors layer by layer."""
    # A piece from inside a word would be another token elsewhere; one that starts a word stays itself.
    # Of words equally long, the last: articles come first.
    starts = [token.text for token in models.tokenizer.tokens(models.source_ids(sentence)) if token.starts_word]
    word = options.word or max((text for text in reversed(starts) if text.isalpha()), key=len, default=starts[0])
    here = models.read(sentence)
    position = position_of(word, here.source_tokens)
    token = here.source_tokens[position]
    # Of another length, so that "one vector a token" can be seen in the counts.
    ours = [template.format(token) for template in _OTHERS]
    unlike = (entry for entry in ours if len(models.source_ids(entry)) != len(here.source_ids))
    other = options.other or next(unlike, ours[0])
    there = models.read(other)
    other_position = position_of(token, there.source_tokens, f"second sentence ('{other}')")

    if here.source_ids[position] != there.source_ids[other_position]:
        raise LearnerError(
            f"'{token}' and '{there.source_tokens[other_position]}' are two tokens with a row each; "
            "write the word alike in both sentences"
        )

    first, second = here.trace.encoder, there.trace.encoder
    assert first is not None and second is not None

    def alike(a: Tensor, b: Tensor) -> float:
        return cosine(a[0, position], b[0, other_position]).item()

    return Contextual(
        token=token,
        sentence=sentence,
        other=other,
        cosine_embedding=alike(first.embedding, second.embedding),
        cosines_by_layer=tuple(
            alike(a.residual_feed_forward, b.residual_feed_forward)
            for a, b in zip(first.blocks, second.blocks, strict=True)
        ),
        cosine_output=alike(first.output, second.output),
        outputs=first.output.size(1),
        other_outputs=second.output.size(1),
        d_model=first.output.size(2),
        translation=here.translation,
        other_translation=there.translation,
    )
