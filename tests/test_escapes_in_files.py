"""Nothing that stands in a file acts on the terminal: what could is taken out at every door."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tutor.cli import main
from tutor.curriculum.course import load_lesson
from tutor.curriculum.document import read_document
from tutor.curriculum.loader import lessons_root, open_library
from tutor.curriculum.state import State
from tutor.learner.folder import HOME_VARIABLE
from tutor.text.clean import harmless

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
IN_YAML, IN_JSON = r"\e[31m\e]0;t\a\x9b1m\u202e", r"\u001b[31m\u001b]0;t\u0007\u009b1m\u202e\ud800"


def test_texts_and_keys_of_a_lesson_file_lose_their_escapes_and_keep_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f'"k{IN_YAML}ey": "{IN_YAML}one\\n  two\\tthree{IN_YAML}"', "utf-8")
    assert dict(read_document(tmp_path / "a.yaml", "a.yaml")) == {"key": "one\n  two\tthree"}
    assert harmless("one\n  two\u00a0\u200dthree") == "one\n  two\u00a0\u200dthree"


def test_no_way_of_listing_damaged_lessons_passes_an_escape_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "lessons/concepts/attention"
    folder.mkdir(parents=True)
    (folder / "a\x1b[31m\x1b]0;t\x07b.yaml").write_text("concept: [", "utf-8")
    (folder / "key.yaml").write_text(f'"con{IN_YAML}cept": 1\n? !!{"x"}\n: 1', "utf-8")
    (folder / "facet.yaml").write_text(
        f'concept: facet\ntitle: "{IN_YAML}"\nnodes: [{{id: "f{IN_YAML}", facet: "{IN_YAML}x"}}]', "utf-8"
    )
    assert main(["lessons", "check", str(tmp_path / "lessons")]) == 1
    printed = capsys.readouterr()
    assert printed.out.count("\n") >= 3 and not ACTING.search(printed.out + printed.err)
    assert len(open_library(tmp_path / "lessons").left_out) == 3
    assert not ACTING.search("".join(one.why for one in open_library(tmp_path / "lessons").left_out))


def test_an_imported_place_and_its_concepts_pass_no_escape_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    first = load_lesson(next(iter(sorted((lessons_root() / "course").glob("*.yaml")))))
    place = State(first.id, "SENTENCE", first.steps[0].id).plain()
    attempt = {"id": "1", "lesson": "x", "step": "y", "concepts": ["RED"], "at": "1"}
    attempt |= {"correct": True, "hinted": False, "first": True}
    record = {"state": place, "started_at": "1", "updated_at": "2", "finished_at": None}
    whole = {"format": 1, "program": "attention-tutor", "lessons": {first.id: record}, "attempts": [attempt]}
    text = json.dumps(whole).replace("SENTENCE", f"Cats{IN_JSON} sleep.").replace("RED", f"re{IN_JSON}d")
    (tmp_path / "in.json").write_text(text, "utf-8")
    assert main(["progress", "import", str(tmp_path / "in.json")]) == 0
    assert main(["progress", "show"]) == 0 and main(["progress", "export"]) == 0
    printed = capsys.readouterr()
    assert "took over 1 new answers" in printed.err and "re" in printed.out
    assert not ACTING.search(printed.out + printed.err) and r"\u001b" not in printed.out


def test_a_saved_place_that_was_tampered_with_passes_no_escape_on() -> None:
    held = State("a", "b", "c").plain() | {"sentence": "Cats\x1b[31m sleep.", "answers": {"c": "\x9b1mfour"}}
    state = State.from_plain(held)
    assert (state.sentence, state.answers) == ("Cats sleep.", {"c": "four"})


def test_a_nested_import_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    (tmp_path / "deep.json").write_text("[" * 100_000, "utf-8")
    assert main(["progress", "import", str(tmp_path / "deep.json")]) == 2
    assert capsys.readouterr().err.startswith("attention-tutor: not a progress file (")
    shutil.rmtree(tmp_path)
