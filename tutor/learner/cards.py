"""Exercises that were done once and come back: which, when, and the sentence that each was last made from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from tutor.learner.clock import now, stamp
from tutor.learner.database import Database
from tutor.learner.schedule import reviewed


@dataclass(frozen=True)
class Card:
    """One exercise that comes back."""

    lesson: str
    step: str
    due: str
    """When, in the form of `stamp`, so that two can be compared."""
    sentence: str
    """What it was last made from."""


class Cards:
    """All exercises that come back, the one that is due first in front."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Card]:
        """Every one, due or not."""
        return [Card(*row) for row in self._database.rows("select lesson, step, due, sentence from card order by due")]

    def due(self, at: datetime | None = None) -> list[Card]:
        """Those that are due at that time, by default now."""
        by = stamp(at) if at else now()
        return [card for card in self.all() if card.due <= by]

    def forget(self, cards: Iterable[Card]) -> None:
        """Drop exercises that the course has lost."""
        with self._database.transaction() as connection:
            for card in cards:
                connection.execute("delete from card where lesson = ? and step = ?", (card.lesson, card.step))


def review(connection: sqlite3.Connection, lesson: str, step: str, right: bool, sentence: str) -> None:
    """Say that an exercise was answered just now, inside a transaction."""
    found = connection.execute("select state from card where lesson = ? and step = ?", (lesson, step)).fetchone()
    state, due = reviewed(found[0] if found else "", right, datetime.now(UTC))
    connection.execute(
        "insert or replace into card (lesson, step, state, due, sentence, updated_at) values (?, ?, ?, ?, ?, ?)",
        (lesson, step, state, stamp(due), sentence, now()),
    )
