"""The learner's database: SQLite, opened so that a crash, a kill or a second program loses nothing.

Every write is one transaction. Raises `LearnerError`, never `sqlite3.Error`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from tutor.errors import LearnerError
from tutor.learner.folder import FILE, HOME_VARIABLE, data_folder, make_private, make_private_file

FORMAT = 2
"""1 had neither the number of choices of an attempt, nor cards and sittings, nor the revision of a place."""
BUSY_MS = 3000
_OURS = 0x41747475
"""In the file's header: this is a record of this program."""
_SCHEMA = """
create table if not exists lesson (
    id text primary key, state text, started_at text not null, updated_at text not null, finished_at text,
    revision integer not null default 0
);
create table if not exists attempt (
    id text primary key, lesson text not null, step text not null, concepts text not null,
    correct integer not null, hinted integer not null, first integer not null, at text not null,
    choices integer not null default 0
);
create table if not exists card (
    lesson text not null, step text not null, state text not null, due text not null, sentence text not null,
    updated_at text not null, primary key (lesson, step)
);
create table if not exists sitting (
    id text primary key, form text not null, answers text not null, started_at text not null,
    updated_at text not null, finished_at text
);
"""
_ADDED = {"lesson": ("revision", "integer not null default 0"), "attempt": ("choices", "integer not null default 0")}
"""Columns that a record of format 1 lacks."""


class Database:
    """One open record. Safe to open in several programs at once."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or data_folder() / FILE
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
            _add_columns(connection)
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
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is written, or nothing."""
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

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a query finds."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()


def _add_columns(connection: sqlite3.Connection) -> None:
    for table, (column, kind) in _ADDED.items():
        if column not in {row[1] for row in connection.execute(f"pragma table_info({table})")}:
            connection.execute(f"alter table {table} add column {column} {kind}")


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
