"""The bundled guided lessons on the real model: every right and every wrong answer that they declare."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from guided import FIRST, SENTENCES, at, course, lesson, run

from tutor.curriculum.answers import grade
from tutor.curriculum.choices import options_of
from tutor.curriculum.conditions import evaluate, holds
from tutor.curriculum.engine import Session
from tutor.curriculum.narration import fill
from tutor.curriculum.numbers import close
from tutor.curriculum.screens import Deed
from tutor.curriculum.shapes import wanted_shape
from tutor.curriculum.state import State
from tutor.curriculum.steps import Wants
from tutor.terminal.lesson_screen import lines_of

ORDER = "where-order-comes-from"


def right_answer(session: Session) -> str:
    """What a learner who knows it would type."""
    screen = session.screen()
    step, fields = session.here()
    if screen.kind == "number":
        return f"{evaluate(step.question.answer, fields):.3f}"
    if screen.kind == "shape":
        return str(wanted_shape(step.question.shape, fields))
    if screen.kind == "choice":
        return next(option.say for option in options_of(step.question, fields) if option.right)
    if screen.kind in ("word", "free"):
        return step.question.answers[-1].upper() if step.question.answers else str(step.question.answer)
    return {"yes-no": "yes"}.get(screen.kind, "")


def what_is_wanted(wants: Wants) -> Deed:
    """What comes of the right request."""
    return Deed(wants.changes or (), tuple((show.experiment, show.options) for show in wants.shows[:1]))


def begun(name: str, sentence: str) -> Session:
    """A session past the sentence step."""
    session = Session.start(lesson(name), "", run)
    while session.screen().kind != "sentence":
        session.answer("")
        session.next()
    session.answer(sentence)
    session.next()
    return session


def walk(session: Session, wrong: str = "") -> list[Session]:
    """A copy of the session at every step on the way; the step `wrong` is first answered wrongly."""
    places = []
    while not session.finished:
        kept = json.loads(json.dumps(session.state.plain()))
        places.append(Session.resume(session.lesson, kept, run))
        session = Session.resume(session.lesson, kept, run)
        if session.state.at == wrong:
            assert session.answer("987654").correct is False
        wants = session.here()[0].question.wants if session.screen().kind == "request" else None
        reply = session.did(what_is_wanted(wants)) if wants else session.answer(right_answer(session))
        assert reply.advance and reply.correct is not False, (session.state.at, reply)
        session.next()
    return [*places, session]


@pytest.fixture(scope="module", params=[(name, one) for name in course() for one in SENTENCES], ids=str)
def places(request: pytest.FixtureRequest) -> list[Session]:
    """Every place of a lesson on one sentence, with one step answered wrongly at first."""
    name, sentence = request.param
    exercise = next(step.id for step in lesson(name).steps if step.kind == "exercise")
    return walk(begun(name, sentence), exercise)


def asking(places: list[Session], *kinds: str) -> list[tuple[Any, dict[str, Any]]]:
    """Step and fields of every place whose prompt takes one of these."""
    return [place.here() for place in places[:-1] if place.screen().kind in kinds]


def test_each_lesson_predicts_checks_and_computes_on_the_learners_sentence() -> None:
    assert len(course()) == 15
    for name, one in course().items():
        kinds = [step.kind for step in one.steps]
        asked = kinds.count("check") + kinds.count("exercise")
        free = [step for step in one.steps if step.question and step.question.accept == "free"]
        assert kinds.count("predict") >= 3 - (name in (FIRST, ORDER)), name
        assert asked >= 3 and "exercise" in kinds and free and one.total <= 15, name


@pytest.mark.parametrize("name", course())
def test_right_answers_lead_to_the_end_and_the_recap_says_so(name: str) -> None:
    *places, last = walk(begun(name, SENTENCES[0]))
    recap = "\n".join(last.recap())
    kinds = ("number", "shape", "choice", "word", "free")
    asked = [step for step, _ in asking([*places, last], *kinds) if step.kind != "predict"]
    assert f"without a hint, {len(asked)} of {len(asked)}: {asked[0].topic}, " in recap
    assert "Worth another look" not in recap and recap.endswith(lesson(name).next[-1])
    assert not last.state.tries and not last.state.hints


@pytest.mark.parametrize("name", course())
@pytest.mark.parametrize("right", [True, False])
def test_the_recap_fits_on_a_screen_however_much_was_written(name: str, right: bool) -> None:
    one = lesson(name)
    asked = [step for step in one.walk() if step.kind in ("check", "exercise") and step.concepts]
    path = tuple(step.id for step in one.walk())
    outcomes, answers = ({step.id: what for step in asked} for what in (right, "word " * 99))
    state = State(name, one.sentence, "", path=path, outcomes=outcomes, answers=answers)
    screen = Session(one, state, run).screen()
    assert len(lines_of(screen, 80)) <= 24 - 6  # what leads on to the next lesson stands below it
    assert any(line.startswith("One way to say it") for line in screen.paragraphs)
    assert any(line.startswith("Right at the first try") for line in screen.paragraphs)


def test_a_wrong_answer_leads_through_the_second_exercise_and_the_detour() -> None:
    places = walk(begun(FIRST, SENTENCES[0]), "scale")
    assert {"again", "why-root", "root", "root-check"} <= {place.state.at for place in places}
    recap = "\n".join(places[-1].recap())
    assert "9 of 10" in recap and "Worth another look: dividing by √d." in recap
    assert "Ask next, in the chat: Why divide the scores by √d?" in recap


def test_numbers_are_right_in_every_usual_form(places: list[Session]) -> None:
    asked = asking(places, "number")
    assert asked
    for step, fields in asked:
        wanted = evaluate(step.question.answer, fields)
        forms = [f"{wanted:.3f}", f"{wanted:.2f}", f"{wanted:.3f}".replace(".", ","), f"I think {wanted:.3f}!"]
        forms += [f"about {wanted:.3f}", f"{wanted * 2:.4f}/2 = {wanted:.4f}", f"{wanted * 2:.4f} ÷ 2"]
        forms += [f"“{wanted:.3f}”"]
        if step.question.share:
            forms += [f"{wanted * 100:.1f} %", f"{wanted * 100:.1f}%", f"{wanted * 100:.0f} %", f"{wanted:.3f}"[1:]]
            forms += [f"{wanted * 100:.1f} per cent", f"{wanted * 100:.1f}"]
        for form in forms:
            assert grade(step.question, form, fields).right is True, (step.id, form, wanted)


def test_declared_mistakes_are_answered_with_their_own_reply(places: list[Session]) -> None:
    for step, fields in asking(places, "number"):
        question = step.question
        values = [(one, float(evaluate(one.value, fields))) for one in question.mistakes if one.value]
        wanted = float(evaluate(question.answer, fields))
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
    for step, fields in asking(places, "choice"):
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


def test_what_asks_something_fits_on_a_screen_of_24_lines(places: list[Session]) -> None:
    for place in places[:-1]:
        screen = place.screen()
        lines = lines_of(screen, 80)
        assert all(len(line) <= 80 for line in lines), screen.step
        # above it an empty line, below it the prompt and the line at the bottom
        limit = 24 - 3 if screen.prompt or len(place.state.sentence) < 40 else 40
        assert len(lines) <= limit, (screen.step, len(lines))


def test_the_arithmetic_that_the_lessons_tell_is_true(places: list[Session]) -> None:
    for place in places[:-1]:
        step, fields = place.here()
        if step.id == "without-bet":
            assert holds("largest_unscaled > largest_scaled", fields)
        if step.id == "product":
            assert fields["q"] * fields["k"] == pytest.approx(fields["product"], rel=1e-4)
        if step.id == "mix":
            assert fields["part"] + fields["rest"] == pytest.approx(fields["out"], abs=1e-6)
        if step.id == "softmax":
            assert 1 / fields["exponential_sum"] == pytest.approx(fields["weight"], rel=1e-4)
        if step.id == "allowed":
            assert fields["open"] == fields["query_position"] + 1
        if step.id == "share" and place.lesson.id == ORDER:
            open_scores = [x for x in fields["masked_scores"] if x > float("-inf")]
            assert open_scores == [*fields["scaled_scores"][: len(open_scores)]]
            assert 1 / (fields["everything"] - fields["future"]) == pytest.approx(fields["weight"], rel=1e-4)


TELLINGS = {
    (FIRST, "explain"): (
        (
            "It weighs the other words and collects their values",
            "each word pays attention to the important ones and takes info from them",
            "it finds out how much each token matters, then adds them up",
            "It doesn't look at just one word; it compares all of them and mixes the values.",
            "queries are matched against keys; the values get averaged with those weights",
            "it does not ignore any token: it scores them all and blends what they hold",
        ),
        {
            "it doesnt look at the other words, it just adds things": "says that it is not so",
            "It never compares anything but mixes values": "says that it is not so",
            "it compares all words without mixing them": "says that it is not so",
            "it looks at nothing and mixes values": "says that it is not so",
            "it translates the sentence": "How does it settle",
            "it matches the words and mixes the keys": "Keys and queries settle",
            "it picks one word, the most relevant, and takes it": "does not pick one",
        },
    ),
    (ORDER, "why"): (
        (
            "because it would cheat",
            "otherwise it could not learn to predict",
            "it would simply copy the answer",
            "at translation time those words aren't there",
            "They have not been written yet",
        ),
        {
            "because looking costs too much time": "not speed",
            "the later words are not relevant": "They matter",
            "it should see the later words": "the other way round",
        },
    ),
}


@pytest.mark.parametrize("key", TELLINGS, ids=str)
def test_explanations_are_judged_by_what_they_say_and_not_only_by_their_words(key: tuple[str, str]) -> None:
    name, step = key
    right, wrong = TELLINGS[key]
    for typed in right:
        reply = at(step, name=name).answer(typed)
        assert reply.correct, (typed, reply.paragraphs)
    for typed, told in wrong.items():
        reply = at(step, name=name).answer(typed)
        assert reply.correct is False and told in reply.paragraphs[0], (typed, reply.paragraphs)


def test_the_same_word_is_named_in_every_form() -> None:
    for typed in ("value", "The VALUES!", "v", "it's the value"):
        assert at("which").answer(typed).correct, typed
    for typed, told in (("the queries", "The query asks"), ("k", "The key is compared"), ("not the key", "Not that.")):
        assert told in at("which").answer(typed).paragraphs[0], typed
    assert not re.search("[“”]", at("which").answer("value").paragraphs[0])
