"""What the learner has mastered: shown, exported, imported, forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tutor.errors import AuthorError, LearnerError
from tutor.learner.folder import FILE, data_folder
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.learner.store import Store


@contextmanager
def _store() -> Iterator[Store]:
    from tutor.learner.store import Store

    store = Store()
    try:
        yield store
    finally:
        store.close()


def progress_text() -> str:
    """Lessons begun and finished, and concepts with first tries that were right."""
    from tutor.curriculum.own import whole_course
    from tutor.curriculum.way import position_of

    lines = []
    broken: list[AuthorError] = []
    with _store() as store:
        if store.notice:
            lines.append(store.notice)
        begun = store.lessons()
        for lesson in whole_course(complain=broken.append):
            kept = begun.get(lesson.id)
            if kept and kept.state and kept.state.get("at") in {step.id for step in lesson.walk()}:
                where = f"at step {position_of(lesson, kept.state['at'])} of {lesson.total}"
            elif kept and kept.finished_at:
                where = "finished"
            else:
                where = "not begun"
            lines.append(f"{lesson.title:32}{where}")
        mastery = store.mastery()
        due = len(store.cards.due())
    lines += [clean(f"left out: {error}") for error in broken]
    if mastery:
        lines += ["", "Right at the first try and without a hint, and how probable it is that you know it:"]
        lines += [
            f"  {clean(concept):28}{known.right} of {known.tried}   {known.known:4.0%}"
            f"{'  mastered' if known.mastered else '  weak' if known.weak else ''}"
            for concept, known in mastery.items()
        ]
    if due:
        lines += ["", f"{due} exercise{'s are' if due > 1 else ' is'} due: `attention-tutor review`"]
    return "\n".join(lines)


def weak_concepts() -> tuple[str, ...]:
    """Concepts with an exercise that were answered wrongly and are not made up for, the weakest first.

    Raises `LearnerError`.
    """
    if not (data_folder() / FILE).exists():
        return ()
    with _store() as store:
        exercised = store.exercised()
        weak = {name: known for name, known in store.mastery().items() if known.weak and name in exercised}
    return tuple(sorted(weak, key=lambda name: weak[name].known))


def export_json() -> str:
    """Everything that is kept about the learner."""
    with _store() as store:
        return json.dumps(store.export(), ensure_ascii=False, indent=1)


def import_json(text: str) -> str:
    """Replace everything by an export; says what was taken over. Raises `LearnerError`."""
    try:
        held = _harmless(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise LearnerError(f"not a progress file ({error}); make one with `progress export`") from error
    with _store() as store:
        added = store.import_(held)
    return f"took over {added} new answers, and the place in each lesson"


def _harmless(value: Any) -> Any:
    """What was imported, without anything in it that could act on a terminal."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_harmless(entry) for entry in value]
    if isinstance(value, dict):
        return {clean(key): _harmless(entry) for key, entry in value.items()}
    return value


def reset(lesson: str = "") -> None:
    """Forget one lesson, or everything. Raises `LearnerError` for an unknown lesson."""
    from tutor.curriculum.course import choose
    from tutor.curriculum.own import whole_course

    if lesson:
        broken: list[AuthorError] = []
        lesson = choose(whole_course(complain=broken.append), lesson, "", broken).id
    with _store() as store:
        store.reset(lesson or None)
