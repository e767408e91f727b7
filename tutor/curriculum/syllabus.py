"""The course as a whole: `lessons/course.yaml` with its parts and what each lesson takes up from others.

Also `lessons/sentences.yaml`, from which exercises are made when they come back.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tutor.curriculum.document import Fields, read_document
from tutor.curriculum.loader import Complain, lessons_root, shown_path
from tutor.curriculum.problem import Problem, near
from tutor.curriculum.steps import GuidedLesson
from tutor.errors import AuthorError

SYLLABUS, SENTENCES = "course.yaml", "sentences.yaml"


@dataclass(frozen=True)
class Part:
    """Some lessons under one heading."""

    title: str
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class Syllabus:
    """The parts of the course in order."""

    parts: tuple[Part, ...]
    needs: Mapping[str, tuple[str, ...]]
    """Lesson -> the lessons that it takes up."""
    places: Mapping[str, str]
    """Lesson -> 'file:line', for the linter."""


def load_syllabus(root: Path | None = None, complain: Complain | None = None) -> Syllabus:
    """The course file under `root`; no parts where there is none.

    Raises `AuthorError`, or with `complain` hands it on and gives no parts.
    """
    path = (root or lessons_root()) / SYLLABUS
    try:
        return _read(path) if path.exists() else Syllabus((), {}, {})
    except AuthorError as error:
        if complain is None:
            raise
        complain(error)
        return Syllabus((), {}, {})


def _read(path: Path) -> Syllabus:
    held = read_document(path, shown_path(path, path.parent))
    held.only(("parts",))
    needs: dict[str, tuple[str, ...]] = {}
    places: dict[str, str] = {}
    parts = tuple(_part(fields, needs, places) for fields in held.parts("parts"))
    return Syllabus(parts, needs, places)


def _part(fields: Fields, needs: dict[str, tuple[str, ...]], places: dict[str, str]) -> Part:
    fields.only(("title", "lessons"))
    names = []
    for entry in fields.parts("lessons"):
        entry.only(("lesson", "needs"))
        name = entry.text("lesson")
        if name in needs:
            raise AuthorError(f"{entry.where}: lesson '{name}' stands here twice; keep one")
        for needed in entry.texts("needs"):
            if needed not in needs:
                raise AuthorError(f"{entry.where}: '{name}' needs '{needed}', which is not before it; reorder them")
        needs[name], places[name] = entry.texts("needs"), entry.where
        names.append(name)
    return Part(fields.text("title"), tuple(names))


def in_parts(syllabus: Syllabus, course: Sequence[GuidedLesson]) -> list[tuple[str, list[GuidedLesson]]]:
    """The lessons that there are under the headings of the course; those that it does not name come last."""
    by_id = {lesson.id: lesson for lesson in course}
    parts = [(part.title, [by_id.pop(name) for name in part.lessons if name in by_id]) for part in syllabus.parts]
    return [part for part in (*parts, ("Further lessons" if parts else "The course", [*by_id.values()])) if part[1]]


def check_syllabus(syllabus: Syllabus, course: Sequence[GuidedLesson]) -> Iterator[Problem]:
    """Lessons that the course file names and that are not there, and those that it forgets."""
    ids = [lesson.id for lesson in course]
    for name, where in syllabus.places.items():
        if name not in ids:
            yield Problem(where, "L024", f"no lesson '{name}'", near(name, ids))
    for lesson in course if syllabus.parts else ():
        if lesson.id not in syllabus.places:
            where = f"{Path(lesson.steps[0].where).parts[0]}/{SYLLABUS}:1"
            yield Problem(where, "L024", f"lesson '{lesson.id}' is in no part of the course", "enter it in one")


@functools.cache
def load_sentences(root: Path | None = None) -> tuple[str, ...]:
    """Sentences to make exercises from; none where the file is missing. Raises `AuthorError`."""
    path = (root or lessons_root()) / SENTENCES
    if not path.exists():
        return ()
    held = read_document(path, shown_path(path, path.parent))
    held.only(("sentences",))
    return held.texts("sentences")
