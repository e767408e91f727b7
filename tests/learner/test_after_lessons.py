"""What follows from answers: reviews, leaving a lesson out, what is offered next, the map, the measure."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typed_lines import Line, right_answer, typed

from tutor.curriculum.course import load_course
from tutor.curriculum.engine import Session
from tutor.curriculum.forms import POSTTEST, PRETEST, load_form
from tutor.curriculum.loader import lessons_root
from tutor.curriculum.screens import Attempt
from tutor.curriculum.state import State
from tutor.errors import LearnerError
from tutor.experiments.models import Models
from tutor.learner.store import Store
from tutor.terminal import drill
from tutor.terminal.course_map import map_text
from tutor.terminal.lesson import play
from tutor.terminal.measure import measure
from tutor.terminal.review import review
from tutor.terminal.session import Chat

LESSON = "attention-by-hand"


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """The question that stands on the screen is the last of these."""
    sessions: list[Session] = []
    ask = drill.Drill.ask

    def noted(self: drill.Drill, prompt: str) -> bool:
        sessions.append(self.session)
        return ask(self, prompt)

    monkeypatch.setattr(drill.Drill, "ask", noted)
    return sessions


def at_prompt(models: Models, do: Callable[[Chat], None], lines: list[Line]) -> tuple[str, list[str]]:
    """What was printed, and the prompts, when these lines are typed."""
    said, prompts = typed(models, lines, do)
    return " ".join(said.split()), prompts


def right(asked: list[Session]) -> Callable[[], str]:
    """What answers the question on the screen rightly, when its turn comes."""
    return lambda: right_answer(asked[-1])


def done(step: str, concept: str, *, was_right: bool, lesson: str = LESSON, due: bool = True) -> None:
    """Have an exercise done once, and by now due."""
    with Store() as store:
        store.answer(lesson, Attempt(step, (concept,), was_right, False, True), sentence="I love you.")
        path = store._database.path
    if due:
        raw = sqlite3.connect(path)
        raw.execute("update card set due = '2000-01-01T00:00:00.000000+00:00'")
        raw.commit()
        raw.close()


# --- reviews -------------------------------------------------------------------------------------------------


def test_an_exercise_done_in_a_lesson_comes_back_on_another_sentence(models: Models, asked: list[Session]) -> None:
    done("scale", "scaling", was_right=True)
    said, prompts = at_prompt(models, review, [right(asked)])
    assert prompts == ["Review 1/1 > "] and "1 of 1 right at once." in said and "Nothing is due." in said
    assert asked[0].state.sentence != "I love you." and asked[0].state.sentence in said
    with Store() as store:
        assert store.cards.due() == [] and store.cards.all()[0].sentence == asked[0].state.sentence
        assert store.mastery()["scaling"].tried == 2


def test_the_first_answer_decides_and_further_tries_and_hints_are_there(models: Models, asked: list[Session]) -> None:
    done("scale", "scaling", was_right=True)
    said, prompts = at_prompt(models, review, ["987654", "/hint", right(asked)])
    assert prompts == ["Review 1/1 > "] * 3 and "Hint 1 of" in said and "Right" in said
    assert "0 of 1 right at once. The rest comes back in a minute." in said
    with Store() as store:
        assert (store.mastery()["scaling"].right, store.mastery()["scaling"].tried) == (1, 2)


def test_skip_shows_how_it_goes_and_leave_leaves_the_rest_due(models: Models, asked: list[Session]) -> None:
    done("scale", "scaling", was_right=True)
    done("product", "attention-score", was_right=True)
    said, _ = at_prompt(models, review, ["skip", "/leave"])
    assert "≈" in said and "0 of 1 right at once" in said and "asked another time" in said
    with Store() as store:
        assert len(store.cards.due()) == 1


def test_what_another_terminal_has_answered_meanwhile_is_not_asked_again(models: Models, asked: list[Session]) -> None:
    done("scale", "scaling", was_right=True)
    done("product", "attention-score", was_right=True)

    def elsewhere() -> str:
        waiting = {"scale", "product"} - {asked[-1].state.at}
        with Store() as store:
            store.answer(LESSON, Attempt(waiting.pop(), ("scaling",), True, False, True), sentence="We eat.")
        return right(asked)()

    said, prompts = at_prompt(models, review, [elsewhere])
    assert len(prompts) == 1 and "1 of 1 right" in said


def test_one_concept_is_practised_whether_it_is_due_or_not(models: Models, asked: list[Session]) -> None:
    said, prompts = at_prompt(models, lambda chat: review(chat, "scaling"), [right(asked), right(asked)])
    assert prompts == ["Review 1/2 > ", "Review 2/2 > "] and "2 of 2 right" in said
    assert all("scaling" in session.lesson.steps[0].concepts for session in asked)
    with pytest.raises(LearnerError, match="did you mean `/review scaling`"):
        at_prompt(models, lambda chat: review(chat, "scalling"), [])


def test_nothing_to_review_is_said_with_what_to_do(models: Models) -> None:
    assert "Nothing to review yet." in at_prompt(models, review, [])[0]
    done("scale", "scaling", was_right=True, due=False)
    assert "comes back in 10 minutes" in at_prompt(models, review, [])[0]


def test_an_exercise_that_the_course_has_lost_is_dropped(models: Models) -> None:
    done("gone", "scaling", was_right=True)
    at_prompt(models, review, [])
    with Store() as store:
        assert store.cards.all() == []


def test_exercises_of_a_lesson_that_cannot_be_read_wait_for_it(
    models: Models, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("scale", "scaling", was_right=True)
    shutil.copytree(lessons_root() / "course", home / "lessons/course")
    damaged = next((home / "lessons/course").glob(f"*-{LESSON}.yaml"))
    damaged.write_text("lesson: {{", "utf-8")
    monkeypatch.setattr("tutor.curriculum.course.lessons_root", lambda: home / "lessons")
    said = at_prompt(models, review, [])[0]
    assert damaged.name in said and "What is due is of a lesson that cannot be read." in said
    with Store() as store:
        assert len(store.cards.due()) == 1
    shown = map_text(80)
    assert damaged.name in shown and " 1 Words into numbers" in shown
    assert max(map(len, shown.splitlines())) < 80


def test_an_answer_in_a_lesson_is_kept_with_its_place_and_comes_back(models: Models) -> None:
    at_prompt(models, lambda chat: play(chat, "many-heads"), ["", "10 x 64", "/skip", "/leave"])
    with Store() as store:
        (card,) = store.cards.all()
        assert (card.lesson, card.step) == ("many-heads", "width")
        assert (store.mastery()["multi-head-attention"].right, card.sentence) == (
            1,
            "The cat is sleeping on the old chair.",
        )
        state = store.load_state("many-heads")
    assert state and state["at"] == "first-seen" and state["skipped"] == ["first"]


def test_a_question_left_out_and_answered_later_is_no_longer_skipped(models: Models) -> None:
    at_prompt(models, lambda chat: play(chat, "many-heads"), ["", "/skip", "/back", "10 x 64", "/leave"])
    with Store() as store:
        state = store.load_state("many-heads")
    assert state and state["skipped"] == []


# --- leaving a lesson out ------------------------------------------------------------------------------------


def test_who_knows_a_lesson_leaves_it_out_by_four_questions(models: Models, asked: list[Session]) -> None:
    lines: list[Line] = ["/test", *[right(asked)] * 4, "/leave"]
    said, prompts = at_prompt(models, lambda chat: play(chat, "many-heads"), lines)
    assert prompts[1:5] == [f"Test {n}/4 > " for n in (1, 2, 3, 4)] and prompts[5] == "Next > "
    assert "4 of 4: you know this lesson." in said
    with Store() as store:
        assert store.lessons()["many-heads"].finished_at and store.mastery()["multi-head-attention"].right == 4


def test_one_wrong_answer_and_the_lesson_goes_on_where_it_was(models: Models, asked: list[Session]) -> None:
    lines: list[Line] = ["/test", "/hint", "i don't know", *[right(asked)] * 3, "/leave"]
    said, prompts = at_prompt(models, lambda chat: play(chat, "many-heads"), lines)
    assert "That can wait: this is a test." in said and "3 of 4. The lesson shows the rest" in said
    assert prompts[-1] == prompts[0] == "Many heads 1/15 > "
    with Store() as store:
        assert not store.lessons()["many-heads"].finished_at


# --- what is offered next ------------------------------------------------------------------------------------


def test_after_a_lesson_what_is_weak_comes_first_then_the_next_lesson(models: Models, asked: list[Session]) -> None:
    done("cost", "multi-head-attention", was_right=False, lesson="many-heads")
    with Store() as store:
        at = State("many-heads", "The cat is sleeping on the old chair.", "explain", path=("sentence",))
        store.save_state("many-heads", at.plain())
    lines: list[Line] = ["/skip", "", right(asked), right(asked), "", "/leave"]
    said, prompts = at_prompt(models, lambda chat: play(chat, "many-heads"), lines)
    assert "1 an exercise on what is weak: multi head attention 2 the next lesson: Where order comes from" in said
    assert prompts[1:5] == ["Next > ", "Review 1/2 > ", "Review 2/2 > ", "Next > "]
    assert prompts[-1] == "Where order comes from 1/15 > "


def test_the_learners_sentence_goes_along_where_the_next_lesson_takes_it(models: Models) -> None:
    with Store() as store:
        at = State("many-heads", "My dog sleeps in the garden.", "explain", path=("sentence",))
        store.save_state("many-heads", at.plain())
    said, _ = at_prompt(models, lambda chat: play(chat, "many-heads"), ["/skip", "", "/leave"])
    assert "The sentence is: My dog sleeps in the garden." in said


# --- the map -------------------------------------------------------------------------------------------------


def test_the_map_tells_mastered_from_taken_begun_and_skipped_and_fits_the_screen() -> None:
    assert "> 1 Words into numbers" in " ".join(map_text(80).split())
    with Store() as store:
        encoder = next(lesson for lesson in load_course() if lesson.id == "the-encoder")
        concepts = tuple({concept for step in encoder.walk() for concept in step.concepts})
        for number in range(9):
            store.answer("the-encoder", Attempt(str(number), concepts, True, False, True))
        store.finish("the-encoder")
        store.answer("many-heads", Attempt("width", ("multi-head-attention",), False, False, True))
        store.finish("many-heads")
        at = State("the-decoder", "I love you.", "chain", path=("sentence", "next"), skipped=("next",))
        store.save_state("the-decoder", at.plain())
    lines = map_text(80).splitlines()
    assert any("+  7 Many heads" in line and "taken, 0 of 1 ideas mastered" in line for line in lines)
    assert any("*  9 The encoder" in line and line.endswith("mastered") for line in lines)
    assert any("> 10 The decoder" in line and "step" in line for line in lines)
    assert any("-  8 Where order comes from" in line and line.endswith("skipped") for line in lines)
    assert any(line.strip("│ ").startswith("x-..>") for line in lines)
    assert len(lines) <= 22
    for width in (40, 80):
        assert max(len(line) for line in map_text(width, ascii=True).splitlines()) < width
        assert map_text(width, ascii=True).isascii()


# --- before and after the course -----------------------------------------------------------------------------


def test_the_measure_is_taken_without_help_kept_half_way_and_compared(models: Models, asked: list[Session]) -> None:
    lines: list[Line] = [right(asked), "/hint", "skip", *[right(asked)] * 2, "/leave"]
    said, _ = at_prompt(models, lambda chat: measure(chat, PRETEST), lines)
    assert "That can wait: this is a test." in said and "Your place is kept" in said and "Right" not in said
    said, prompts = at_prompt(models, lambda chat: measure(chat, PRETEST), ["skip"] * 16)
    assert "On from question 5." in said and prompts[0] == "Before the course 5/20 > "
    assert "3 of 20 right." in said and "taught in lessons" in said
    assert "says nothing about the course" in said
    said, _ = at_prompt(models, lambda chat: measure(chat, POSTTEST), [right(asked)] * 20)
    assert "Before the course it was 3, now it is 20." in said and "is 1.00." in said
    with Store() as store:
        assert store.mastery() == {}


def test_after_the_course_alone_there_is_no_gain(models: Models) -> None:
    said, _ = at_prompt(models, lambda chat: measure(chat, POSTTEST), ["skip"] * 20)
    assert "0 of 20 right." in said and "nothing to compare with" in said and "gain" not in said


def test_each_item_of_the_forms_is_on_a_concept_that_a_lesson_teaches() -> None:
    taught = {concept for lesson in load_course() for step in lesson.walk() for concept in step.concepts}
    for name in (PRETEST, POSTTEST):
        assert {concept for item in load_form(name).steps for concept in item.concepts} <= taught
