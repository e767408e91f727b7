"""Questions of the lessons asked by themselves: every one can be, on every sentence that it takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from guided import SENTENCES, course, run
from typed_lines import right_answer

from tutor.curriculum.choices import options_of
from tutor.curriculum.engine import Session
from tutor.curriculum.forms import ITEMS, POSTTEST, PRETEST, check_forms, load_form
from tutor.curriculum.linter import check
from tutor.curriculum.practice import comes_again, draw_items, in_fresh_order, on_fresh_sentence, suits
from tutor.curriculum.state import State
from tutor.curriculum.steps import GuidedLesson, Step
from tutor.curriculum.syllabus import in_parts, load_sentences, load_syllabus
from tutor.curriculum.tree import Show
from tutor.errors import AuthorError, LearnerError

LESSONS = [pytest.param(lesson, id=lesson.id) for lesson in course().values()]
EXERCISES = [(one, step) for one in course().values() for step in one.walk() if comes_again(one, step)]


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_exercise_is_set_on_a_fresh_sentence_and_its_own_answer_is_right(lesson: GuidedLesson) -> None:
    for step in (step for one, step in EXERCISES if one is lesson):
        session = on_fresh_sentence(lesson, step, run, load_sentences()[:3])
        screen = session.screen()
        assert session.state.sentence in (*load_sentences()[:3], lesson.sentence) and screen.prompt
        reply = session.answer(right_answer(session))
        assert reply.correct and reply.attempt and reply.attempt.first and session.next() is False


def test_an_exercise_is_computed_anew_on_another_sentence() -> None:
    lesson = course()["attention-by-hand"]
    step = next(step for step in lesson.steps if step.id == "scale")
    one, other = (on_fresh_sentence(lesson, step, run, [sentence]) for sentence in SENTENCES[:2])
    assert one.state.sentence != other.state.sentence and right_answer(one) != right_answer(other)


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_lesson_has_four_questions_to_be_left_out_by(lesson: GuidedLesson) -> None:
    for seed in range(3):
        items = draw_items(lesson, run, lesson.sentence, Random(seed))
        ids = [item.state.at for item in items]
        assert len(set(ids)) == 4
        order = [step.id for step in lesson.walk()]
        assert ids == sorted(ids, key=order.index)


def test_a_sentence_that_the_lesson_would_not_take_is_passed_over() -> None:
    lesson = course()["attention-by-hand"]
    step = next(step for step in lesson.steps if step.id == "scale")
    assert not suits(lesson, step, "Hi", run) and not suits(lesson, step, "cat " * 300, run)
    assert on_fresh_sentence(lesson, step, run, ["Hi", "cat " * 300]).state.sentence == lesson.sentence


def test_a_step_that_the_lesson_leaves_out_on_a_sentence_is_not_set_on_it() -> None:
    lesson = course()["attention-by-hand"]
    place = next(at for at, step in enumerate(lesson.steps) if step.id == "scale")
    scale, further = lesson.steps[place : place + 2]
    long = Step("long", "branch", scale.where, use=Show("tokens"), when="word_count > 5", goto=further.id)
    shorter = replace(lesson, steps=(*lesson.steps[:place], long, *lesson.steps[place:]))
    assert suits(lesson, scale, SENTENCES[0], run) and not suits(shorter, scale, SENTENCES[0], run)
    assert suits(shorter, scale, SENTENCES[1], run)


def test_a_step_that_only_some_learners_come_to_may_be_set() -> None:
    lesson = course()["attention-by-hand"]
    again = next(step for step in lesson.walk() if step.id == "again")
    assert any(again in step.steps and step.when == "scale_right == 0" for step in lesson.steps)
    assert suits(lesson, again, SENTENCES[0], run)


def test_a_question_that_leans_on_its_lesson_is_asked_in_other_words() -> None:
    lesson = course()["attention-by-hand"]
    again = next(step for step in lesson.walk() if step.id == "again")
    (said,) = on_fresh_sentence(lesson, again, run, [SENTENCES[0]]).screen().paragraphs
    assert said.startswith("In one head") and "Once more" not in said


def test_what_is_asked_inside_a_detour_is_not_asked_alone_unless_it_says_how() -> None:
    lesson = course()["the-bottleneck"]
    inner = next(step for step in lesson.walk() if step.id == "postcard-check")
    assert not comes_again(lesson, inner)
    hill = next(step for step in course()["learning"].walk() if step.id == "hill-check")
    assert comes_again(course()["learning"], hill)


def test_a_question_that_can_be_set_nowhere_is_one_line() -> None:
    lesson = course()["attention-by-hand"]
    step = next(step for step in lesson.steps if step.id == "scale")
    with pytest.raises(LearnerError, match="can be set on no sentence; take the lesson again"):
        on_fresh_sentence(replace(lesson, sentence="Hi"), step, run, ["Hi"])


def test_the_sentence_used_last_comes_last() -> None:
    for seed in range(5):
        assert in_fresh_order(["a", "b", "c", "a"], "a", Random(seed))[-1] == "a"
    assert sorted(in_fresh_order(["a", "b"], "", Random(0))) == ["a", "b"]


# --- the course file and the forms ---------------------------------------------------------------------------


def test_every_lesson_stands_in_one_part_and_takes_up_only_what_comes_before() -> None:
    syllabus = load_syllabus()
    order = [lesson.id for _, lessons in in_parts(syllabus, list(course().values())) for lesson in lessons]
    assert order == list(course())
    assert all(order.index(needed) < order.index(name) for name in order for needed in syllabus.needs[name])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{lesson: a, needs: [b]}", "needs 'b', which is not before it"),
        ("{lesson: a}\n      - {lesson: a}", "stands here twice"),
        ("{lesson: a, neds: [b]}", "did you mean 'needs'?"),
    ],
)
def test_a_course_file_that_cannot_be_is_named_by_line(tmp_path: Path, entry: str, message: str) -> None:
    (tmp_path / "course.yaml").write_text(f"parts:\n  - title: One\n    lessons:\n      - {entry}\n")
    with pytest.raises(AuthorError, match=message) as caught:
        load_syllabus(tmp_path)
    assert "course.yaml:" in str(caught.value)
    assert any(problem.code == "L001" and "course.yaml" in problem.where for problem in check(tmp_path))


def test_a_course_file_with_a_lesson_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "course.yaml").write_text("parts: [{title: One, lessons: [{lesson: a}]}]\n")
    (found,) = [problem for problem in check(tmp_path) if problem.code == "L024"]
    assert "no lesson 'a'" in str(found)


def test_the_two_forms_are_parallel_and_each_item_has_one_right_answer() -> None:
    one, other = load_form(PRETEST), load_form(POSTTEST)
    assert len(one.steps) == len(other.steps) == ITEMS
    for form in (one, other):
        for item in form.steps:
            session = Session(form, State(form.id, "", item.id), run)
            question, fields = item.question, session.here()[1]
            assert question
            if question.accept == "choice":
                assert sum(option.right for option in options_of(question, fields)) == 1
            reply = session.answer(right_answer(session))
            assert reply.correct, item.id
    places = [
        [[option.right for option in options_of(item.question, {})].index(True) for item in form.steps
         if item.question and item.question.accept == "choice"]
        for form in (one, other)
    ]  # fmt: skip
    assert places[0] != places[1] and all(set(some) == {0, 1, 2, 3} for some in places)


FORM = """\
form: {name}
title: A form
items:
  - {{id: a, concepts: [{concept}], ask: "{ask}", accept: number, answer: "{answer}"}}
"""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"concept": "loss"}, "differ in kind"),
        ({"ask": "What is one?"}, "asks the same"),
        ({"ask": "What is the scaled score?"}, "a lesson asks the same"),
        ({}, "1 items; a form has 20"),
    ],
)
def test_forms_that_are_no_measure_are_named(tmp_path: Path, change: dict[str, str], message: str) -> None:
    (tmp_path / "forms").mkdir()
    first = {"name": "a", "concept": "softmax", "ask": "What is one?", "answer": "1"}
    second = first | {"name": "b", "ask": "What is two?", "answer": "2"} | change
    for held in (first, second):
        (tmp_path / "forms" / f"{held['name']}.yaml").write_text(FORM.format(**held))
    complaints: list[AuthorError] = []
    found = list(check_forms(tmp_path, list(course().values()), complaints.append))
    assert not complaints and any(one.code == "L025" and message in str(one) for one in found), found
