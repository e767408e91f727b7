"""The bundled lessons, and their experiments run on the real model, each only once."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from tutor.curriculum.course import load_course
from tutor.curriculum.engine import Session
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson
from tutor.experiments import registry
from tutor.experiments.models import Models

SENTENCES = (
    "The cat is sleeping on the old chair.",
    "I love you.",
    "The old dog didn't see my sister because it was dark.",
)
_MODELS = Models()


@functools.cache
def lesson(number: int = 1) -> GuidedLesson:
    """A guided lesson, counted from 1."""
    return load_course()[number - 1]


@functools.cache
def _result(experiment: str, sentence: str, options: tuple[tuple[str, Any], ...]) -> Any:
    return registry.run(experiment, _MODELS, sentence, dict(options)).result


def run(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
    """What a session asks to have run."""
    return _result(experiment, sentence, tuple(sorted(options.items())))


def at(step: str, sentence: str = SENTENCES[0], number: int = 1) -> Session:
    """A session that stands at `step`."""
    return Session(lesson(number), State(lesson(number).id, sentence, step), run)
