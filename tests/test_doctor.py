"""What `doctor` finds is what is there: whole, damaged, missing, and no fault hides another."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tutor import doctor
from tutor.about import bundled
from tutor.cli import SHELLS, build_parser, main
from tutor.doctor import DAMAGED, NOTE, OK, SLOW, Finding, examine
from tutor.experiments.registry import NAMES


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Everything but the speed is looked at, with nothing remembered yet."""
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(doctor, "LOOKS", {k: v for k, v in doctor.LOOKS.items() if k != "speed"})
    return tmp_path


def states(what: str) -> list[Finding]:
    return [found for found in examine() if found.what == what]


def test_nothing_is_wrong_with_what_ships(looks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith(OK)] == list(doctor.LOOKS)
    assert not (looks / "home").exists()


def test_a_damaged_model_is_named_with_what_to_do(
    looks: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(bundled(), looks / "models")
    spoilt, lost = looks / "models/translator/weights.safetensors", looks / "models/next-word/tokenizer.json"
    spoilt.write_bytes(spoilt.read_bytes()[:-1] + b"?")
    lost.unlink()
    monkeypatch.setenv("ATTENTION_TUTOR_MODELS", str(looks / "models"))
    monkeypatch.setattr(doctor, "LOOKS", {"models": doctor.LOOKS["models"], "python": doctor.LOOKS["python"]})
    assert main(["doctor"]) == 1
    one, two, python = capsys.readouterr().out.splitlines()
    remedy = "; mend the folder that ATTENTION_TUTOR_MODELS names, or unset it"
    assert one == f"damaged models      {lost}: is missing{remedy}"
    assert two.startswith(f"damaged models      {spoilt}: is damaged or was swapped") and two.endswith(remedy)
    assert python.startswith(OK)


def test_a_damaged_memory_is_named(looks: Path) -> None:
    database = looks / "home" / "learner.sqlite3"
    database.parent.mkdir()
    database.write_bytes(b"no database")
    (found,) = states("memory")
    assert found.state == DAMAGED and str(database) in found.told


def test_wrong_settings_are_named(looks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = looks / "s.toml"
    path.write_text("width = 3\n")
    monkeypatch.setenv("ATTENTION_TUTOR_SETTINGS", str(path))
    (found,) = states("settings")
    assert found.state == DAMAGED and "width takes a whole number" in found.told


def test_a_look_that_fails_is_a_finding_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> doctor.Told:
        yield NOTE, "something"
        raise OSError(5, "Input/output error", "x")

    monkeypatch.setattr(doctor, "LOOKS", {"first": fails, "python": doctor.LOOKS["python"]})
    assert [(found.state, found.what) for found in examine()] == [(NOTE, "first"), (DAMAGED, "first"), (OK, "python")]


def test_what_takes_long_is_called_slow() -> None:
    assert doctor._timed("nothing", 60, lambda: None)[0] == OK
    state, told = doctor._timed("nothing", 0, lambda: None)
    assert state == SLOW and "usually under 0" in told


def test_versions_are_those_of_program_torch_and_models(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    program, computing, models = capsys.readouterr().out.splitlines()
    assert program.startswith("attention-tutor ") and "torch 2" in computing
    assert "translator " in models and "next-word " in models


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_knows_every_command_and_experiment(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args(["--print-completion", shell])
    made = capsys.readouterr().out
    assert left.value.code == 0 and all(name in made for name in (*NAMES, "doctor", "--gradients", "many-heads"))


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_completes_an_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["--print-completion", "bash"])
    ask = "\nCOMP_WORDS=(attention-tutor show logit); COMP_CWORD=2\n_shtab_attention_tutor; echo ${COMPREPLY[@]}\n"
    done = subprocess.run(["bash", "-c", capsys.readouterr().out + ask], capture_output=True, text=True, timeout=20)
    assert done.stdout.split() == ["logit-lens"]
