"""What the learner has done, on disk: SQLite, written so that a kill or a second terminal loses nothing.

    store = Store()                                   # or Store(path); ATTENTION_TUTOR_HOME moves the folder
    store.save_state(lesson, state.plain())           # after every step
    store.load_state(lesson) -> dict | None           # None: not begun, finished, or reset
    store.finish(lesson)                              # keeps the finish, forgets the place
    store.lessons() -> {lesson: LessonRecord(state, started_at, updated_at, finished_at)}
    store.record_attempt(lesson, step, concepts, correct, hinted, first)
    store.mastery() -> {concept: Mastery(right, tried)}   # first tries only; a hinted answer counts as wrong
    store.export() -> dict      store.import_(dict) -> int    # JSON-ready; import adds what is not there yet
    store.reset(lesson=None)                          # one lesson with its attempts, or everything
    store.history_path                                # for the prompt's history
    store.notice                                      # one line to show once: a damaged file was moved aside; or ""

Every write is its own transaction. Raises `LearnerError`, never `sqlite3.Error`.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tutor.errors import LearnerError
from tutor.learner.folder import HOME_VARIABLE, data_folder, make_private, make_private_file

FORMAT = 1
BUSY_MS = 3000
_OURS = 0x41747475
"""In the file's header: this is a record of this program."""
_FILE = "learner.sqlite3"
_SCHEMA = """
create table if not exists lesson (
    id text primary key, state text, started_at text not null, updated_at text not null, finished_at text
);
create table if not exists attempt (
    id text primary key, lesson text not null, step text not null, concepts text not null,
    correct integer not null, hinted integer not null, first integer not null, at text not null
);
"""


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


class Store:
    """The learner's record. Safe to open in several programs at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / _FILE
        self.notice = ""
        try:
            make_private(self.path.parent)
        except OSError as error:
            raise LearnerError(f"{self.path.parent}: cannot be made ({error.strerror}); set {HOME_VARIABLE}") from error
        with suppress(OSError):  # what is wrong with the file, SQLite says
            make_private_file(self.path)
        try:
            self._connection = self._open()
        except sqlite3.Error as error:
            if not _is_damage(error):
                raise self._failed(error) from error
            self._connection = self._mended()

    def _open(self) -> sqlite3.Connection:
        """The database, made where there is none. Raises `LearnerError` where it is not ours."""
        connection = sqlite3.connect(self.path, timeout=BUSY_MS / 1000, isolation_level=None)
        try:
            connection.execute(f"pragma busy_timeout={BUSY_MS}")
            self._check_owner(connection)
            _use_wal(connection)
            # Full, not normal: with WAL, normal may lose the last writes when the machine loses power.
            connection.execute("pragma synchronous=full")
            if connection.execute("pragma quick_check").fetchone()[0] != "ok":
                raise sqlite3.DatabaseError("damaged")
            connection.execute("begin immediate")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"pragma application_id={_OURS}")
            connection.execute(f"pragma user_version={FORMAT}")
            connection.execute("commit")
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_owner(self, connection: sqlite3.Connection) -> None:
        """Touch nothing that another program, or a later version of this one, has made."""
        connection.execute("begin")  # one look: another program may be making it at this moment
        owner, tables, version = (
            connection.execute(query).fetchone()[0]
            for query in ("pragma application_id", "select count(*) from sqlite_master", "pragma user_version")
        )
        connection.execute("rollback")
        if owner != _OURS and tables:
            raise LearnerError(f"{self.path}: this is another program's database; move it away, or set {HOME_VARIABLE}")
        if version > FORMAT:
            raise LearnerError(f"{self.path}: made by a later version of this program; use that one, or move it away")

    def _mended(self) -> sqlite3.Connection:
        """Move a damaged database aside and begin a new one; of several programs that find it, one does so."""
        lock = Path(f"{self.path}.mending")
        end = time.monotonic() + BUSY_MS / 1000
        while True:
            try:
                lock.touch(exist_ok=False)
                break
            except FileExistsError:
                if time.monotonic() > end:  # left behind by a program that was killed
                    lock.unlink(missing_ok=True)
                time.sleep(0.02)
        try:
            try:
                return self._open()  # another program may have been first
            except sqlite3.Error as error:
                if not _is_damage(error):
                    raise
            aside = self.path.with_name(f"{self.path.name}.damaged-{datetime.now():%Y%m%d-%H%M%S-%f}")
            for ending in ("", "-wal", "-shm"):
                old = Path(f"{self.path}{ending}")
                if old.exists():
                    old.rename(f"{aside}{ending}")
            opened = self._open()
            self.notice = f"Your saved progress was damaged, so a new record was begun; the old one is kept as {aside}"
            return opened
        except sqlite3.Error as error:
            raise self._failed(error) from error
        except OSError as error:
            raise LearnerError(f"{self.path}: damaged, and cannot be moved ({error.strerror}); delete it") from error
        finally:
            lock.unlink(missing_ok=True)

    def _failed(self, error: sqlite3.Error) -> LearnerError:
        if _is_damage(error):
            return LearnerError(f"{self.path}: damaged; start again, and a new record is begun")
        if "locked" in str(error) or "busy" in str(error):
            return LearnerError(f"{self.path}: another program keeps it locked; close that one")
        return LearnerError(
            f"{self.path}: cannot be read or written ({error}); check the folder, or set {HOME_VARIABLE} to another"
        )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise
            self._connection.execute("commit")
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    @property
    def history_path(self) -> Path:
        """Where the prompt keeps what was typed."""
        return self.path.parent / "history"

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- lessons ---------------------------------------------------------------------------------------------

    def save_state(self, lesson: str, state: Mapping[str, Any]) -> None:
        """Remember the place in `lesson`."""
        now = _now()
        with self._transaction() as connection:
            connection.execute(
                "insert into lesson (id, state, started_at, updated_at) values (?, ?, ?, ?) "
                "on conflict (id) do update set state = excluded.state, updated_at = excluded.updated_at",
                (lesson, json.dumps(dict(state), ensure_ascii=False), now, now),
            )

    def load_state(self, lesson: str) -> dict[str, Any] | None:
        """The place in `lesson`, if one is remembered."""
        found = self._rows("select state from lesson where id = ?", (lesson,))
        return _state(found[0][0]) if found else None

    def finish(self, lesson: str) -> None:
        """Remember that `lesson` was taken to its end; its place is forgotten, so that it begins anew next time."""
        now = _now()
        with self._transaction() as connection:
            connection.execute(
                "insert into lesson (id, state, started_at, updated_at, finished_at) values (?, null, ?, ?, ?) "
                "on conflict (id) do update set state = null, updated_at = excluded.updated_at, "
                "finished_at = excluded.finished_at",
                (lesson, now, now, now),
            )

    def lessons(self) -> dict[str, LessonRecord]:
        """Every lesson that was begun."""
        rows = self._rows("select id, state, started_at, updated_at, finished_at from lesson order by started_at, id")
        return {row[0]: LessonRecord(_state(row[1]), *row[2:]) for row in rows}

    # --- attempts --------------------------------------------------------------------------------------------

    def record_attempt(
        self, lesson: str, step: str, concepts: Sequence[str], correct: bool, hinted: bool, first: bool
    ) -> None:
        """Remember one graded answer."""
        values = (uuid.uuid4().hex, lesson, step, json.dumps(list(concepts)), correct, hinted, first, _now())
        with self._transaction() as connection:
            connection.execute("insert into attempt values (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def mastery(self) -> dict[str, Mastery]:
        """Per concept, from first tries only; a hinted answer counts as wrong."""
        counts: dict[str, list[int]] = {}
        for concepts, correct, hinted in self._rows("select concepts, correct, hinted from attempt where first"):
            for concept in json.loads(concepts):
                count = counts.setdefault(concept, [0, 0])
                count[0] += bool(correct and not hinted)
                count[1] += 1
        return {concept: Mastery(*counts[concept]) for concept in sorted(counts)}

    # --- moving and forgetting -------------------------------------------------------------------------------

    def export(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        columns = ("id", "lesson", "step", "concepts", "correct", "hinted", "first", "at")
        attempts = [dict(zip(columns, row, strict=True)) for row in self._rows("select * from attempt order by at, id")]
        for attempt in attempts:
            attempt["concepts"] = json.loads(attempt["concepts"])
            attempt |= {name: bool(attempt[name]) for name in ("correct", "hinted", "first")}
        lessons = {id: vars(record) for id, record in self.lessons().items()}
        return {"format": FORMAT, "program": "attention-tutor", "lessons": lessons, "attempts": attempts}

    def import_(self, exported: Mapping[str, Any]) -> int:
        """Add what `export` gave, here or on another machine; how many attempts were new.

        Of two places in one lesson the later stays. Importing twice changes nothing. Raises `LearnerError`, and then
        nothing is changed.
        """
        lessons, attempts = _checked(exported)
        with self._transaction() as connection:
            before = connection.total_changes
            for attempt in attempts:
                connection.execute("insert or ignore into attempt values (?, ?, ?, ?, ?, ?, ?, ?)", attempt)
            added = connection.total_changes - before
            for lesson in lessons:
                connection.execute(
                    "insert into lesson (id, state, started_at, updated_at, finished_at) values (?, ?, ?, ?, ?) "
                    "on conflict (id) do update set state = excluded.state, updated_at = excluded.updated_at, "
                    "started_at = min(started_at, excluded.started_at), "
                    "finished_at = coalesce(excluded.finished_at, finished_at) "
                    "where excluded.updated_at > lesson.updated_at",
                    lesson,
                )
        return added

    def reset(self, lesson: str | None = None) -> None:
        """Forget one lesson and its attempts, or everything."""
        with self._transaction() as connection:
            if lesson is None:
                connection.execute("delete from lesson")
                connection.execute("delete from attempt")
            else:
                connection.execute("delete from lesson where id = ?", (lesson,))
                connection.execute("delete from attempt where lesson = ?", (lesson,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _state(text: str | None) -> dict[str, Any] | None:
    try:
        held = json.loads(text) if text else None
    except ValueError:
        return None
    return held if isinstance(held, dict) else None


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault, and not a lock, a permission or a full disk."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Several programs may read and write. While another switches a new file over, SQLite does not wait by itself."""
    end = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("pragma journal_mode=wal")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _checked(exported: Mapping[str, Any]) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Rows to insert. Raises `LearnerError` where `exported` is not an export."""
    wrong = LearnerError("that is not a progress file of this program; make one with `progress export`")
    if not isinstance(exported, Mapping) or exported.get("program") != "attention-tutor":
        raise wrong
    if exported.get("format") != FORMAT:
        raise LearnerError(f"that progress file has format {exported.get('format')}, and this program reads {FORMAT}")
    try:
        lessons = [
            (
                str(id),
                None if one["state"] is None else json.dumps(dict(one["state"]), ensure_ascii=False),
                str(one["started_at"]),
                str(one["updated_at"]),
                None if one["finished_at"] is None else str(one["finished_at"]),
            )
            for id, one in exported["lessons"].items()
        ]
        attempts = [
            (
                *(str(one[name]) for name in ("id", "lesson", "step")),
                json.dumps([str(concept) for concept in one["concepts"]]),
                *(bool(one[name]) for name in ("correct", "hinted", "first")),
                str(one["at"]),
            )
            for one in exported["attempts"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise wrong from None
    return lessons, attempts
