"""What the chat does when its history, its home or its terminal is taken away, or it is killed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tutor.errors import LearnerError
from tutor.learner.folder import HOME_VARIABLE, data_folder
from tutor.learner.store import Store
from tutor.terminal.history import Remembered, open_history

ROOT = Path(__file__).parent.parent.parent
Open = Callable[..., Any]


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_typed_and_learned_is_for_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    open_history().store_string("a secret sentence")
    with Store() as store:
        store.save_state("a-lesson", {})
    files = [path for path in (tmp_path / "home").iterdir() if not path.name.endswith(("-wal", "-shm"))]
    assert {path.name for path in files} == {"history", "learner.sqlite3"}
    assert rights(tmp_path / "home") == 0o700 and {rights(path) for path in files} == {0o600}


def test_rights_that_were_too_wide_are_narrowed_but_a_folder_that_was_named_keeps_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    tmp_path.chmod(0o755)
    (tmp_path / "history").write_text("", "utf-8")
    (tmp_path / "history").chmod(0o644)
    open_history()
    assert rights(tmp_path / "history") == 0o600 and rights(tmp_path) == 0o755


@pytest.mark.parametrize("gone", ["folder", "file is a folder", "full disk", "pipe"])
def test_a_history_that_cannot_be_written_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    history = open_history()
    assert isinstance(history, Remembered)
    path = tmp_path / "home/history"
    path.unlink()
    {
        "folder": lambda: shutil.rmtree(tmp_path / "home"),
        "file is a folder": lambda: path.mkdir(),
        "full disk": lambda: path.symlink_to("/dev/full"),
        "pipe": lambda: os.mkfifo(path),
    }[gone]()
    history.append_string("one")
    assert history.notice.startswith("What you type is no longer kept for the next time. ")
    assert str(path) in history.notice
    history.notice = ""
    history.append_string("two")
    assert history.notice == "" and history.get_strings() == ["one", "two"]
    assert list(Remembered(path).load_history_strings()) == []


@pytest.mark.parametrize("named", ["~nobody-of-that-name/x", "~"])
def test_without_a_home_the_place_is_said_to_be_missing_and_nothing_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, named)
    if named == "~":
        monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with pytest.raises(LearnerError, match=f"there is no such home; set {HOME_VARIABLE} to a folder"):
        data_folder()
    assert not isinstance(open_history(), Remembered) and list(tmp_path.iterdir()) == []


def test_a_kill_gives_the_terminal_back(terminal: Open) -> None:
    shell = terminal()
    shell.wait_for("/help")
    while termios.tcgetattr(shell.process.child_fd)[3] & termios.ICANON:
        shell.read()
    shell.process.kill(signal.SIGTERM)
    while shell.process.isalive():
        shell.read()
    assert termios.tcgetattr(shell.process.child_fd)[3] & (termios.ICANON | termios.ECHO)
    shell.read()
    assert shell.process.signalstatus == signal.SIGTERM
    # Nothing that was switched on stays on. The terminal's own reply to a question may come after the end.
    for on, off in ((b"\x1b[?2004h", b"\x1b[?2004l"), (b"\x1b[?25l", b"\x1b[?25h")):
        assert shell.seen.rfind(on) < shell.seen.rfind(off)
    assert b"\x1b[0m" in shell.seen[shell.seen.rfind(b"\x1b[?25h") :]


def test_ctrl_z_types_nothing(terminal: Open) -> None:
    shell = terminal()
    shell.wait_for("/help")
    shell.type("\x1a")
    shell.read(0.5)
    shell.enter("/help quit")
    shell.wait_for("/quit: leave")
    assert "^Z" not in shell.all_text()


def test_a_chat_whose_reader_has_gone_ends_quietly_though_the_model_is_loading(tmp_path: Path) -> None:
    lines = "hello\\n/show attention\\n/help\\n/help\\n"
    talk = f'printf "{lines}" | "{sys.executable}" -m tutor | head -n 1; echo ${{PIPESTATUS[1]}}'
    done = subprocess.run(
        ["bash", "-c", talk], capture_output=True, text=True, cwd=ROOT, env={**os.environ, HOME_VARIABLE: str(tmp_path)}
    )
    assert done.stdout.splitlines()[-1] == "0" and "terminate" not in done.stderr


@pytest.mark.parametrize("code", [0, 2])
def test_leaving_keeps_its_exit_code_and_does_not_touch_a_loader_at_work(code: int) -> None:
    """Half-imported PyTorch aborts where Python ends in order; a thread that sleeps shows that it is not waited for."""
    leaving = (
        "import sys, threading, time; from tutor.program import LOADER, leave; "
        "threading.Thread(target=time.sleep, args=(60,), name=LOADER).start(); leave(int(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", leaving, str(code)], capture_output=True, cwd=ROOT, timeout=30)
    assert (done.returncode, done.stderr) == (code, b"")
