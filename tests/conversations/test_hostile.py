"""The trial of `benchmarks/hostile.py`, short and without the model; and that long conversations forget."""

from __future__ import annotations

from pathlib import Path

import pytest
from stand_ins import Talk, act

from benchmarks import hostile
from tutor.dialogue import carry_out, conversation


def test_spoilt_turns_and_commands_raise_nothing_pass_nothing_on_and_move_no_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    monkeypatch.setenv("ATTENTION_TUTOR_DEBUG", "1")
    monkeypatch.setattr(hostile, "LIVE", 0)
    monkeypatch.chdir(tmp_path)
    trial = hostile.Trial(7)
    for _ in range(40):
        trial.step()
    assert trial.wrong == {}, trial.examples


def test_the_trial_notices_what_it_looks_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path))
    monkeypatch.setattr(hostile, "LIVE", 0)
    trial = hostile.Trial(7)
    monkeypatch.setattr(trial, "_turn", lambda typed, live: trial.printed.append("\x1b[31m"))
    trial.step()
    monkeypatch.setattr(trial, "_turn", lambda typed, live: [][0])
    trial.step()
    assert [what.split(":")[0] for what in trial.wrong] == ["'\\x1b' was printed", "IndexError"]


def test_a_long_conversation_forgets_its_beginning() -> None:
    talk = Talk()
    for number in range(conversation.KEPT + 50):
        talk(act("set_sentence", f"Sentence number {number} is here."), live=False)
    assert len(talk.answers) == conversation.KEPT and talk.answers[-1].question.startswith("Sentence number 249")
    state = talk.state
    assert len(state.sentences) == 1 + carry_out.KEPT and state.sentences[0] == "The cat is on the mat."
    assert len(state.before) == carry_out.KEPT
