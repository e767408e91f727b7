"""Progress outlives crashes, second terminals and damage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tutor.errors import LearnerError
from tutor.learner.store import Store


def test_a_killed_program_loses_no_step(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tutor.learner.store import Store; "
        "Store(Path(sys.argv[1])).save_lesson('a', {'step': 's'}); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.db")]).returncode == -9
    store = Store(tmp_path / "x.db")
    assert store.lesson("a") == {"step": "s"}
    store.close()


def test_two_stores_write_at_once(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "x.db"), Store(tmp_path / "x.db")
    one.save_lesson("a", {})
    two.save_lesson("b", {})
    assert one.lesson("b") == {} and two.lesson("a") == {}
    one.close()
    two.close()


def test_only_first_tries_without_hints_count(tmp_path: Path) -> None:
    store = Store(tmp_path / "x.db")
    store.record("a", "1", "x", False, concepts=("softmax",))
    store.record("a", "1", "y", True, concepts=("softmax",))
    store.record("a", "2", "y", True, hinted=True, concepts=("softmax",))
    store.record("a", "3", "y", True, concepts=("softmax", "scaling"))
    assert store.mastery() == {"softmax": (1, 3), "scaling": (1, 1)}
    store.close()


def test_export_import_and_reset(tmp_path: Path) -> None:
    one, two = Store(tmp_path / "x.db"), Store(tmp_path / "y.db")
    one.save_lesson("a", {"n": 1})
    one.save_lesson("b", {})
    one.record("a", "1", "x", True)
    two.import_(one.export())
    assert two.export() == one.export()
    with pytest.raises(LearnerError):
        two.import_({"format": 1, "lessons": [1], "attempts": []})
    two.reset("a")
    assert two.lesson("a") is None and two.lesson("b") == {}
    two.reset()
    assert two.export()["lessons"] == []
    one.close()
    two.close()


def test_a_damaged_database_is_moved_aside_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database" * 500)
    store = Store(path)
    assert "moved to" in store.notice and "\n" not in store.notice
    assert len(list(tmp_path.glob("x.db.damaged-*"))) == 1
    store.close()
