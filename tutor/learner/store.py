"""What the learner has done, on disk.

    store = Store()                                   # or Store(path); ATTENTION_TUTOR_HOME moves the folder
    store.answer(lesson, attempt, state, sentence)    # one graded answer with all that follows from it, at once
    store.save_state(lesson, state.plain())           # after every other step
    store.load_state(lesson) -> dict | None           # None: not begun, finished, or reset
    store.finish(lesson)                              # keeps the finish, forgets the place
    store.lessons() -> {lesson: LessonRecord(state, started_at, updated_at, finished_at)}
    store.mastery() -> {concept: Mastery(right, tried, known)}    # first tries only; a hinted answer counts as wrong
    store.cards, store.sittings                       # exercises that come back; the tests before and after the course
    store.export() -> dict      store.import_(dict) -> int    # JSON-ready; import adds what is not there yet
    store.reset(lesson=None)                          # one lesson with its attempts, or everything
    store.notice                                      # one line to show once: a damaged file was moved aside; or ""

Two programs may be in one lesson. A place is only written over by the program that wrote it, or by one that has come
further, so that neither sets the other back. Every write is one transaction. Raises `LearnerError`, never
`sqlite3.Error`.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.curriculum.screens import Attempt
from tutor.learner import exchange
from tutor.learner.cards import Cards, review
from tutor.learner.clock import now
from tutor.learner.database import Database
from tutor.learner.knowledge import MASTERED, WEAK, Try, probability_known
from tutor.learner.sittings import Sittings


@dataclass(frozen=True)
class LessonRecord:
    """How far a lesson has come."""

    state: dict[str, Any] | None
    started_at: str
    updated_at: str
    finished_at: str | None


@dataclass(frozen=True)
class Mastery:
    """First tries at one concept: how many, and how many were right without a hint."""

    right: int
    tried: int
    known: float
    """Probability that the concept is known."""

    @property
    def mastered(self) -> bool:
        """Whether it counts as mastered."""
        return self.known >= MASTERED

    @property
    def weak(self) -> bool:
        """Whether it was answered wrongly, and what came after has not made up for it."""
        return self.right < self.tried and self.known < WEAK


class Store:
    """The learner's record. Safe to open in several programs at once."""

    def __init__(self, path: Path | None = None) -> None:
        self._database = Database(path)
        self.cards = Cards(self._database)
        self.sittings = Sittings(self._database)
        self._seen: dict[str, int] = {}
        """Lesson -> revision of its place when this program last read or wrote it."""

    @property
    def notice(self) -> str:
        """One line to show once, or nothing."""
        return self._database.notice

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- lessons ---------------------------------------------------------------------------------------------

    def save_state(self, lesson: str, state: Mapping[str, Any]) -> None:
        """Remember the place in `lesson`, unless another program has come further in it meanwhile."""
        with self._database.transaction() as connection:
            revision = self._put_place(connection, lesson, state)
        self._seen[lesson] = revision

    def _put_place(self, connection: sqlite3.Connection, lesson: str, state: Mapping[str, Any]) -> int:
        """Write a place; the revision that this program has then seen."""
        found = connection.execute("select state, revision from lesson where id = ?", (lesson,)).fetchone()
        held, revision = found or (None, 0)
        seen = self._seen.get(lesson, revision)
        if found and seen != revision and _passed(_plain(held)) > _passed(state):
            return seen
        at = now()
        connection.execute(
            "insert into lesson (id, state, started_at, updated_at, revision) values (?, ?, ?, ?, 1) "
            "on conflict (id) do update set state = excluded.state, updated_at = excluded.updated_at, "
            "revision = revision + 1",
            (lesson, json.dumps(dict(state), ensure_ascii=False), at, at),
        )
        return int(revision) + 1

    def load_state(self, lesson: str) -> dict[str, Any] | None:
        """The place in `lesson`, if one is remembered."""
        found = self._database.rows("select state, revision from lesson where id = ?", (lesson,))
        state, self._seen[lesson] = found[0] if found else (None, 0)
        return _plain(state)

    def finish(self, lesson: str) -> None:
        """Remember that `lesson` was taken to its end; its place is forgotten, so that it begins anew next time."""
        at = now()
        with self._database.transaction() as connection:
            connection.execute(
                "insert into lesson (id, state, started_at, updated_at, finished_at, revision) "
                "values (?, null, ?, ?, ?, 1) on conflict (id) do update set state = null, "
                "updated_at = excluded.updated_at, finished_at = excluded.finished_at, revision = revision + 1",
                (lesson, at, at, at),
            )

    def lessons(self) -> dict[str, LessonRecord]:
        """Every lesson that was begun."""
        rows = self._database.rows(
            "select id, state, started_at, updated_at, finished_at from lesson order by started_at, id"
        )
        return {row[0]: LessonRecord(_plain(row[1]), *row[2:]) for row in rows}

    # --- answers ---------------------------------------------------------------------------------------------

    def answer(
        self, lesson: str, attempt: Attempt, state: Mapping[str, Any] | None = None, sentence: str | None = None
    ) -> None:
        """Remember one graded answer: with `state` the place that it led to, with `sentence` when it comes again.

        `sentence` is what the exercise was made from; None where it is nothing that comes back.
        """
        revision: int | None = None
        with self._database.transaction() as connection:
            self._put_attempt(connection, lesson, attempt)
            if sentence is not None and attempt.first:
                review(connection, lesson, attempt.step, attempt.correct and not attempt.hinted, sentence)
            if state is not None:
                revision = self._put_place(connection, lesson, state)
        if revision is not None:
            self._seen[lesson] = revision

    def _put_attempt(self, connection: sqlite3.Connection, lesson: str, attempt: Attempt) -> None:
        one = attempt
        values = (uuid.uuid4().hex, lesson, one.step, json.dumps(list(one.concepts)))
        graded = (one.correct, one.hinted, one.first, now(), one.choices)
        connection.execute("insert into attempt values (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *graded))

    def record_attempt(
        self, lesson: str, step: str, concepts: Sequence[str], correct: bool, hinted: bool, first: bool
    ) -> None:
        """Remember one graded answer that leads nowhere and does not come back."""
        self.answer(lesson, Attempt(step, tuple(concepts), correct, hinted, first))

    def mastery(self) -> dict[str, Mastery]:
        """Per concept, from first tries only; a hinted answer counts as wrong."""
        tries: dict[str, list[Try]] = {}
        rows = self._database.rows("select concepts, correct, hinted, choices from attempt where first order by at, id")
        for concepts, correct, hinted, choices in rows:
            for concept in json.loads(concepts):
                tries.setdefault(concept, []).append(Try(bool(correct and not hinted), choices))
        return {
            concept: Mastery(sum(one.right for one in made), len(made), probability_known(made))
            for concept, made in sorted(tries.items())
        }

    def answered(self) -> set[tuple[str, str]]:
        """Every (lesson, step) that was answered."""
        return {(lesson, step) for lesson, step in self._database.rows("select distinct lesson, step from attempt")}

    def exercised(self) -> set[str]:
        """Concepts of which an exercise comes back."""
        rows = self._database.rows("select distinct concepts from attempt join card using (lesson, step)")
        return {concept for (concepts,) in rows for concept in json.loads(concepts)}

    # --- moving and forgetting -------------------------------------------------------------------------------

    def export(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return exchange.export(self._database)

    def import_(self, exported: Mapping[str, Any]) -> int:
        """Add what `export` gave, here or on another machine; how many attempts were new.

        Of two places in one lesson the later stays. Importing twice changes nothing. Raises `LearnerError`, and then
        nothing is changed.
        """
        return exchange.take_over(self._database, exported)

    def reset(self, lesson: str | None = None) -> None:
        """Forget one lesson with its attempts and exercises, or everything."""
        with self._database.transaction() as connection:
            if lesson is None:
                for table in ("lesson", "attempt", "card", "sitting"):
                    connection.execute(f"delete from {table}")
            else:
                connection.execute("delete from lesson where id = ?", (lesson,))
                connection.execute("delete from attempt where lesson = ?", (lesson,))
                connection.execute("delete from card where lesson = ?", (lesson,))
        self._seen.clear()


def _plain(text: str | None) -> dict[str, Any] | None:
    try:
        held = json.loads(text) if text else None
    except ValueError:
        return None
    return held if isinstance(held, dict) else None


def _passed(state: Mapping[str, Any] | None) -> float:
    """How many steps lie behind a place; all of them where the lesson was finished."""
    if state is None:
        return float("inf")
    path = state.get("path")
    return len(set(path)) if isinstance(path, (list, tuple)) else 0
