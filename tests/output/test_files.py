"""What is taken away: pictures, tables, pages, each by the file's ending, each whole or not at all."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tutor.cli import main
from tutor.errors import LearnerError
from tutor.experiments.base import Run, plain_values
from tutor.experiments.models import Models
from tutor.experiments.registry import run
from tutor.output.files import RUNS, save_run
from tutor.output.picture import png_of, svg_of
from tutor.output.table import run_csv
from tutor.views import theme

SENTENCE = "The cat sleeps."
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def attention(models: Models) -> Run:
    return run("attention", models, SENTENCE, {"layer": 2})


@pytest.mark.parametrize("name", ["attention", "shapes", "decoding"])
def test_csv_has_every_number_at_its_place(models: Models, name: str) -> None:
    done = run(name, models, SENTENCE)
    rows = list(csv.DictReader(io.StringIO(run_csv(done))))
    plain = plain_values(done.result)
    for row in rows:
        places = [int(row[letter]) for letter in "ijklm" if row.get(letter)]
        found = plain
        for key in row["field"].split("."):
            found = found[key]
            while places and isinstance(found, list):
                found = found[places.pop(0)]
        assert row["value"] == ("" if found is None else str(found)), row

    def leaves(value: object) -> int:
        held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 1 if held is None else sum(map(leaves, held))

    assert len(rows) == leaves(plain)


def test_show_prints_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "attention", SENTENCE, "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    shares = [float(row["value"]) for row in rows if row["field"] == "weights" and row["i"] == "0"]
    assert sum(shares) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("ending", RUNS)
def test_a_run_is_saved_in_the_form_that_the_ending_says(attention: Run, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"cat{ending}"
    save_run(str(path), attention, "What it shows.")
    held = path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]
    if ending == ".png":
        assert held.startswith(PNG)
    elif ending == ".json":
        assert json.loads(held) == json.loads(json.dumps(attention.plain()))
    elif ending == ".csv":
        assert held.decode() == run_csv(attention) + "\n"
    else:
        text = held.decode().replace("&#160;", " ")
        assert "layer 2" in text and "What it shows." in text and "\x1b" not in text


def test_show_saves_beside_printing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cat.svg"
    assert main(["show", "attention", SENTENCE, "--save", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "cat" in out and err == f"attention-tutor: wrote {path}\n"
    assert path.read_text("utf-8").startswith("<svg")


def test_nothing_is_written_over(attention: Run, tmp_path: Path) -> None:
    path = tmp_path / "cat.txt"
    path.write_text("mine")
    with pytest.raises(LearnerError, match="exists already; choose another name"):
        save_run(str(path), attention, "")
    assert path.read_text() == "mine"


def test_a_picture_in_pixels_shows_its_letters() -> None:
    assert png_of(svg_of("some words", 40)) != png_of(svg_of("", 40))


@pytest.mark.parametrize(("shade", "ground"), [(theme.LIGHT, "#ffffff"), (theme.DARK, "#292929")])
def test_colours_for_a_light_terminal_stand_on_a_light_ground(
    monkeypatch: pytest.MonkeyPatch, shade: object, ground: str
) -> None:
    monkeypatch.setattr(theme, "chosen", lambda: shade)
    assert f'<rect fill="{ground}"' in svg_of("some words", 40)


def test_without_a_font_a_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.output.picture.MONOSPACE", ("No Such Font",))
    with pytest.raises(LearnerError, match=r"none was found; name a \.svg instead"):
        png_of(svg_of("some words", 40))
