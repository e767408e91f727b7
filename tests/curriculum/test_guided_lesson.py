"""The bundled guided lesson, every answer replayed on hand-made results."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest

from tutor.curriculum.conditions import holds
from tutor.curriculum.engine import LessonEngine, Progress, fields_of, read_numbers
from tutor.curriculum.linter import check
from tutor.curriculum.loader import lessons_root, load_course
from tutor.errors import AuthorError
from tutor.experiments import registry
from tutor.experiments.base import find

SPECIAL = {"query_token": "cat", "key_token": "mat", "d_head": 64, "sqrt_d_head": 8.0, "key_raw_score": 24.0}
SPECIAL |= {"key_scaled_score": 3.0, "exponential_sum": 2.5, "weight": 0.4, "key_tokens": ("The", "cat", "mat", "the")}
SPECIAL |= {"scaled_scores": (3.0, 1.0), "largest_scaled": 0.4, "largest_unscaled": 0.9}


def run(name: str, sentence: str, options: Any = MappingProxyType({})) -> Any:
    import dataclasses

    kind = find(name).result
    plain: dict[str, Any] = {"str": "word", "int": 1, "float": 0.5, "bool": True}
    made = {f.name: SPECIAL.get(f.name, plain.get(str(f.type), ())) for f in dataclasses.fields(kind)}
    return kind(**made)


RIGHT = {"bet": "mat", "scale": "3.0", "weigh": "2/5", "bet-scaling": "1", "mix": "7", "last": " The VALUES! "}
RIGHT |= {"explain": "a long sum grows big and softmax saturates", "more": "yes"}


def at(step: str) -> LessonEngine:
    lesson = load_course()[0]
    return LessonEngine(lesson, run, Progress(lesson.id, lesson.sentence, step))


def test_right_answers_lead_to_the_end_and_the_state_survives_json_at_each_step() -> None:
    assert registry
    lesson = load_course()[0]
    engine = LessonEngine(lesson, run)
    for _ in lesson.steps:
        engine = LessonEngine(lesson, run, Progress.of(json.loads(json.dumps(engine.progress.plain()))))
        assert engine.present().texts or engine.present().ask or engine.present().result
        reply = engine.answer(RIGHT.get(engine.step.id, ""))
        assert reply.moved and reply.right is not False, engine.step.id
    assert engine.present().finished


@pytest.mark.parametrize("typed", ["0.4", "40%", "40 percent", "2/5", "0,40", ".4"])
def test_a_number_is_right_in_every_usual_form(typed: str) -> None:
    assert at("weigh").answer(typed).right


@pytest.mark.parametrize(
    ("step", "typed", "mistake"),
    [
        *(("scale", "24", "not divided"), ("scale", "0.375", "divided by d"), ("scale", "192", "multiplied")),
        *(("scale", "-3", "wrong sign"), ("weigh", "1", "not divided"), ("weigh", "2.5", "upside down")),
        *(("weigh", "0.6", "the others"), ("weigh", "0.75", "not exponentiated"), ("mix", "12", "plain sum")),
        *(("mix", "6", "plain average"), ("mix", "5", "swapped"), ("last", "Key", "key"), ("last", "query", "query")),
        ("mix", "99", ""),
    ],
)
def test_a_wrong_answer_is_named_by_its_mistake(step: str, typed: str, mistake: str) -> None:
    reply = at(step).answer(typed)
    assert (reply.right, reply.mistake, reply.moved) == (False, mistake, False)


def test_hints_are_counted_and_run_out() -> None:
    engine = at("scale")
    assert engine.answer("/hint").texts[0].startswith("Hint 1 of 2: ")
    assert engine.answer("/hint").texts[0].startswith("Hint 2 of 2: ")
    assert engine.answer("/hint").texts == ("There are no more hints here.",)
    assert engine.answer("3").hinted


def test_the_solution_is_offered_after_three_tries_and_not_before() -> None:
    engine = at("mix")
    assert not engine.answer("/solution").moved
    for _ in range(3):
        last = engine.answer("1")
    assert "/solution" in last.texts[-1]
    assert engine.answer("/solution").texts == ("6 + 1 = 7.",)


def test_back_undoes_skip() -> None:
    engine = at("scale")
    engine.answer("/skip")
    assert engine.step.id == "softmax"
    engine.answer("/back")
    assert engine.step.id == "scale"


def test_what_is_not_a_number_costs_no_try() -> None:
    engine = at("scale")
    assert engine.answer("dunno").right is None
    assert engine.progress.tries == 0 and read_numbers("1/0") is None


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.b", "a[0]", "(lambda: 1)()", "[x for x in a]", "2 ** 9", "f'{a}'"]
)
def test_a_condition_cannot_hold_code(text: str) -> None:
    with pytest.raises(AuthorError):
        holds(text, {"a": 1})


def test_the_bundled_lessons_have_no_problem() -> None:
    assert [str(p) for p in check(lessons_root()) if "course" in p.where] == []


def test_sums_of_lists_can_be_named() -> None:
    assert fields_of(run("attention-steps", ""))["scaled_scores_sum"] == 4.0
