"""A guided lesson as its author writes it: what is refused, where, and with what advice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tutor.curriculum.course import load_lesson
from tutor.curriculum.lesson_linter import check_lesson
from tutor.curriculum.linter import check
from tutor.errors import AuthorError

HEAD = """\
lesson: small
title: Small
about: A line.
sentence: The cat sleeps.
steps:
  - {id: one, kind: say, say: ["Hello."]}
"""
EXERCISE = """\
  - id: share
    kind: exercise
    use: attention-steps
    ask: "What is the share of {key_token}?"
    accept: number
    answer: "1 / exponential_sum"
    topic: a share
    mistakes: [{value: exponential_sum, say: "The whole."}]
    hints: ["A part of a whole."]
    solution: ["{weight:.2f}"]
    concepts: [softmax]
"""
CHOICE = """\
  - id: pick
    kind: check
    ask: "Which?"
    accept: choice
    choices: [{say: blue, when: "1 == 1"}, {say: red, reply: "No."}]
    topic: a colour
    hints: ["Look up."]
    solution: ["Blue."]
    concepts: [softmax]
"""


def written(tmp_path: Path, text: str, name: str = "01-small.yaml") -> Path:
    path = tmp_path / "lessons" / "course" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_a_small_lesson_in_order_has_no_problem(tmp_path: Path) -> None:
    lesson = load_lesson(written(tmp_path, HEAD + EXERCISE + CHOICE))
    assert list(check_lesson(lesson)) == [] and lesson.total == 3
    assert check(tmp_path / "lessons") == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (HEAD.replace("lesson: small", "lesson: tiny"), 1, "call it NN-tiny.yaml"),
        (HEAD + '  - {id: one, kind: say, say: ["Again."]}\n', 7, "this id stands here twice"),
        (HEAD + "  - {id: two, kind: sing}\n", 7, "unknown kind 'sing'"),
        (HEAD + "  - {id: two, kind: show}\n", 7, "needs 'show'"),
        (HEAD + "  - {id: two, kind: observe, of: bet}\n", 7, "no earlier prediction 'bet'"),
        (HEAD + "  - {id: two, kind: branch, goto: one}\n", 7, "a branch leads forward"),
        (HEAD + EXERCISE.replace("use:", "show:"), 9, "would give the answer away"),
        (HEAD + EXERCISE.replace("exponential_sum", "f(x)", 1), 12, "only fields"),
        (HEAD + EXERCISE.replace("accept: number", "accept: nmber"), 11, "unknown 'nmber'"),
        (HEAD + EXERCISE.replace("topic", "topics"), 13, "unknown key 'topics'; did you mean 'topic'?"),
        (HEAD + "  - {id: two, kind: detour, ask: Aside?, steps: []}\n", 7, "needs 'steps'"),
        (HEAD + EXERCISE + "    tolerance: .nan\n", 18, "'tolerance' takes a number with an end"),
        (HEAD + "  - {id: two, kind: show, show: tokens, parts: [0]}\n", 7, "'parts' takes whole numbers from 1"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(AuthorError, match=re.escape(message)) as caught:
        load_lesson(written(tmp_path, text))
    assert f"01-small.yaml:{line}" in str(caught.value)
    (found,) = check(tmp_path / "lessons")
    assert found.code == "L001" and message.split("; ")[0] in str(found)


POINTED = """\
  - id: point
    kind: predict
    use: word-importance
    ask: "Which?"
    accept: choice
    sorted: true
    choices_from: {from: names, by: looks}
    answer: most_by_removal
    topic: a bet
    hints: ["None."]
    concepts: [softmax]
    let:
      names: {from: words, each: token}
      looks: {from: words, each: attention}
"""
SHAPE = """\
  - id: shape
    kind: exercise
    use: shapes
    ask: "What shape?"
    accept: shape
    shape: [source_count, d_model / heads]
    mistakes: [{shape: [source_count, d_model], say: "The whole width."}]
    topic: a shape
    hints: ["Rows first."]
    solution: ["{source_count} rows."]
    concepts: [softmax]
"""
FREE = """\
  - id: tell
    kind: check
    ask: "What does it do?"
    accept: free
    ideas: [{forms: [mix, blend], missing: "And then?"}]
    mistakes: [{forms: [sort], say: "It sorts nothing."}]
    answers: ["It mixes the values."]
    fails: ["It does not mix anything.", "It sorts and mixes them."]
    topic: a tale
    hints: ["Think."]
    concepts: [softmax]
"""


@pytest.mark.parametrize(
    ("code", "line", "text", "message"),
    [
        ("L009", 18, EXERCISE + '    narrate: [{when: "weight > 1", say: "No."}]\n', "no otherwise-branch"),
        ("L010", 9, EXERCISE.replace("attention-steps", "attention-stps"), "did you mean 'attention-steps'?"),
        (
            "L010",
            9,
            EXERCISE.replace("use: attention-steps", "use: {experiment: attention-steps, options: {hed: 1}}"),
            "no option",
        ),
        (
            "L011",
            10,
            EXERCISE.replace("{key_token}", "{key_tokn}"),
            "unknown field 'key_tokn'; did you mean 'key_token'?",
        ),
        ("L011", 10, EXERCISE.replace("{key_token}", "{key_token:.2f}"), "cannot be filled in"),
        ("L011", 12, EXERCISE.replace("1 / exponential_sum", "1 / sum"), "names 'sum', which the result does not have"),
        (
            "L011",
            18,
            POINTED.replace("each: token", "each: tokn"),
            "takes 'tokn' of each, which 'words' lacks; did you mean 'token'?",
        ),
        ("L012", 10, EXERCISE.replace("share of", "share (0.87) of"), "'0.8' stands in the text"),
        ("L014", 15, EXERCISE.replace('hints: ["A part of a whole."]', "hints: []"), "no hints"),
        ("L014", 7, EXERCISE.replace("topic: a share\n    ", ""), "no topic"),
        ("L014", 17, EXERCISE.replace("concepts: [softmax]", "concepts: []"), "no concepts"),
        ("L021", 13, CHOICE.replace("Look up.", "The sky is blue today."), "gives the answer away"),
        ("L021", 10, EXERCISE.replace('"1 / exponential_sum"', "weight").replace("share of", "{weight} of"), "away"),
        ("L022", 13, FREE.replace("It mixes the", "It has the"), "does not pass (“And then?”)"),
        ("L022", 14, FREE.replace("does not mix", "would mix"), "'It would mix anything.' passes"),
        ("L022", 12, FREE.replace(', "It sorts and mixes them."', ""), "nothing in 'fails:' makes the mistake 'sort'"),
        ("L022", 7, re.sub(r"    fails.*\n", "", FREE), "no wrong explanation to try"),
        ("L023", 11, CHOICE.replace(', when: "1 == 1"', ""), "no choice is right"),
    ],
)
def test_what_would_not_work_is_named_by_the_linter(
    tmp_path: Path, code: str, line: int, text: str, message: str
) -> None:
    written(tmp_path, HEAD + text)
    (found,) = check(tmp_path / "lessons")
    assert found.code == code and message in str(found) and found.fix
    assert found.where == f"lessons/course/01-small.yaml:{line}"


def test_tokens_out_of_rows_and_shapes_can_be_asked_for(tmp_path: Path) -> None:
    assert list(check_lesson(load_lesson(written(tmp_path, HEAD + POINTED + SHAPE)))) == []


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("shape: [source_count, d_model / heads]", "shape: [source_count]", "needs 'shape' with two sizes or more"),
        ("shape: [source_count, d_model / heads]", "shape: [f(x), heads]", "only fields"),
        ("{shape: [source_count, d_model], say", "{value: d_model, say", "a mistake in a shape answer takes 'shape:'"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(tmp_path: Path, was: str, now: str, message: str) -> None:
    with pytest.raises(AuthorError, match=re.escape(message)):
        load_lesson(written(tmp_path, HEAD + SHAPE.replace(was, now)))


def test_a_concept_without_a_file_is_named(tmp_path: Path) -> None:
    lesson = load_lesson(written(tmp_path, HEAD + CHOICE))
    (found,) = check_lesson(lesson, ["attention"])
    assert str(found) == ("lessons/course/01-small.yaml:15: L020 (step pick) no concept 'softmax'; see `lessons list`")


@pytest.mark.parametrize(
    ("kind", "mistake"), [("free", '{when: "1 == 1", say: x}'), ("number", "{forms: [x], say: x}")]
)
def test_a_mistake_that_could_never_be_recognised_is_refused(tmp_path: Path, kind: str, mistake: str) -> None:
    text = re.sub(r"mistakes: .*", f"mistakes: [{mistake}]", FREE if kind == "free" else EXERCISE)
    with pytest.raises(AuthorError, match=f"a mistake in a {kind} answer takes"):
        load_lesson(written(tmp_path, HEAD + text))


def test_a_text_with_digits_for_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="call it NN-small"):
        load_lesson(written(tmp_path, HEAD, "small.yaml"))


def test_the_example_on_the_page_for_authors_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-lessons.md").read_text("utf-8")
    example = page.partition("## A guided lesson")[2].partition("```yaml\n")[2].partition("```")[0]
    lesson = load_lesson(written(tmp_path, example, "02-softmax-by-hand.yaml"))
    assert list(check_lesson(lesson)) == [] and len(lesson.steps) == 3
