"""The package as others use it: names that are pinned, and a page whose programs run as pasted."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import model
from model import edits

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
PROGRAM = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
NAMES = """
AttentionTrace BUNDLED BlockTrace Candidate Checkpoint CheckpointError ConfigurationError DataError END Edit EditError
FeedForwardTrace Generated Gradients InputError ModelError PAD PathInfo RecurrentConfig RecurrentTrace
RecurrentTranslator START StackTrace Step SubwordTokenizer Token Trace Transformer TransformerConfig beam_search greedy
load_checkpoint named_values sample save_checkpoint trace_paths value_at
""".split()
EDITS = """
add_nothing bypass detach forbid_link force_link given_weights in_row keep_head one_hot_weights replace
shuffle_positions transplant uniform_weights zero_head
""".split()


def test_these_names_are_promised() -> None:
    assert sorted(model.__all__) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_promised_name_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(model, name)
    assert getattr(found, "__name__", name) == name
    assert not callable(found) or inspect.getdoc(found)


def test_these_edits_are_promised() -> None:
    made_here = inspect.getmembers(edits, lambda held: inspect.isfunction(held) and held.__module__ == edits.__name__)
    assert [name for name, _ in made_here if not name.startswith("_")] == EDITS


def test_a_name_that_is_not_promised_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'model' has no name 'Transfomer'"):
        model.Transfomer  # noqa: B018


def test_type_checkers_are_told_that_the_package_is_typed() -> None:
    assert (Path(model.__file__).parent / "py.typed").exists()


PROGRAMS = PROGRAM.findall(PAGE.read_text("utf-8"))


def test_the_page_shows_the_five_things_one_does() -> None:
    text = PAGE.read_text("utf-8")
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == ["Load", "Trace", "Edit", "Differentiate", "Generate"]
    assert len(PROGRAMS) == text.count("```python") == 5


@pytest.mark.parametrize(("program", "printed"), PROGRAMS)
def test_a_program_of_the_page_runs_as_pasted(program: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(program.splitlines()) <= 10
    exec(compile(program, PAGE.name, "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out == printed
