"""The bundled guided lesson on the real model: every right and every wrong answer that it declares."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from guided import SENTENCES, lesson, run

from tutor.chat.lesson import lines_of
from tutor.curriculum.answers import close, grade, options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.course import problems
from tutor.curriculum.engine import Session
from tutor.curriculum.narration import fill

RIGHT_WORDS = {"explain": "It compares the word with the others and mixes their values.", "which": "The VALUES!"}


def right_answer(session: Session) -> str:
    """What a learner who knows it would type."""
    screen = session.screen()
    step, fields = session.here()
    if screen.kind == "number":
        return f"{evaluate(step.question.answer, fields):.3f}"
    if screen.kind == "choice":
        return next(option.say for option in options_of(step.question, fields) if option.right)
    return {"yes-no": "yes"}.get(screen.kind, RIGHT_WORDS.get(screen.step, ""))


def begun(sentence: str) -> Session:
    """A session past the sentence step."""
    session = Session.start(lesson(), "", run)
    session.answer(sentence)
    session.next()
    return session


def walk(session: Session, wrong: tuple[str, ...] = ()) -> list[Session]:
    """A copy of the session at every step on the way; the steps in `wrong` are first answered wrongly."""
    places = []
    while not session.finished:
        kept = json.loads(json.dumps(session.state.plain()))
        places.append(Session.resume(lesson(), kept, run))
        session = Session.resume(lesson(), kept, run)
        if session.state.at in wrong:
            assert session.answer("987654").correct is False
        reply = session.answer(right_answer(session))
        assert reply.advance and reply.correct is not False, (session.state.at, reply)
        session.next()
    return [*places, session]


@pytest.fixture(scope="module", params=SENTENCES)
def places(request: pytest.FixtureRequest) -> list[Session]:
    """Every place of the lesson on one sentence, with the detour and the second exercise."""
    return walk(begun(request.param), wrong=("scale",))


def test_the_lesson_has_no_problem() -> None:
    assert list(problems(lesson())) == []


def test_right_answers_lead_to_the_end_and_the_recap_says_so() -> None:
    *_, last = walk(begun(SENTENCES[0]))
    recap = "\n".join(last.recap())
    assert "without a hint, 8 of 8: a product of query and key, " in recap
    assert "Worth another look" not in recap and "`/show heads`" in recap
    assert not last.state.tries and not last.state.hints


def test_a_wrong_answer_leads_through_the_second_exercise_and_the_detour(places: list[Session]) -> None:
    steps = [place.state.at for place in places]
    assert {"again", "why-root", "root", "root-check"} <= set(steps)
    recap = "\n".join(places[-1].recap())
    assert "9 of 10" in recap and "Worth another look: dividing by √d." in recap
    assert "Ask next, in the chat: Why divide the scores by √d?" in recap


def test_numbers_are_right_in_every_usual_form(places: list[Session]) -> None:
    asked = 0
    for place in places[:-1]:
        step, fields = place.here()
        if place.screen().kind != "number":
            continue
        asked += 1
        wanted = evaluate(step.question.answer, fields)
        forms = [f"{wanted:.3f}", f"{wanted:.2f}", f"{wanted:.3f}".replace(".", ","), f"I think {wanted:.3f}!"]
        forms += [
            f"about {wanted:.3f}",
            f"{wanted * 2:.4f}/2 = {wanted:.4f}",
            f"{wanted * 2:.4f} ÷ 2",
            f"“{wanted:.3f}”",
        ]
        if step.question.share:
            forms += [f"{wanted * 100:.1f} %", f"{wanted * 100:.1f}%", f"{wanted * 100:.0f} %", f"{wanted:.3f}"[1:]]
            forms += [f"{wanted * 100:.1f} per cent", f"{wanted * 100:.1f}"]
        for form in forms:
            assert grade(step.question, form, fields).right is True, (step.id, form, wanted)
    assert asked == 5


def test_declared_mistakes_are_answered_with_their_own_reply(places: list[Session]) -> None:
    for place in places[:-1]:
        step, fields = place.here()
        question = step.question
        if question is None or question.accept not in ("number", "word"):
            continue
        values: list[tuple[Any, float]] = []
        for mistake in question.mistakes:
            if mistake.value:
                values.append((mistake, float(evaluate(mistake.value, fields))))
            else:
                for given in re.findall(r"given == '([^']+)'", mistake.when):
                    reply = grade(question, given, fields)
                    assert (reply.right, reply.reply) == (False, mistake.say), (step.id, given)
        wanted = float(evaluate(question.answer, fields)) if values else 0.0
        for mistake, value in values:
            others = [other for one, other in values if one is not mistake]
            if any(close(value, other, question.tolerance) for other in (wanted, *others)):
                continue  # on this sentence two ways of going wrong, or of going right, come out alike
            reply = grade(question, f"{value:.4f}", fields)
            assert (reply.right, reply.reply) == (False, fill(mistake.say, {**fields, "given": value})), (
                step.id,
                mistake.value,
            )


def test_choices_hold_one_right_answer_and_take_words_and_numbers(places: list[Session]) -> None:
    for place in places[:-1]:
        screen = place.screen()
        if screen.kind != "choice":
            continue
        step, fields = place.here()
        options = options_of(step.question, fields)
        assert 2 <= len(options) <= 9 and len({option.say for option in options}) == len(options)
        assert [option.right for option in options].count(True) == 1
        for number, option in enumerate(options, 1):
            typed = [option.say, str(number), f"I think {option.meant}", f"it's “{option.say}”", f"{number}."]
            for text in typed:
                graded = grade(step.question, text, fields)
                assert (graded.right, graded.given) == (option.right, option.meant), (step.id, text)
            if not option.right and step.kind != "predict":
                assert grade(step.question, option.say, fields).reply, (step.id, option.say)


def test_no_step_tells_its_own_answer_beforehand(places: list[Session]) -> None:
    for place in places[:-1]:
        screen = place.screen()
        step, fields = place.here()
        if screen.kind == "number":
            text = " ".join((*screen.paragraphs, screen.prompt))
            assert f"{evaluate(step.question.answer, fields):.3f}" not in text
        assert not (screen.run and screen.prompt)


@pytest.mark.parametrize("columns", [80])
def test_what_asks_something_fits_on_a_screen_of_24_lines(places: list[Session], columns: int) -> None:
    for place in places[:-1]:
        screen = place.screen()
        lines = lines_of(screen, columns)
        assert all(len(line) <= columns for line in lines), screen.step
        # above it an empty line, below it the prompt and the line at the bottom
        limit = 24 - 3 if screen.prompt or len(place.state.sentence) < 40 else 40
        assert len(lines) <= limit, (screen.step, len(lines))


def test_every_experiment_of_the_lesson_tells_the_truth_about_itself(places: list[Session]) -> None:
    for place in places[:-1]:
        step, fields = place.here()
        if step.id == "without-bet":
            assert holds("entropy_bits_unscaled < entropy_bits_scaled", fields)
        if step.id == "product":
            assert fields["q"] * fields["k"] == pytest.approx(fields["product"], rel=1e-4)
        if step.id == "mix":
            assert fields["part"] + fields["rest"] == pytest.approx(fields["out"], abs=1e-6)
        if step.id == "softmax":
            assert 1 / fields["exponential_sum"] == pytest.approx(fields["weight"], rel=1e-4)
