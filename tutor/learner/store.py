"""What the learner has done, in SQLite: every step is on disk before the next is shown.

WAL and a busy timeout let two terminals write; a damaged database is moved aside, never a traceback.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutor.errors import LearnerError

HOME = "ATTENTION_TUTOR_HOME"
FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS lessons (lesson TEXT PRIMARY KEY, state TEXT NOT NULL, saved REAL NOT NULL);
CREATE TABLE IF NOT EXISTS attempts (
    id INTEGER PRIMARY KEY, lesson TEXT NOT NULL, step TEXT NOT NULL, answer TEXT NOT NULL, correct INTEGER NOT NULL,
    hinted INTEGER NOT NULL, concepts TEXT NOT NULL, at REAL NOT NULL);
"""
_ATTEMPT = "INSERT INTO attempts (lesson, step, answer, correct, hinted, concepts, at) VALUES (?, ?, ?, ?, ?, ?, ?)"


def data_dir() -> Path:
    """Where the learner's data lies."""
    if os.environ.get(HOME):
        return Path(os.environ[HOME])
    from platformdirs import user_data_dir

    return Path(user_data_dir("attention-tutor"))


class Store:
    """The learner's memory. `notice` is a line to show when a damaged database was moved aside."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_dir() / "learner.db"
        self.notice = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._open()
        except sqlite3.OperationalError as error:
            raise LearnerError(f"{self.path}: cannot be opened ({error}); check the folder or set {HOME}") from error
        except OSError as error:
            raise LearnerError(f"{self.path}: cannot be opened ({error.strerror}); set {HOME}") from error
        except sqlite3.DatabaseError:
            aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
            self.path.rename(aside)
            for suffix in ("-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            self.notice = f"Your saved progress could not be read; it was moved to {aside} and a new one begun."
            self._open()

    def _open(self) -> None:
        self._db = sqlite3.connect(self.path, timeout=5, isolation_level=None)
        try:
            self._db.execute("PRAGMA busy_timeout = 5000")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(_TABLES)
            if self._db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("damaged")
        except BaseException:
            self._db.close()
            raise

    @property
    def history_path(self) -> Path:
        """File for the prompt's up-arrow history."""
        return self.path.parent / "history"

    def close(self) -> None:
        """Close the database; nothing is pending."""
        self._db.close()

    def save_lesson(self, lesson: str, state: Mapping[str, Any]) -> None:
        """Keep the state of a lesson; on disk when this returns."""
        self._db.execute("INSERT OR REPLACE INTO lessons VALUES (?, ?, ?)", (lesson, json.dumps(state), time.time()))

    def lesson(self, lesson: str) -> dict[str, Any] | None:
        """The kept state of a lesson."""
        row = self._db.execute("SELECT state FROM lessons WHERE lesson = ?", (lesson,)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def latest_lesson(self) -> str:
        """The lesson saved last; empty when there is none."""
        row = self._db.execute("SELECT lesson FROM lessons ORDER BY saved DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def record(
        self,
        lesson: str,
        step: str,
        answer: str,
        correct: bool,
        *,
        hinted: bool = False,
        concepts: tuple[str, ...] = (),
    ) -> None:
        """Keep one graded answer."""
        self._db.execute(_ATTEMPT, (lesson, step, answer, correct, hinted, json.dumps(concepts), time.time()))

    def mastery(self) -> dict[str, tuple[int, int]]:
        """Concept -> (right, asked), counting first tries only; a hinted answer counts as wrong."""
        found: dict[str, tuple[int, int]] = {}
        rows = self._db.execute(
            "SELECT correct AND NOT hinted, concepts FROM attempts "
            "WHERE id IN (SELECT MIN(id) FROM attempts GROUP BY lesson, step)"
        )
        for right, concepts in rows:
            for concept in json.loads(concepts):
                known, asked = found.get(concept, (0, 0))
                found[concept] = (known + right, asked + 1)
        return found

    def export(self) -> dict[str, Any]:
        """Everything, JSON-ready."""
        lessons = self._db.execute("SELECT lesson, state, saved FROM lessons ORDER BY lesson")
        attempts = self._db.execute(
            "SELECT lesson, step, answer, correct, hinted, concepts, at FROM attempts ORDER BY id"
        )
        return {
            "format": FORMAT,
            "lessons": [[a, json.loads(b), c] for a, b, c in lessons],
            "attempts": [[*row[:3], bool(row[3]), bool(row[4]), json.loads(row[5]), row[6]] for row in attempts],
        }

    def import_(self, held: Any) -> None:
        """Replace everything by what `export` gave, or change nothing. Raises `LearnerError`."""
        try:
            if held["format"] != FORMAT:
                raise ValueError("another format")
            lessons = [(str(a), json.dumps(dict(b)), float(c)) for a, b, c in held["lessons"]]
            attempts = [
                (str(a), str(b), str(c), bool(d), bool(e), json.dumps([str(n) for n in f]), float(g))
                for a, b, c, d, e, f, g in held["attempts"]
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise LearnerError(
                "that is not a progress file of this tutor; use one from `attention-tutor progress export`"
            ) from error
        with self._changing():
            self._db.execute("DELETE FROM lessons")
            self._db.execute("DELETE FROM attempts")
            self._db.executemany("INSERT OR REPLACE INTO lessons VALUES (?, ?, ?)", lessons)
            self._db.executemany(_ATTEMPT, attempts)

    def reset(self, lesson: str = "") -> None:
        """Forget one lesson, or everything."""
        with self._changing():
            for table in ("lessons", "attempts"):
                self._db.execute(f"DELETE FROM {table} WHERE ? IN ('', lesson)", (lesson,))

    def _changing(self) -> sqlite3.Connection:
        self._db.execute("BEGIN IMMEDIATE")
        return self._db  # as a context manager: commits, or rolls back on an error
