"""A damaged file costs what depends on it one line, and nothing else; seen from outside, in a copy of the folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from model.checkpoint import load_checkpoint
from model.errors import CheckpointError
from tutor.curriculum.course import choose, load_course
from tutor.curriculum.loader import lessons_root
from tutor.errors import AuthorError, BrokenFileError
from tutor.experiments.models import Models
from tutor.understanding import encoder, hashes, index
from tutor.understanding.encoder import Encoder
from tutor.understanding.index import Index

ROOT = Path(__file__).parent.parent
SOFTMAX, ATTENTION = "lessons/concepts/prediction/softmax.yaml", "lessons/experiments/attention.yaml"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The program's folder: links, and files of its own where a test damages them."""
    for name in ("tutor", "model"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "lessons", tmp_path / "lessons", ignore=shutil.ignore_patterns("*.safetensors"))
    for name in (encoder.FILE, index.FILE):
        (tmp_path / "lessons/understanding" / name).symlink_to(ROOT / "lessons/understanding" / name)
    return tmp_path


@pytest.fixture
def run(house: Path) -> Run:
    def start(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, "ATTENTION_TUTOR_HOME": str(house / "home"), "COLUMNS": "200"}
        command = [sys.executable, "-m", "tutor", *arguments]
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, cwd=house, env=variables, timeout=120
        )

    return start


# --- lessons, narrations, replies -----------------------------------------------------------------------------


def test_a_damaged_lesson_file_costs_its_own_answers_and_no_others(house: Path, run: Run) -> None:
    (house / SOFTMAX).write_text("concept: [", "utf-8")
    asked = run("ask", "--no-live", "What is softmax?")
    assert asked.returncode == 1 and asked.stderr.count("\n") == 1
    assert asked.stderr.startswith(f"attention-tutor: left out: {SOFTMAX}:")
    assert "The answer to this is in a file that cannot be used." in asked.stdout and SOFTMAX in asked.stdout
    other = run("ask", "--no-live", "What is attention?")
    assert other.returncode == 0 and "softmax.yaml" not in other.stdout


def test_damaged_narrations_and_replies_leave_pictures_and_chat(house: Path, run: Run) -> None:
    (house / ATTENTION).write_bytes(b"\xff\xfe\x00")
    next((house / "lessons/replies").iterdir()).write_text("- no mapping", "utf-8")
    shown = run("show", "attention")
    assert shown.returncode == 1 and "looks at" in shown.stdout
    assert shown.stderr.count("\n") == 1
    assert f"{ATTENTION}: is no UTF-8 text (invalid start byte); put the original back" in shown.stderr
    assert run("show", "--save", "picture.txt", "attention").returncode == 1
    assert "looks at" in (house / "picture.txt").read_text("utf-8")
    chat = run(stdin="hello\nWhat is softmax?\n/quit\n")
    assert chat.returncode == 0 and "stands in a file that cannot be read" in chat.stdout
    assert chat.stdout.count("Some of the lessons are damaged; left out: ") == 1
    assert "softmax turns" in chat.stdout.casefold() and "Traceback" not in chat.stderr + chat.stdout


def test_without_any_lesson_the_models_can_still_be_looked_into(house: Path, run: Run) -> None:
    shutil.rmtree(house / "lessons/concepts")
    chat = run(stdin="what is softmax?\nthe dog sleeps\n/tokens\n/quiz\n/topics\n/quit\n")
    assert chat.returncode == 0 and "starts a word" in chat.stdout
    assert "went wrong in the tutor" not in chat.stdout


def test_a_damaged_guided_lesson_is_named_where_it_is_wanted_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    shutil.copytree(lessons_root() / "course", tmp_path / "lessons/course")
    second, third, *_ = sorted((tmp_path / "lessons/course").iterdir())[1:]
    second.write_text("lesson: {{", "utf-8")
    broken: list[AuthorError] = []
    course = load_course(tmp_path / "lessons", broken.append)
    assert len(broken) == 1 and len(course) == len(list((tmp_path / "lessons/course").iterdir())) - 1
    assert choose(course, "3", "", broken).id == third.stem.partition("-")[2]
    for name in ("2", second.stem.partition("-")[2]):
        with pytest.raises(AuthorError, match=second.name):
            choose(course, name, "", broken)


# --- the reader's files ---------------------------------------------------------------------------------------

READ: list[tuple[str, Callable[[Path], object]]] = [
    (encoder.FILE, lambda folder: Encoder(folder / encoder.FILE).warm_up()),
    (index.FILE, lambda folder: Index({"a.what": ["a"]}, Encoder(folder), folder / index.FILE).warm_up()),
]


@pytest.mark.parametrize("place", [100, 20_000, -9])
@pytest.mark.parametrize(("name", "read"), READ, ids=[name for name, _ in READ])
def test_one_changed_byte_of_the_reader_is_noticed(
    tmp_path: Path, name: str, read: Callable[[Path], object], place: int
) -> None:
    bundled = lessons_root() / "understanding"
    content = bytearray((bundled / name).read_bytes())
    content[place] ^= 1
    (tmp_path / name).write_bytes(content)
    (tmp_path / hashes.FILE).write_bytes((bundled / hashes.FILE).read_bytes())
    with pytest.raises(BrokenFileError, match=rf"^{name}: .*put the file of this version back in"):
        read(tmp_path)


def test_a_number_that_is_none_is_noticed_even_where_no_hash_was_written(tmp_path: Path) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    held = {"pieces": np.zeros((2, 2), np.int8), "pieces.scale": np.array([1, np.nan], np.float32)}
    save_file(held, tmp_path / encoder.FILE, {"vocabulary": "[]", "labels": "{}"})
    with pytest.raises(BrokenFileError, match=r"pieces\.scale holds something that is no number"):
        Encoder(tmp_path / encoder.FILE).warm_up()


def test_the_bundled_hashes_are_those_of_the_bundled_files() -> None:
    folder = lessons_root() / "understanding"
    assert hashes.recorded(folder) == {name: hashes.sha256(folder / name) for name, _ in READ}


# --- checkpoints ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "null", '{"architecture": []}', ""], ids=len)
def test_a_config_that_describes_nothing_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "translator").mkdir()
    (tmp_path / "translator/config.json").write_text(text, "utf-8")
    with pytest.raises(CheckpointError, match=r"config\.json: is damaged .*; put a checkpoint there") as told:
        load_checkpoint("translator", tmp_path)
    assert "\n" not in str(told.value)


def test_a_training_without_its_steps_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    with pytest.raises(CheckpointError, match="snapshots: holds no step of a training; put back what came with it"):
        _ = Models(tmp_path).moments
