"""The bundled lesson, and its experiments run on the real model, each only once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from tutor.curriculum.course import GuidedLesson, load_course
from tutor.curriculum.engine import Session, State
from tutor.experiments import registry
from tutor.experiments.models import Models

SENTENCES = (
    "The cat is sleeping on the old chair.",
    "I love you.",
    "The animal didn't cross the street because it was too tired.",
)
_MODELS = Models()


@functools.cache
def lesson() -> GuidedLesson:
    """The first guided lesson."""
    return load_course()[0]


@functools.cache
def _result(experiment: str, sentence: str, options: tuple[tuple[str, Any], ...]) -> Any:
    return registry.run(experiment, _MODELS, sentence, dict(options)).result


def run(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
    """What a session asks to have run."""
    return _result(experiment, sentence, tuple(sorted(options.items())))


def at(step: str, sentence: str = SENTENCES[0]) -> Session:
    """A session that stands at `step`."""
    return Session(lesson(), State(lesson().id, sentence, step), run)
