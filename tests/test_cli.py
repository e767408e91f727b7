"""The command line, from outside: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from stand_ins import ScriptedReader, act, wants

from tutor.cli import COMMANDS, build_parser, main
from tutor.console import explain
from tutor.dialogue.conversation import Conversation
from tutor.errors import AuthorError, LearnerError, NotTaught
from tutor.terminal.show_words import list_experiments, read_show

ROOT = Path(__file__).parent.parent


def program(*arguments: str, home: Path, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run the installed program's entry point in a process of its own."""
    variables = {**os.environ, "ATTENTION_TUTOR_HOME": str(home), "COLUMNS": "80", **env}
    command = [sys.executable, "-m", "tutor", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, env=variables, timeout=120)


# --- words of `show` ----------------------------------------------------------------------------------


def test_show_reads_options_wherever_they_stand() -> None:
    given = read_show(["attention", "--layer", "2", "My cat.", "--head=3", "--json"])
    assert given.words == ["attention", "My cat."]
    assert given.options == {"layer": "2", "head": "3", "json": "yes"}


def test_an_option_without_a_value_is_told_so() -> None:
    with pytest.raises(LearnerError, match="--layer needs a value, as in `--layer 2`"):
        read_show(["attention", "--layer"])


def test_every_experiment_and_option_is_listed() -> None:
    text = list_experiments()
    assert "attention-steps" in text and "--layer" in text and "layer, counted from 1" in text


# --- exit codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (NotTaught("not mine"), 3, "attention-tutor: not mine\n"),
        (LearnerError("no such layer"), 2, "attention-tutor: no such layer\n"),
        (AuthorError("a.yaml:1: broken"), 1, "attention-tutor: a.yaml:1: broken\n"),
        (FileNotFoundError(2, "No such file", "x.json"), 1, "attention-tutor: x.json: no such file\n"),
        (LearnerError("bad \x1b[31mescape\nline"), 2, "attention-tutor: bad escape line\n"),
    ],
)  # fmt: skip
def test_each_family_of_errors_has_its_exit_code_and_one_line(
    error: Exception, code: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explain(error) == code
    assert capsys.readouterr().err == line


def test_an_unknown_command_is_bad_usage() -> None:
    with pytest.raises(SystemExit) as left:
        main(["dance"])
    assert left.value.code == 2


def test_every_way_in_is_a_command() -> None:
    text = build_parser().format_help()
    assert all(name in text for name in COMMANDS)


def test_an_unknown_experiment_is_bad_usage_and_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "tokns"]) == 2
    assert capsys.readouterr().err == "attention-tutor: there is no experiment 'tokns'; did you mean 'tokens'?\n"


def test_reset_asks_before_it_forgets(tmp_path: Path) -> None:
    done = program("progress", "reset", home=tmp_path)
    assert done.returncode == 2 and done.stderr == b"attention-tutor: nothing was reset; add --yes\n"


# --- ask ----------------------------------------------------------------------------------------------


ASKED = "What is attention?"
"""The question of a node in its own words: the reader is tested elsewhere."""


def test_ask_prints_one_json_object_for_each_turn(tmp_path: Path) -> None:
    done = program("ask", "--json", "--no-live", ASKED, "What is softmax?", home=tmp_path)
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert done.returncode == 0 and done.stderr == b""
    assert list(first) == ["question", "sentence", "understood", "node", "answer", "evidence", "follow_ups"]
    understood = ["act", "concepts", "facet", "confidence", "request", "candidates"]
    assert list(first["understood"]) == list(second["understood"]) == understood
    assert first["question"] == ASKED and first["evidence"] == [] and len(first["follow_ups"]) == 3
    assert (first["node"], second["node"]) == ("attention.what", "softmax.what")
    assert first["understood"]["concepts"][0] == "attention" and first["understood"]["facet"] == "what"
    assert first["understood"]["candidates"][0]["node"] == "attention.what"
    assert first["answer"] and first["answer"] != second["answer"]


def test_ask_reads_turns_from_standard_input_whatever_the_bytes(tmp_path: Path) -> None:
    stdin = b"what is softmax?\n\nwhat is \xff\xfe an encoder?\n\x1b[31m\x1b]52;c;aGk=\x07hello\n"
    done = program("ask", "--no-live", "--json", home=tmp_path, stdin=stdin)
    assert len(done.stdout.splitlines()) == 3
    assert b"\x1b" not in done.stdout and b"\x07" not in done.stdout and b"Traceback" not in done.stderr


@pytest.fixture
def scripted(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> ScriptedReader:
    """`ask` over the small library; returns the reader, whose script can be added to."""
    monkeypatch.setattr("tutor.start.new_conversation", lambda sentence="": conversation)
    assert isinstance(conversation.reader, ScriptedReader)
    return conversation.reader


def test_only_what_is_outside_exits_with_three_and_a_run_that_failed_with_one(
    scripted: ScriptedReader, capsys: pytest.CaptureFixture[str]
) -> None:
    scripted.script |= {"who won?": act("out_of_scope"), "layer 9": wants("attention", word="zeppelin")}
    assert main(["ask", "who won?"]) == 3
    assert main(["ask", "layer 9"]) == 1
    assert "or put it in: “swap mat for zeppelin”" in capsys.readouterr().out.replace("\n", " ")
    assert main(["ask", "what is attention"]) == 0
    assert main(["ask", "layer 9", "what is attention"]) == 0  # the last turn counts


def test_after_goodbye_nothing_more_is_answered(scripted: ScriptedReader, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--json", "bye", "what is attention"]) == 0
    assert [json.loads(line)["question"] for line in capsys.readouterr().out.splitlines()] == ["bye"]


def test_what_was_asked_for_is_told_as_json(scripted: ScriptedReader, capsys: pytest.CaptureFixture[str]) -> None:
    scripted.script["for mat, twice"] = wants("softmax", word=("mat", "cat"), head="head 2")
    assert main(["ask", "--json", "for mat, twice"]) == 0
    turn = json.loads(capsys.readouterr().out)
    assert turn["understood"]["request"] == {"experiment": "softmax", "slots": {"word": "mat", "head": "head 2"}}
    assert turn["evidence"][0]["options"] == {"layer": 1, "head": 2, "word": "mat", "shift": 5.0}


@pytest.mark.parametrize("flag", ["--markdown", "--plain"])
def test_the_other_forms_tell_the_same(
    scripted: ScriptedReader, capsys: pytest.CaptureFixture[str], flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("tutor.output.text.run_text", "tutor.output.markdown.run_text"):
        monkeypatch.setattr(name, lambda run, **_: f"<picture of {run.experiment}>")
    assert main(["ask", flag, "what is attention"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("## what is attention") == (flag == "--markdown")
    assert "Say attention.what." in out and "<picture of attention>" in out and "Ask attention.why?" in out


def test_a_live_answer_carries_its_evidence(tmp_path: Path) -> None:
    sentence = "The cat that I saw yesterday sleeps."
    done = program("ask", "--json", "--sentence", sentence, "Why is attention used?", home=tmp_path)
    turn = json.loads(done.stdout)
    assert turn["sentence"] == sentence
    assert turn["evidence"] and all(run["result"] for run in turn["evidence"])


def test_piped_output_has_no_colour_and_no_spinner(tmp_path: Path) -> None:
    done = program("ask", ASKED, home=tmp_path)
    assert b"\x1b" not in done.stdout + done.stderr and done.returncode == 0


def test_output_that_cannot_carry_unicode_is_ascii(tmp_path: Path) -> None:
    asked = "What is the formula for attention, with its shapes?"
    done = program("ask", "--no-live", asked, home=tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    done.stdout.decode("ascii")


def test_what_output_cannot_carry_is_spelt_out(tmp_path: Path) -> None:
    lists = (("model",), ("show", "--list"), ("show", "--help"), ("progress", "show"))
    for arguments in lists:
        done = program(*arguments, home=tmp_path, PYTHONIOENCODING="ascii")
        assert done.returncode == 0 and b"?" not in done.stdout, arguments
    assert b"English -> French" in program("model", home=tmp_path, PYTHONIOENCODING="ascii").stdout


def test_the_commands_in_the_readme_exist(tmp_path: Path) -> None:
    table = [line.split("`")[1] for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line[:3] == "| `"]
    commands = [shlex.split(line)[1:] for line in table if line.startswith("attention-tutor")]
    assert {words[0] for words in commands if words} == set(COMMANDS)
    for words in commands:
        build_parser().parse_args(words)


@pytest.mark.parametrize(
    ("closing", "code", "line"),
    [(">&-", 1, "standard output is closed"), ("> /dev/full", 1, "no space left"), ("<&-", 0, ""), ("2>&-", 0, "")],
)
def test_a_stream_that_is_closed_or_full_costs_one_line_at_most(closing: str, code: int, line: str) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"{sys.executable}" -m tutor.cli show tokens "Hello there." {closing}'],
        capture_output=True,
        text=True,
    )
    assert done.returncode == code and line in done.stderr and done.stderr.count("\n") <= 1


def test_an_empty_sentence_is_refused_and_not_replaced_by_ours() -> None:
    with pytest.raises(SystemExit):
        main(["show", "tokens", "   "])


def test_a_closed_pipe_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m tutor show --list | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, cwd=ROOT, timeout=60)
    assert done.stdout.startswith(b"tokens") and done.stderr == b""


# --- show, trace, model -------------------------------------------------------------------------------


def test_show_prints_the_result_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "tokens", "The cat", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == ["experiment", "sentence", "options", "result"]
    assert shown["result"]["tokens"] == ["The", "cat", "‹end›"]


def test_a_layer_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "attention", "The cat sleeps.", "--layer", "9"]) == 2
    err = capsys.readouterr().err
    assert err == "attention-tutor: there is no layer 9; the encoder has layers 1 to 3\n"


def test_a_sentence_that_is_too_long_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "attention", "cat " * 400]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "tokens long and the model reads" in err


@pytest.mark.parametrize("sentence", ["🙂🙂", "猫坐在垫子上。", "[red]cat[/red]", "\x1b[31mcat", "a\u0301"])
def test_any_text_can_be_looked_at(sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "tokens", sentence]) == 0
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["descent --other", "contextual --other", "next-word --after", "gradients --target"])
def test_no_escape_in_an_option_reaches_the_screen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", *name.split(), "The cat\x1b[31m is \x07black\x1b]52;c;aGk=\x07.", "The cat sleeps."]) in (0, 2)
    shown = capsys.readouterr()
    assert not {"\x1b", "\x07"} & set(shown.out + shown.err)


def test_trace_writes_the_file_and_says_so_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", "The cat sleeps.", "--out", str(tmp_path / "cat.npz")]) == 0
    said = capsys.readouterr()
    assert said.out == "" and "arrays to" in said.err
    assert (tmp_path / "cat.npz").stat().st_size > 1000


def test_trace_without_a_file_is_bad_usage() -> None:
    with pytest.raises(SystemExit) as left:
        main(["trace", "The cat sleeps."])
    assert left.value.code == 2


def test_model_says_what_is_bundled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model"]) == 0
    assert "Tatoeba" in capsys.readouterr().out


# --- bad input ----------------------------------------------------------------------------------------

BAD_INPUT = (
    ("dance",),
    ("--dance",),
    ("learn", "nosuchlesson"),
    ("learn", "one", "two"),
    ("learn", "--pretest", "many-heads"),
    ("learn", "--pretest", "--posttest"),
    ("review", "no such\x1b[31m concept"),
    ("review", "softmax", "scaling"),
    ("map", "of the course"),
    ("ask", ""),
    ("ask", "  \x1b[31m \x07"),
    ("ask", "what is attention?", ""),
    ("ask", "--json", "--plain", "hello"),
    ("ask", "--nosuch\x1b[31m\n", "hello"),
    ("show",),
    ("show", "nosuch"),
    ("show", "no\x1b[31msuch\n"),
    ("show", "tokens", "one", "two"),
    ("show", "attention", "--layer"),
    ("show", "attention", "--layer", "two"),
    ("show", "attention", "--layer", "9"),
    ("show", "attention", "--layer", "-1"),
    ("show", "attention", "--head", "9"),
    ("show", "attention", "--part", "sideways"),
    ("show", "attention", "--word", "zeppelin"),
    ("show", "attention", "--colour", "red"),
    ("show", "attention", "The cat sleeps.", "--word", "a\x1b[31mb\n"),
    ("show", "attention", "cat " * 400),
    ("show", "attention", "--format", "xls"),
    ("show", "--save", "{tmp}/a.pdf", "attention"),
    ("show", "attention", "--save", "{tmp}/kept"),
    ("show", "next-word", "--temperature", "nan"),
    ("show", "next-word", "--drawn", "1000000"),
    ("show", "next-word", "--seed", "9" * 30),
    ("trace",),
    ("trace", "The cat sleeps."),
    ("trace", "\x1b[31m", "--out", "{tmp}/a.npz"),
    ("trace", "The cat sleeps.", "--out", "{tmp}"),
    ("trace", "The cat sleeps.", "--out", "{tmp}/nosuch/a.npz"),
    ("trace", "The cat sleeps.", "--out", "{tmp}/kept"),
    ("trace", "The cat sleeps.", "--out", "{tmp}/a.npz", "--model", "nosuch"),
    ("trace", "The cat sleeps.", "--out", "{tmp}/a.npz", "--names", "nosuch"),
    ("lessons",),
    ("lessons", "nosuch"),
    ("lessons", "check", "{tmp}/nosuch"),
    ("lessons", "check", "{tmp}/kept"),
    ("lessons", "check", "{tmp}"),
    ("progress",),
    ("progress", "export", "{tmp}"),
    ("progress", "export", "{tmp}/nosuch/a.json"),
    ("progress", "export", "{tmp}/kept"),
    ("progress", "import", "{tmp}/nosuch.json"),
    ("progress", "import", "{tmp}"),
    ("progress", "import", "{tmp}/kept"),
    ("progress", "reset"),
    ("progress", "reset", "nosuchlesson", "--yes"),
    ("model", "--nosuch"),
    ("doctor", "--nosuch"),
    ("--print-completion", "nosuch"),
)


@pytest.mark.parametrize("arguments", BAD_INPUT, ids=lambda arguments: " ".join(map(ascii, arguments))[:60])
def test_bad_input_is_one_line_and_exit_status_2(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path / "home"))
    (tmp_path / "kept").write_text("mine")
    try:
        code = main([argument.replace("{tmp}", str(tmp_path)) for argument in arguments])
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else -1
    said = capsys.readouterr()
    line = said.err.removesuffix("\n")
    assert code == 2 and line.startswith("attention-tutor: ") and line.isprintable(), said
    assert "Traceback" not in said.err and "should not have happened" not in said.err
    assert (tmp_path / "kept").read_text() == "mine"


def test_every_command_is_tried_with_bad_input() -> None:
    assert {arguments[0] for arguments in BAD_INPUT} >= set(COMMANDS)


def test_nothing_on_standard_input_is_told(tmp_path: Path) -> None:
    done = program("ask", home=tmp_path, stdin=b"\n  \n")
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and done.stdout == b""


@pytest.mark.parametrize("command", [("trace", "The cat.", "--out"), ("progress", "export")], ids=lambda c: c[0])
def test_a_file_is_written_over_only_when_told_to(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ATTENTION_TUTOR_HOME", str(tmp_path / "home"))
    file = tmp_path / "kept"
    file.write_text("mine")
    assert main([*command, str(file)]) == 2
    assert capsys.readouterr().err == (
        f"attention-tutor: {file}: exists already; name another file, or add --force to write over it\n"
    )
    assert main([*command, str(file), "--force"]) == 0
    assert file.read_bytes() != b"mine"


# --- what is loaded -----------------------------------------------------------------------------------

HEAVY = ("torch", "numpy", "prompt_toolkit", "yaml", "rich", "tokenizers")


def loaded_by(code: str) -> set[str]:
    """The heavy modules that are loaded after running `code`."""
    check = f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, cwd=ROOT, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split()) if done.stdout.splitlines() else set()


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(argument: str) -> None:
    code = f"from tutor.cli import main\ntry: main([{argument!r}])\nexcept SystemExit: pass"
    assert loaded_by(code) == set()


def test_a_text_answer_loads_no_torch_and_no_terminal() -> None:
    code = (
        "from tutor.start import new_conversation\n"
        "print(new_conversation().turn('What is attention?', live=False).text)"
    )
    assert loaded_by(code) <= {"yaml", "numpy"}


def test_checking_lessons_loads_no_torch() -> None:
    assert loaded_by("from tutor.cli import main\nmain(['lessons', 'check'])").isdisjoint({"torch", "rich"})
