"""The tests before and after the course: what was answered in each sitting, and what it comes to.

The normalised gain is that of Hake (1998), Interactive-engagement versus traditional methods, American Journal of
Physics 66: of what was left to learn, the share that was learned.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tutor.learner.clock import now
from tutor.learner.database import Database


@dataclass(frozen=True)
class Sitting:
    """One sitting of one form."""

    id: str
    form: str
    answers: Mapping[str, bool]
    """Item -> whether it was right."""
    started_at: str
    finished_at: str | None

    @property
    def right(self) -> int:
        """How many items were right."""
        return sum(self.answers.values())


class Sittings:
    """All sittings, the earliest in front."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, form: str) -> list[Sitting]:
        """Every sitting of a form."""
        rows = self._database.rows(
            "select id, form, answers, started_at, finished_at from sitting where form = ? order by started_at, id",
            (form,),
        )
        return [Sitting(id, form, _answers(answers), begun, ended) for id, form, answers, begun, ended in rows]

    def take(self, form: str) -> Sitting:
        """The sitting of a form that was begun last and is not finished, or a new one."""
        unfinished = [one for one in self.all(form) if not one.finished_at]
        if unfinished:
            return unfinished[-1]
        sitting = Sitting(uuid.uuid4().hex, form, {}, now(), None)
        with self._database.transaction() as connection:
            connection.execute(
                "insert into sitting values (?, ?, '{}', ?, ?, null)",
                (sitting.id, form, sitting.started_at, sitting.started_at),
            )
        return sitting

    def record(self, sitting: str, item: str, right: bool) -> None:
        """Remember the answer to one item; the first one stays."""
        with self._database.transaction() as connection:
            found = connection.execute("select answers from sitting where id = ?", (sitting,)).fetchone()
            answers = {item: right, **_answers(found[0] if found else "{}")}
            connection.execute(
                "update sitting set answers = ?, updated_at = ? where id = ?", (json.dumps(answers), now(), sitting)
            )

    def finish(self, sitting: str) -> None:
        """Remember that every item was answered."""
        with self._database.transaction() as connection:
            connection.execute(
                "update sitting set finished_at = coalesce(finished_at, ?), updated_at = ? where id = ?",
                (now(), now(), sitting),
            )


@dataclass(frozen=True)
class Gain:
    """Two sittings side by side."""

    before: int
    after: int
    items: int
    """How many items each form has."""

    @property
    def normalised(self) -> float | None:
        """What was learned of what was left to learn, at most 1; None where nothing was left."""
        return None if self.before >= self.items else (self.after - self.before) / (self.items - self.before)

    @property
    def by_chance(self) -> float:
        """Standard deviation, in items, of the difference between two such sittings when nothing has changed."""
        return math.sqrt(sum(right * (self.items - right) / self.items for right in (self.before, self.after)))


def _answers(text: str) -> dict[str, bool]:
    try:
        held = json.loads(text)
    except ValueError:
        return {}
    return {str(item): bool(right) for item, right in held.items()} if isinstance(held, dict) else {}
