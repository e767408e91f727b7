"""`effect`: what a change to the translator does: the same sentence with it and without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.errors import LearnerError
from tutor.experiments.base import experiment, option, row
from tutor.experiments.changes import HOW, edits_of, read_changes, told
from tutor.experiments.pieces import named
from tutor.experiments.places import loss_of

if TYPE_CHECKING:
    from tutor.experiments.models import Models


@dataclass(frozen=True)
class EffectOptions:
    off: str = option(
        "encoder.1.1", "what is changed, with commas between: encoder.1.2, encoder.1, mask, forbid it>dog"
    )


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One sentence through the model as it was trained, and as it is with something changed."""

    changes: str
    """In words."""
    translation: str
    translation_changed: str
    same: bool
    """Both write the same."""
    loss: float
    """On the model's own translation, in nats a token, as trained …"""
    loss_changed: float
    """… and changed."""
    tokens: tuple[str, ...]
    """Of the model's own translation, with the end mark."""
    probabilities: tuple[float, ...]
    """Of each of these tokens when those before it are given, as trained …"""
    probabilities_changed: tuple[float, ...]
    """… and changed."""
    most_token: str
    """The token whose probability moves most, …"""
    most_probability: float
    """… as trained …"""
    most_probability_changed: float
    """… and changed."""


@experiment("effect", "what a change does: a head, the mask or word order off, a link cut", EffectOptions, Effect)
def measure_effect(models: Models, sentence: str, options: EffectOptions) -> Effect:
    """Run the sentence and its translation with and without the changes, and let the changed model translate."""
    changes = read_changes(options.off)
    if not changes:
        raise LearnerError(f"nothing is changed; {HOW}")
    reading = models.read(sentence)
    altered = models.altered(edits_of(models, reading, changes))
    trace = altered.edited(reading, ())
    at = (range(len(reading.target_ids)), list(reading.target_ids))
    before, after = (row(found.probabilities[0][at]) for found in (reading.trace, trace))
    most = max(range(len(before)), key=lambda place: abs(after[place] - before[place]))
    changed = altered.translate_edited(reading, ())
    tokens = named(models, reading.target_ids)
    return Effect(
        changes=told(changes),
        translation=reading.translation,
        translation_changed=changed,
        same=changed == reading.translation,
        loss=loss_of(reading.trace),
        loss_changed=loss_of(trace),
        tokens=tokens,
        probabilities=before,
        probabilities_changed=after,
        most_token=tokens[most],
        most_probability=before[most],
        most_probability_changed=after[most],
    )
