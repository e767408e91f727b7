"""A teacher's side: a skeleton that works as it stands, a folder of one's own, and a trial on many sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from guided import course, run

from tutor.curriculum.course import load_course, load_lesson
from tutor.curriculum.own import FOLDER, check_files, whole_course, write_skeleton
from tutor.curriculum.trial import try_out
from tutor.errors import AuthorError, LearnerError

SENTENCES = ("My brother reads a long book in the garden.", "I love you.", "A black bird is sitting on the roof.")


def test_a_skeleton_is_a_lesson_without_a_problem(tmp_path: Path) -> None:
    path = write_skeleton("my-lesson", tmp_path)
    assert path.name == "16-my-lesson.yaml" and list(check_files([path])) == []
    assert write_skeleton("another", tmp_path).name == "17-another.yaml"
    assert list(try_out(load_lesson(path), SENTENCES, run)) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [("My Lesson", "is no name"), ("attention-by-hand", "already"), ("../x", "is no name"), ("mine", "already")],
)
def test_a_name_that_will_not_do_is_refused_in_a_line(tmp_path: Path, name: str, says: str) -> None:
    write_skeleton("mine", tmp_path)
    with pytest.raises(LearnerError, match=says):
        write_skeleton(name, tmp_path)


def test_a_folder_of_ones_own_comes_after_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_skeleton("mine", tmp_path)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    assert [lesson.id for lesson in whole_course()] == [*(lesson.id for lesson in load_course()), "mine"]


def test_a_lesson_with_a_name_of_the_course_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_skeleton("mine", tmp_path)
    text = path.read_text("utf-8").replace("lesson: mine", "lesson: learning")
    (tmp_path / "16-learning.yaml").write_text(text, "utf-8")
    path.unlink()
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(AuthorError, match="choose another name"):
        whole_course()


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_without_lessons_is_one_line(tmp_path: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv(FOLDER, str(tmp_path / folder))
    with pytest.raises(LearnerError, match=r"no such folder|holds no lesson"):
        whole_course()


def changed(tmp_path: Path, was: str, now: str) -> Path:
    path = write_skeleton("mine", tmp_path)
    text = path.read_text("utf-8")
    assert was in text
    path.write_text(text.replace(was, now), "utf-8")
    return path


@pytest.mark.parametrize(
    ("code", "was", "now", "message"),
    [
        ("L026", '"What is softmax?"', '"What is softmx?"', "did you mean 'What is softmax?'"),
        ("L032", "smaller: {exponential_sum: 4, weight: 0.25}", "smaller: {exponential_sum: 4}", "no smaller number"),
        ("L032", "smaller: {exponential_sum: 4, weight: 0.25}", "smaller: {exponential_sum: 4, weight: 3}", "is false"),
        ("L010", "wants: {off: []}", "wants: {show: attenton}", "did you mean 'attention'"),
    ],
)
def test_what_shows_without_a_model_is_named(tmp_path: Path, code: str, was: str, now: str, message: str) -> None:
    found = [one for one in check_files([changed(tmp_path, was, now)]) if one.code == code]
    assert len(found) == 1 and message in str(found[0])


def test_two_lessons_with_one_number_are_named(tmp_path: Path) -> None:
    first = write_skeleton("one", tmp_path)
    second = tmp_path / "16-two.yaml"
    second.write_text(first.read_text("utf-8").replace("lesson: one", "lesson: two"), "utf-8")
    (found,) = check_files([first, second])
    assert found.code == "L031"


@pytest.mark.parametrize(
    ("code", "was", "now", "message"),
    [
        (
            "L027",
            '    say: ["e to the scores',
            '    let: {far: {from: weights, rank: 9}}\n    say: ["e to the scores',
            "no rank 9",
        ),
        ("L028", "≈ {weight:.3f}.", "≈ {second_weight:.3f}.", "false as printed"),
        (
            "L029",
            "1 / {exponential_sum:.3f} ≈ {weight:.3f}.",
            "It is {second_weight:.4f}.",
            "never comes to the answer",
        ),
        ("L027", "answer: key_token", "answer: \"'nobody'\"", "is not among 'key_tokens'"),
    ],
)
def test_what_shows_only_on_sentences_is_named(tmp_path: Path, code: str, was: str, now: str, message: str) -> None:
    lesson = load_lesson(changed(tmp_path, was, now))
    found = [one for one in try_out(lesson, SENTENCES, run) if one.code == code]
    assert found and message in str(found[0])


PRINTED = """  - id: half
    kind: exercise
    topic: half of it
    study: "What is softmax?"
    use: {experiment: attention-steps, options: {layer: 1, head: 4}}
    rounded: {}
    let: {half: "weight / 2"}
    say: ["It has {weight:.1f}."]
    ask: "What is half of it?"
    accept: number
    answer: half
    hints: ["Divide."]
    solution: ["Half of that is {half:.3f}."]
    right: ["Right: {half:.3f}."]
    concepts: [softmax]
  - id: border
    kind: predict
    topic: a border
    use: {experiment: attention-steps, options: {layer: 1, head: 4}}
    rounded: {}
    let: {edge: "weight + 0.002"}
    say: ["One is {weight:.2f}."]
    ask: "The other, {edge:.2f}, is"
    accept: choice
    choices: [{say: "the same", when: "edge == weight"}, {say: "larger", when: "edge > weight"}]
"""


@pytest.mark.parametrize(
    ("code", "message", "rounded"),
    [
        ("L033", "'half' is another by hand", "    rounded: {weight: 1}\n    let: {half"),
        ("L034", "another choice is right: “the same”", "    rounded: {weight: 2, edge: 2}\n    let: {edge"),
    ],
)
def test_what_a_learner_would_work_out_otherwise_is_named(
    tmp_path: Path, code: str, message: str, rounded: str
) -> None:
    path = write_skeleton("mine", tmp_path)
    text = path.read_text("utf-8").replace("steps:\n", f"steps:\n{PRINTED}", 1)
    path.write_text(text, "utf-8")
    named = [one for one in try_out(load_lesson(path), SENTENCES, run) if one.code == code and message in str(one)]
    assert len(named) == 1
    path.write_text(text.replace(f"    rounded: {{}}\n{rounded.partition(chr(10))[2]}", rounded), "utf-8")
    assert [one for one in try_out(load_lesson(path), SENTENCES, run) if message in str(one)] == []


@pytest.mark.parametrize("name", ["why-scale-why-softmax", "errors-flow-back"])
def test_what_the_course_prints_agrees_when_it_is_worked_out_by_hand(name: str) -> None:
    sentences = ("She quickly closed the old wooden door and went home.", "The teacher gave the child a blue book.")
    found = [str(one) for one in try_out(course()[name], sentences, run) if one.code in ("L028", "L033", "L034")]
    assert found == []


def test_a_bet_that_always_comes_out_the_same_is_named(tmp_path: Path) -> None:
    choices = 'choices: [{say: "yes", when: "weight > 0"}, {say: "no", when: "weight <= 0"}]'
    path = changed(tmp_path, "choices_from: {from: key_tokens, by: weights}\n    answer: key_token", choices)
    sentences = [
        f"The {word} sleeps well."
        for word in "cat dog man boy girl king bird horse cow hen fox bee ant owl pig".split()
    ]
    found = [one for one in try_out(load_lesson(path), sentences, run) if one.code == "L030"]
    assert len(found) == 1 and "“yes” is right on all 16" in str(found[0])
