"""The learner's record as JSON: everything out, and what is new of it in again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tutor.errors import LearnerError
from tutor.learner.database import FORMAT, Database
from tutor.learner.schedule import is_state

Row = tuple[Any, ...]

_ATTEMPT = ("id", "lesson", "step", "concepts", "correct", "hinted", "first", "at", "choices")
_LESSON = ("state", "started_at", "updated_at", "finished_at")
_CARD = ("lesson", "step", "state", "due", "sentence", "updated_at")
_SITTING = ("id", "form", "answers", "started_at", "updated_at", "finished_at")
_INTO: Mapping[str, str] = {
    "attempts": "insert or ignore into attempt values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "lessons": "insert into lesson (id, state, started_at, updated_at, finished_at, revision) "
    "values (?, ?, ?, ?, ?, 1) on conflict (id) do update set "
    "state = excluded.state, updated_at = excluded.updated_at, "
    "started_at = min(started_at, excluded.started_at), revision = revision + 1, "
    "finished_at = coalesce(excluded.finished_at, finished_at) where excluded.updated_at > lesson.updated_at",
    "cards": "insert into card values (?, ?, ?, ?, ?, ?) on conflict (lesson, step) do update set "
    "state = excluded.state, due = excluded.due, sentence = excluded.sentence, updated_at = excluded.updated_at "
    "where excluded.updated_at > card.updated_at",
    "sittings": "insert into sitting values (?, ?, ?, ?, ?, ?) on conflict (id) do update set "
    "answers = excluded.answers, updated_at = excluded.updated_at, finished_at = excluded.finished_at "
    "where excluded.updated_at > sitting.updated_at",
}


def export(database: Database) -> dict[str, Any]:
    """Everything, ready for JSON."""
    attempts = [
        dict(zip(_ATTEMPT, row, strict=True))
        for row in database.rows(f"select {', '.join(_ATTEMPT)} from attempt order by at, id")
    ]
    for attempt in attempts:
        attempt["concepts"] = json.loads(attempt["concepts"])
        attempt |= {name: bool(attempt[name]) for name in ("correct", "hinted", "first")}
    lessons = {
        id: {"state": _read(state), **dict(zip(_LESSON[1:], times, strict=True))}
        for id, state, *times in database.rows(f"select id, {', '.join(_LESSON)} from lesson order by started_at, id")
    }
    cards = [
        dict(zip(_CARD, row, strict=True))
        for row in database.rows(f"select {', '.join(_CARD)} from card order by lesson, step")
    ]
    sittings = [
        {**dict(zip(_SITTING, row, strict=True)), "answers": _read(row[2])}
        for row in database.rows(f"select {', '.join(_SITTING)} from sitting order by started_at, id")
    ]
    for card in cards:
        card["state"] = _read(card["state"])
    held = {"lessons": lessons, "attempts": attempts, "cards": cards, "sittings": sittings}
    return {"format": FORMAT, "program": "attention-tutor", **held}


def take_over(database: Database, exported: Mapping[str, Any]) -> int:
    """Add what `export` gave; how many attempts were new. Raises `LearnerError`, and then nothing is changed."""
    checked = _checked(exported)
    with database.transaction() as connection:
        before = connection.total_changes
        for row in checked["attempts"]:
            connection.execute(_INTO["attempts"], row)
        added = connection.total_changes - before
        for kind in ("lessons", "cards", "sittings"):
            for row in checked[kind]:
                connection.execute(_INTO[kind], row)
    return added


def _checked(exported: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Rows to insert, by kind. Raises `LearnerError` where `exported` is not an export."""
    wrong = LearnerError("that is not a progress file of this program; make one with `progress export`")
    if not isinstance(exported, Mapping) or exported.get("program") != "attention-tutor":
        raise wrong
    if exported.get("format") not in range(1, FORMAT + 1):
        raise LearnerError(f"that progress file has format {exported.get('format')}, and this program reads {FORMAT}")
    try:
        return {
            "lessons": [_lesson(id, one) for id, one in exported["lessons"].items()],
            "attempts": [_attempt(one) for one in exported["attempts"]],
            "cards": _each(exported, "cards", _card),
            "sittings": _each(exported, "sittings", _sitting),
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        raise wrong from None


def _each(exported: Mapping[str, Any], kind: str, read: Callable[[Mapping[str, Any]], Row]) -> list[Row]:
    return [read(one) for one in exported.get(kind, ())]  # format 1 has none


def _lesson(id: str, one: Mapping[str, Any]) -> Row:
    state = None if one["state"] is None else json.dumps(dict(one["state"]), ensure_ascii=False)
    return str(id), state, str(one["started_at"]), str(one["updated_at"]), _text_or_none(one["finished_at"])


def _attempt(one: Mapping[str, Any]) -> Row:
    return (
        *(str(one[name]) for name in ("id", "lesson", "step")),
        json.dumps([str(concept) for concept in one["concepts"]]),
        *(bool(one[name]) for name in ("correct", "hinted", "first")),
        str(one["at"]),
        int(one.get("choices", 0)),
    )


def _card(one: Mapping[str, Any]) -> Row:
    state = json.dumps(one["state"])
    if not is_state(state):
        raise ValueError("not the state of an exercise")
    return str(one["lesson"]), str(one["step"]), state, *(str(one[name]) for name in _CARD[3:])


def _sitting(one: Mapping[str, Any]) -> Row:
    answers = {str(item): bool(right) for item, right in one["answers"].items()}
    times = (str(one["started_at"]), str(one["updated_at"]), _text_or_none(one["finished_at"]))
    return str(one["id"]), str(one["form"]), json.dumps(answers), *times


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


def _read(text: str | None) -> Any:
    """What a column of JSON holds; None where it is damaged."""
    try:
        held = json.loads(text) if text else None
    except ValueError:
        return None
    return held if isinstance(held, dict) else None
