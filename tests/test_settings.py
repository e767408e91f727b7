"""Preferences: what is right holds, what is wrong is named and locks nobody out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tutor import settings as module
from tutor.cli import main
from tutor.settings import Settings, read_settings, settings
from tutor.start import preferred_place
from tutor.views import theme

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")


@pytest.fixture
def prefer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Write a settings file and let it hold for this test."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv(module.SETTINGS_VARIABLE, str(path))

    def write(text: str) -> Path:
        path.write_text(text, "utf-8")
        settings.cache_clear()
        return path

    yield write
    monkeypatch.undo()
    settings.cache_clear()


def test_the_documented_file_is_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0], "utf-8")
    assert read_settings(path) == Settings(width=100, theme="light", ascii=True, layer=2)


def test_without_a_file_the_terminal_decides(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.toml") == Settings()


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("width = 7", "width takes a whole number from 24 to 400, not 7"),
        ("width = true", "width takes a whole number from 24 to 400, not True"),
        ('theme = "pink"', 'theme takes "light" or "dark", not \'pink\''),
        ("ascii = 1", "ascii takes true or false, not 1"),
        ("layer = 0", "layer takes a whole number from 1 to 99, not 0"),
        ("colour = 3", "there is no setting 'colour'; there are width, theme, ascii, layer"),
    ],
)
def test_a_wrong_line_is_named_and_the_rest_holds(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "s.toml"
    kept = "layer = 2" if not line.startswith("layer") else "width = 60"
    path.write_text(f"{kept}\n{line}\n", "utf-8")
    found = read_settings(path)
    assert found.complaints == (f"{path}: {complaint}",)
    assert (found.layer, found.width) in ((2, 0), (0, 60))


@pytest.mark.parametrize("damage", [b"width =", b"\xff\xfe", b"[" * 5000])
def test_a_damaged_file_is_one_complaint(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "s.toml"
    path.write_bytes(damage)
    (complaint,) = read_settings(path).complaints
    assert complaint.startswith(f"{path}: is no TOML")


def test_a_folder_in_its_place_is_one_complaint(tmp_path: Path) -> None:
    (complaint,) = read_settings(tmp_path).complaints
    assert complaint == f"{tmp_path}: cannot be read (is a directory); not used"


def test_settings_hold_on_the_screen(prefer: object, capsys: pytest.CaptureFixture[str]) -> None:
    prefer('width = 44\nascii = true\nlayer = 2\ncolour = "red"\n')  # type: ignore[operator]
    assert main(["show", "attention", "The cat sleeps."]) == 0
    out, err = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 44 and out.isascii() and "layer 2" in out
    assert err.startswith("attention-tutor: ") and "there is no setting 'colour'" in err and err.count("\n") == 1


def test_what_is_typed_goes_before_the_settings(prefer: object, capsys: pytest.CaptureFixture[str]) -> None:
    prefer("layer = 2")  # type: ignore[operator]
    assert main(["show", "attention", "The cat sleeps.", "--layer", "1"]) == 0
    assert "layer 1" in capsys.readouterr().out


def test_a_layer_that_the_model_lacks_is_left_to_each_picture(prefer: object) -> None:
    prefer("layer = 3")  # type: ignore[operator]
    assert preferred_place() == {"layer": 3}
    prefer("layer = 9")  # type: ignore[operator]
    assert preferred_place() == {}


@pytest.mark.parametrize(
    ("text", "ground", "wanted"),
    [("", "15;0", theme.DARK), ("", "0;15", theme.LIGHT), ('theme = "dark"', "0;15", theme.DARK),
     ('theme = "light"', "", theme.LIGHT),
     ('theme = "light"', "15;0", theme.LIGHT), ('theme = "pink"', "0;15", theme.LIGHT)],
)  # fmt: skip
def test_the_theme_is_that_of_the_settings_or_of_the_terminal(
    prefer: object, monkeypatch: pytest.MonkeyPatch, text: str, ground: str, wanted: object
) -> None:
    monkeypatch.setenv("COLORFGBG", ground)
    prefer(text)  # type: ignore[operator]
    assert theme.chosen() is wanted


def test_every_environment_variable_is_documented() -> None:
    texts = [path.read_text("utf-8") for room in ("tutor", "model") for path in (ROOT / room).rglob("*.py")]
    named = {name for text in texts for name in re.findall(r"[\"']([A-Z]+(?:_[A-Z]+)+|NO_COLOR|TERM)[\"']", text)}
    ours = {name for name in named if name.startswith("ATTENTION_TUTOR_") or name in ("NO_COLOR", "TERM")}
    assert len(ours) >= 5 and {name for name in ours if f"`{name}`" not in PAGE} == set()
