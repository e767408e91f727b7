"""A conversation over the bundled lessons and models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.dialogue.conversation import Conversation
    from tutor.experiments.models import Models


MODELS = "ATTENTION_TUTOR_MODELS"
"""Environment variable: a folder of checkpoints to use instead of the bundled ones."""


def open_models() -> Models:
    """The models, which load when first needed."""
    from tutor.experiments.models import Models

    return Models(models_folder())


def preferred_place() -> dict[str, Any]:
    """The layer to begin with, where the settings name one that the translator has."""
    from tutor.about import translator_layers
    from tutor.settings import settings

    layer = settings().layer
    return {"layer": layer} if 0 < layer <= translator_layers(models_folder()) else {}


def models_folder() -> Path | None:
    """The folder of checkpoints that the environment names, if it does."""
    folder = os.environ.get(MODELS)
    return Path(folder) if folder else None


def new_conversation(sentence: str = "", models: Models | None = None) -> Conversation:
    """A conversation over the bundled lessons; files that cannot be used are left out, and named in its library."""
    from tutor.curriculum.loader import open_library
    from tutor.dialogue.conversation import Conversation
    from tutor.dialogue.types import DEFAULT_SENTENCE
    from tutor.understanding.likeness import AnswerReader

    library = open_library()
    conversation = Conversation(library, AnswerReader(library), models or open_models(), sentence or DEFAULT_SENTENCE)
    conversation.runner.place.update(preferred_place())
    return conversation
