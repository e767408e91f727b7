"""A guided lesson as its author writes it: what is refused, where, and with what advice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tutor.curriculum.course import load_lesson, problems
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
    assert list(problems(lesson)) == [] and lesson.total == 3 and lesson.number == 1
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
        (HEAD + "  - {id: two, kind: show, show: tokens, parts: [0]}\n", 7, "'parts' takes whole numbers from 1"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    with pytest.raises(AuthorError, match=re.escape(message)) as caught:
        load_lesson(written(tmp_path, text))
    assert f"01-small.yaml:{line}" in str(caught.value)
    (found,) = check(tmp_path / "lessons")
    assert found.code == "L001" and message.split("; ")[0] in str(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (EXERCISE.replace("{key_token}", "{key_tokn}"), "unknown field 'key_tokn'; did you mean 'key_token'?"),
        (EXERCISE.replace("{key_token}", "{key_token:.2f}"), "cannot be filled in"),
        (EXERCISE.replace("1 / exponential_sum", "1 / sum"), "names 'sum', which the result does not have"),
        (EXERCISE.replace("attention-steps", "attention-stps"), "did you mean 'attention-steps'?"),
        (
            EXERCISE.replace("use: attention-steps", "use: {experiment: attention-steps, options: {hed: 1}}"),
            "no option",
        ),
        (EXERCISE.replace('hints: ["A part of a whole."]', "hints: []"), "no hints"),
        (EXERCISE.replace("topic: a share\n    ", ""), "no topic"),
        (EXERCISE.replace("concepts: [softmax]", "concepts: []"), "no concepts"),
        (CHOICE.replace("Look up.", "The sky is blue today."), "gives the answer away"),
    ],
)
def test_what_would_not_work_is_named_by_the_linter(tmp_path: Path, text: str, message: str) -> None:
    written(tmp_path, HEAD + text)
    (found,) = check(tmp_path / "lessons")
    assert found.code == "L021" and message in str(found) and found.where.startswith("lessons/course/01-small.yaml:")


def test_a_text_with_digits_for_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="call it NN-small"):
        load_lesson(written(tmp_path, HEAD, "small.yaml"))


def test_no_measured_number_is_typed_into_the_bundled_lesson() -> None:
    from tutor.curriculum.loader import lessons_root

    for path in (lessons_root() / "course").glob("*.yaml"):
        for line in path.read_text("utf-8").splitlines():
            said = re.sub(r"\{[^}]*\}|\(such as [^)]*\)", "", line)
            if re.match(r"\s*(?:tolerance|value|- \{value):?", line):
                continue
            assert not re.search(r"\d\.\d|\d\s?%", said.partition("when:")[0]), f"{path.name}: {line}"


def test_the_example_on_the_page_for_authors_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-lessons.md").read_text("utf-8")
    example = page.partition("## A guided lesson")[2].partition("```yaml\n")[2].partition("```")[0]
    lesson = load_lesson(written(tmp_path, example, "02-softmax-by-hand.yaml"))
    assert list(problems(lesson)) == [] and len(lesson.steps) == 2
