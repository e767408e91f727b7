"""Two terminals do not set each other back; an answer is kept whole or not at all; nothing is lost in moving."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tutor.curriculum.screens import Attempt
from tutor.errors import LearnerError
from tutor.learner.due import count_due
from tutor.learner.schedule import reviewed
from tutor.learner.sittings import Gain
from tutor.learner.store import Store

RIGHT = Attempt("s", ("softmax",), True, False, True)
WRONG = Attempt("s", ("softmax",), False, False, True)


def place(steps: int) -> dict[str, object]:
    return {"at": f"s{steps}", "path": [f"s{n}" for n in range(steps)]}


def test_of_two_terminals_in_one_lesson_the_one_that_is_further_keeps_its_place(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as one, Store(tmp_path / "x.db") as two:
        one.save_state("a", place(2))
        two.load_state("a")
        two.save_state("a", place(5))
        one.save_state("a", place(3))
        assert two.load_state("a") == place(5)
        one.answer("a", RIGHT, place(4))
        assert two.load_state("a") == place(5) and one.mastery()["softmax"].tried == 1
        one.save_state("a", place(6))
        assert two.load_state("a") == place(6)


def test_who_is_alone_may_go_back(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        for steps in (5, 2, 3, 0):
            store.save_state("a", place(steps))
            assert store.load_state("a") == place(steps)


def test_a_lesson_finished_in_one_terminal_is_not_begun_again_by_the_other(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as one, Store(tmp_path / "x.db") as two:
        one.save_state("a", place(2))
        two.load_state("a")
        two.finish("a")
        one.save_state("a", place(3))
        assert one.lessons()["a"].finished_at and one.load_state("a") is None


def test_an_answer_whose_place_cannot_be_written_leaves_no_trace(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        raw = sqlite3.connect(tmp_path / "x.db")
        raw.execute("create trigger full before insert on lesson begin select raise(abort, 'disk is full'); end")
        raw.commit()
        raw.close()
        with pytest.raises(LearnerError):
            store.answer("a", RIGHT, place(1), "The cat sleeps.")
        assert store.mastery() == {} and store.cards.all() == []


def test_an_exercise_comes_back_after_minutes_then_days_and_after_a_mistake_in_a_minute() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    state, due = reviewed("", False, at)
    assert due - at == timedelta(minutes=1)
    state, due = reviewed("", True, at)
    assert due - at == timedelta(minutes=10)
    waits = []
    for _ in range(4):
        before = due
        state, due = reviewed(state, True, due)
        waits.append(due - before)
    assert waits == sorted(waits) and waits[0] >= timedelta(days=1) and waits[-1] > timedelta(days=20)
    assert reviewed(state, True, due) == reviewed(state, True, due)


def test_a_clock_that_was_set_back_and_a_state_that_cannot_be_read_do_no_harm() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    state, _ = reviewed("", True, at)
    assert reviewed(state, True, at - timedelta(days=9))[1] > at
    assert reviewed('{"card_id": 1}', True, at) == reviewed("", True, at)


def test_only_the_first_answer_moves_an_exercise(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as store:
        store.answer("a", WRONG, sentence="The cat sleeps.")
        (card,) = store.cards.all()
        store.answer("a", Attempt("s", ("softmax",), True, False, first=False), sentence="The cat sleeps.")
        assert store.cards.all() == [card] and store.cards.due() == []
        assert store.cards.due(datetime.now(UTC) + timedelta(minutes=2)) == [card]


def test_the_first_prompt_counts_what_is_due_and_makes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    assert count_due() == 0 and list(tmp_path.iterdir()) == []
    with Store() as store:
        store.answer("a", RIGHT, sentence="The cat sleeps.")
        assert count_due() == 0
        raw = sqlite3.connect(tmp_path / "learner.sqlite3")
        raw.execute("update card set due = '2000-01-01T00:00:00.000000+00:00'")
        raw.commit()
        raw.close()
        assert count_due() == 1
    (tmp_path / "learner.sqlite3").write_bytes(b"not a database" * 500)
    assert count_due() == 0


def test_export_and_import_keep_cards_and_sittings(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as one, Store(tmp_path / "y.db") as two:
        one.answer("a", RIGHT, place(1), "The cat sleeps.")
        sitting = one.sittings.take("pretest")
        one.sittings.record(sitting.id, "i1", True)
        exported = json.loads(json.dumps(one.export()))
        assert two.import_(exported) == 1 and two.import_(exported) == 0
        assert two.export() == one.export()
        assert two.cards.all() == one.cards.all() and two.sittings.all("pretest")[0].answers == {"i1": True}
        one.answer("a", WRONG, sentence="A dog runs.")
        two.import_(one.export())
        assert two.cards.all() == one.cards.all()
        exported["cards"][0]["state"] = {"stability": "x"}
        with pytest.raises(LearnerError, match="not a progress file"):
            two.import_(exported)


def test_what_an_earlier_version_kept_is_still_there(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    old = sqlite3.connect(path)
    old.executescript(
        "create table lesson (id text primary key, state text, started_at text not null, updated_at text not null, "
        "finished_at text); create table attempt (id text primary key, lesson text not null, step text not null, "
        "concepts text not null, correct integer not null, hinted integer not null, first integer not null, "
        "at text not null); insert into lesson values ('a', '{\"at\": \"s\"}', '1', '1', null);"
        "insert into attempt values ('i', 'a', 's', '[\"softmax\"]', 1, 0, 1, '1');"
        f"pragma application_id={0x41747475}; pragma user_version=1;"
    )
    old.close()
    with Store(path) as store:
        assert store.load_state("a") == {"at": "s"} and store.mastery()["softmax"].tried == 1
        store.answer("a", RIGHT, place(1), "The cat sleeps.")
        exported = store.export()
        old_export = {"format": 1, "program": "attention-tutor", "lessons": {}, "attempts": exported["attempts"]}
        for attempt in old_export["attempts"]:
            del attempt["choices"]
        store.reset()
        assert store.import_(old_export) == 2


def test_a_sitting_is_taken_up_again_and_its_first_answers_stay(tmp_path: Path) -> None:
    with Store(tmp_path / "x.db") as one, Store(tmp_path / "x.db") as two:
        sitting = one.sittings.take("pretest")
        one.sittings.record(sitting.id, "i1", False)
        two.sittings.record(sitting.id, "i1", True)
        two.sittings.record(sitting.id, "i2", True)
        assert one.sittings.take("pretest").answers == {"i1": False, "i2": True}
        one.sittings.finish(sitting.id)
        assert one.sittings.take("pretest").id != sitting.id
        assert [one.right for one in two.sittings.all("pretest") if one.finished_at] == [1]


def test_the_gain_is_the_share_of_what_was_left_to_learn() -> None:
    assert Gain(8, 14, 20).normalised == 0.5
    assert Gain(12, 8, 20).normalised == -0.5
    assert Gain(20, 20, 20).normalised is None
    assert Gain(10, 10, 20).by_chance == pytest.approx(10**0.5)
