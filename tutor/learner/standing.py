"""How far each lesson of the course is: mastered, taken, begun, skipped, open, or still ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson
from tutor.curriculum.syllabus import Syllabus
from tutor.errors import LearnerError
from tutor.learner.store import LessonRecord, Store


class Status(StrEnum):
    """How a lesson stands."""

    MASTERED = "mastered"
    """Every concept that its questions count for counts as mastered."""
    TAKEN = "taken"
    """Taken to its end; not everything is mastered."""
    BEGUN = "begun"
    SKIPPED = "skipped"
    """Gone through without an answer, or never begun while a lesson that takes it up was."""
    OPEN = "open"
    AHEAD = "ahead"
    """A lesson that it takes up has not been taken."""


@dataclass(frozen=True)
class Standing:
    """One lesson and how it stands."""

    lesson: GuidedLesson
    number: int
    status: Status
    here: bool
    """The lesson that is gone on with."""
    state: State | None
    """The place in it, where it was begun and not finished."""
    mastered: int
    concepts: int
    """How many concepts its questions count for, and how many of them are mastered."""
    missing: tuple[int, ...]
    """Numbers of the lessons that it takes up and that have not been taken."""


def standings(course: Sequence[GuidedLesson], syllabus: Syllabus, store: Store | None) -> list[Standing]:
    """Every lesson of the course, in order. Raises `LearnerError` where the record cannot be read."""
    records = store.lessons() if store else {}
    mastery = store.mastery() if store else {}
    answered = {lesson for lesson, _ in store.answered()} if store else set()
    touched = {id for id, record in records.items() if record.state or record.finished_at}
    needed = {name for id in touched for name in syllabus.needs.get(id, ())}
    numbers = {lesson.id: lesson.number for lesson in course}
    here = _here(course, records)
    found = []
    for lesson in course:
        record = records.get(lesson.id)
        concepts = {name for step in lesson.walk() for name in step.concepts}
        mastered = sum(mastery[name].mastered for name in concepts if name in mastery)
        needs = [name for name in syllabus.needs.get(lesson.id, ()) if name in numbers]
        missing = tuple(numbers[name] for name in needs if name not in touched)
        whole = mastered == len(concepts) > 0
        status = _status(lesson, record, whole, lesson.id in answered, lesson.id in needed, missing)
        state = _place(lesson, record)
        found.append(
            Standing(lesson, numbers[lesson.id], status, lesson.id == here, state, mastered, len(concepts), missing)
        )
    return found


def _status(
    lesson: GuidedLesson,
    record: LessonRecord | None,
    mastered: bool,
    answered: bool,
    taken_up: bool,
    missing: tuple[int, ...],
) -> Status:
    if record and record.finished_at:
        return Status.MASTERED if mastered else Status.TAKEN if answered else Status.SKIPPED
    if record and _place(lesson, record):
        return Status.BEGUN
    if mastered:
        return Status.MASTERED
    return Status.SKIPPED if taken_up else Status.AHEAD if missing else Status.OPEN


def _here(course: Sequence[GuidedLesson], records: Mapping[str, LessonRecord]) -> str:
    """The lesson that is gone on with: begun last; else the first that was never taken to its end."""
    begun = [(record.updated_at, id) for id, record in records.items() if record.state]
    fresh = [one.id for one in course if not (one.id in records and records[one.id].finished_at)]
    return max(begun)[1] if begun else next(iter(fresh), "")


def _place(lesson: GuidedLesson, record: LessonRecord | None) -> State | None:
    if record is None or record.state is None:
        return None
    try:
        state = State.from_plain(record.state)
    except LearnerError:
        return None
    return state if state.at in {step.id for step in lesson.walk()} else None
