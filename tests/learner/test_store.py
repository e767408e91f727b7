"""Progress outlives crashes, second programs and damage, and never touches what is not its own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.errors import LearnerError
from tutor.learner.folder import data_folder
from tutor.learner.store import Store


def counts(store: Store) -> dict[str, tuple[int, int]]:
    """Concept -> how many first tries were right, and how many there were."""
    return {concept: (known.right, known.tried) for concept, known in store.mastery().items()}


def test_a_killed_program_loses_no_step(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tutor.learner.store import Store; "
        "Store(Path(sys.argv[1])).save_state('a', {'at': 's'}); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.db")]).returncode == -9
    with Store(tmp_path / "x.db") as store:
        assert store.load_state("a") == {"at": "s"} and store.notice == ""


def together(count: int, work: Callable[[], None]) -> list[str]:
    """What goes wrong when `work` is done by several at once."""
    wrong: list[str] = []

    def one() -> None:
        try:
            work()
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_two_stores_write_at_once(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as one, Store(tmp_path / "x.db") as two:
        one.save_state("a", {"n": 1})
        two.save_state("b", {"n": 2})
        two.record_attempt("a", "s", ["softmax"], True, False, True)
        assert one.load_state("b") == {"n": 2} and two.load_state("a") == {"n": 1}
        assert counts(one) == {"softmax": (1, 1)}


def test_many_programs_may_begin_a_new_record_at_once(tmp_path: Path) -> None:
    def work() -> None:
        with Store(tmp_path / "x.db") as store:
            store.save_state("a", {})
            store.record_attempt("a", "s", ["softmax"], True, False, True)

    assert together(8, work) == []
    with Store(tmp_path / "x.db") as store:
        assert counts(store) == {"softmax": (8, 8)}


def test_a_damaged_record_is_moved_aside_once_and_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database" * 500)
    notices: list[str] = []

    def work() -> None:
        with Store(path) as store:
            store.record_attempt("a", "s", ["softmax"], True, False, True)
            notices.append(store.notice)

    assert together(6, work) == []
    told = [notice for notice in notices if notice]
    assert len(told) == 1 and "damaged" in told[0] and "\n" not in told[0]
    (aside,) = tmp_path.glob("x.db.damaged-*")
    assert aside.read_bytes().startswith(b"not a database") and str(aside) in told[0]
    with Store(path) as store:
        assert store.notice == "" and counts(store) == {"softmax": (6, 6)}


def test_damage_in_the_middle_is_found_too(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with Store(path) as store:
        for number in range(60):
            store.record_attempt("a", str(number), ["x" * 500], True, False, True)
    held = bytearray(path.read_bytes())
    held[4096 * 3 : 4096 * 6] = b"\xff" * 4096 * 3
    path.write_bytes(held)
    with Store(path) as store:
        assert "damaged" in store.notice and store.mastery() == {}


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    foreign = sqlite3.connect(path)
    foreign.execute("create table lesson (a)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(LearnerError, match="another program's database; move it away"):
        Store(path)
    assert path.read_bytes() == before


def test_a_later_versions_record_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path / "x.db").close()
    later = sqlite3.connect(tmp_path / "x.db")
    later.execute("pragma user_version=99")
    later.close()
    with pytest.raises(LearnerError, match="later version"):
        Store(tmp_path / "x.db")


def test_a_locked_record_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.learner.database.BUSY_MS", 50)
    with Store(tmp_path / "x.db") as store:
        other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(LearnerError, match="another program keeps it locked") as caught:
            store.save_state("a", {})
        assert "\n" not in str(caught.value)
        other.execute("rollback")
        other.close()
        store.save_state("a", {"n": 1})
        assert store.load_state("a") == {"n": 1}


@pytest.mark.parametrize("where", ["file/x.db", "folder"])
def test_a_place_that_cannot_be_written_is_one_clear_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(LearnerError, match="set ATTENTION_TUTOR_HOME") as caught:
        Store(tmp_path / where)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[1]", "{", "null", '"x"'])
def test_a_state_that_is_no_state_starts_the_lesson_anew(tmp_path: Path, text: str) -> None:
    with Store(tmp_path / "x.db") as store:
        store.save_state("a", {})
        raw = sqlite3.connect(tmp_path / "x.db")
        raw.execute("update lesson set state = ?", (text,))
        raw.commit()
        raw.close()
        assert store.load_state("a") is None


def test_only_first_tries_without_hints_count(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        store.record_attempt("a", "1", ["softmax"], False, False, True)
        store.record_attempt("a", "1", ["softmax"], True, False, False)
        store.record_attempt("a", "2", ["softmax"], True, True, True)
        store.record_attempt("a", "3", ["softmax", "scaling"], True, False, True)
        assert counts(store) == {"softmax": (1, 3), "scaling": (1, 1)}


def test_finishing_keeps_the_finish_and_forgets_the_place(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        store.save_state("a", {"at": "s"})
        store.finish("a")
        assert store.load_state("a") is None and store.lessons()["a"].finished_at
        store.save_state("a", {"at": "t"})
        assert store.lessons()["a"].finished_at and store.load_state("a") == {"at": "t"}


def test_export_import_and_reset(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as one, Store(tmp_path / "y.db") as two:
        one.save_state("a", {"n": 1})
        one.save_state("b", {})
        one.record_attempt("a", "1", ["softmax"], True, False, True)
        exported = json.loads(json.dumps(one.export()))
        assert two.import_(exported) == 1 and two.import_(exported) == 0
        assert two.export() == one.export()
        two.reset("a")
        assert two.load_state("a") is None and two.load_state("b") == {} and two.mastery() == {}
        two.reset()
        assert two.export()["lessons"] == {}


@pytest.mark.parametrize(
    "wrong", [[], {}, {"program": "attention-tutor", "format": 1, "lessons": [1], "attempts": []}, {"format": 1}]
)
def test_what_is_no_export_changes_nothing(tmp_path: Path, wrong: object) -> None:
    with Store(tmp_path / "x.db") as store:
        store.save_state("a", {"n": 1})
        with pytest.raises(LearnerError, match="not a progress file"):
            store.import_(wrong)  # type: ignore[arg-type]
        assert store.load_state("a") == {"n": 1}


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", "~/here")
    assert data_folder() == Path(os.path.expanduser("~/here"))
    monkeypatch.delenv("ATTENTION_TUTOR_HOME")
    assert data_folder().name == "attention-tutor"
