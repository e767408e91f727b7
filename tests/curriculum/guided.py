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


FIRST = "attention-by-hand"


@functools.cache
def course() -> dict[str, GuidedLesson]:
    """All guided lessons, in their order, by name."""
    return {one.id: one for one in load_course()}


def lesson(name: str = FIRST) -> GuidedLesson:
    """A guided lesson."""
    return course()[name]


@functools.cache
def _result(experiment: str, sentence: str, options: tuple[tuple[str, Any], ...]) -> Any:
    return registry.run(experiment, _MODELS, sentence, dict(options)).result


def run(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
    """What a session asks to have run."""
    return _result(experiment, sentence, tuple(sorted(options.items())))


def at(step: str, sentence: str = SENTENCES[0], name: str = FIRST) -> Session:
    """A session that stands at `step`."""
    return Session(lesson(name), State(name, sentence, step), run)
