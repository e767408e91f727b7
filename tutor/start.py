"""A conversation over the bundled lessons and models."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.dialogue.conversation import Conversation
    from tutor.experiments.models import Models


MODELS = "ATTENTION_TUTOR_MODELS"
"""Environment variable: a folder of checkpoints to use instead of the bundled ones."""


def open_models() -> Models:
    """The models, which load when first needed."""
    from tutor.experiments.models import Models

    folder = os.environ.get(MODELS)
    return Models(Path(folder)) if folder else Models()


def new_conversation(sentence: str = "", models: Models | None = None) -> Conversation:
    """A conversation over the bundled lessons; files that cannot be used are left out, and named in its library."""
    from tutor.curriculum.loader import open_library
    from tutor.dialogue.conversation import Conversation
    from tutor.dialogue.types import DEFAULT_SENTENCE
    from tutor.understanding.reader import Reader

    library = open_library()
    return Conversation(library, Reader(library), models or open_models(), sentence or DEFAULT_SENTENCE)
