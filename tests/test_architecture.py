"""The walls between the parts: who may import what, and what must start without PyTorch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for package in ("model", "tutor") for path in (ROOT / package).rglob("*.py"))
HEAVY = {"torch", "tokenizers", "safetensors", "numpy"}


def imports(path: Path, *, at_load: bool = False) -> Iterator[tuple[int, str]]:
    """Line and full name of every import; with `at_load` only those that importing the module runs."""
    pending: list[ast.AST] = [ast.parse(path.read_text("utf-8"), str(path))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative import; this test reads absolute ones"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif at_load and (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) or _for_types(node)):
            pending += node.orelse if isinstance(node, ast.If) else []
        else:
            pending += ast.iter_child_nodes(node)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def offences(
    library: str, *, inside: tuple[str, ...] = ("",), but: tuple[str, ...] = (), at_load: bool = False
) -> list[str]:
    """Where modules whose path starts with one of `inside` and none of `but` import `library`."""
    return [
        f"{name}:{line} imports {imported}"
        for path in MODULES
        if (name := path.relative_to(ROOT).as_posix()).startswith(inside) and not (but and name.startswith(but))
        for line, imported in imports(path, at_load=at_load)
        if imported == library or imported.startswith(library + ".")
    ]


def test_the_model_knows_nothing_of_the_tutor() -> None:
    for library in ("tutor", "lessons", "rich", "prompt_toolkit", "yaml"):
        assert offences(library, inside=("model/",)) == []


ROOMS = tuple(f"tutor.{path.name}" for path in sorted((ROOT / "tutor").iterdir()) if (path / "__init__.py").exists())
"""The packages of the tutor; everything else in `tutor/` is a module of its own."""


def known_by(*inside: str) -> set[str]:
    """What modules whose path starts with one of `inside` import of the tutor outside these places."""
    return {
        ".".join(imported.split(".")[:2])
        for path in MODULES
        if path.relative_to(ROOT).as_posix().startswith(inside)
        for _, imported in imports(path)
        if imported.startswith("tutor.") and not imported.replace(".", "/").startswith(inside)
    }


MAY_KNOW = {
    "text": set(),
    "experiments": {"errors", "text"},
    "calculations": {"errors"},
    "curriculum": {"errors", "text", "experiments", "calculations"},
    "understanding": {"errors", "curriculum"},
    "dialogue": {"errors", "memory", "text", "curriculum", "understanding", "experiments", "calculations"},
    "views": {"experiments", "settings"},
    "output": {"errors", "settings", "text", "curriculum", "understanding", "dialogue", "experiments", "views"},
    "learner": {"errors", "text", "curriculum"},
}
"""Room of the house -> what it may import of the rest. The terminal may know all of them."""


@pytest.mark.parametrize("room", MAY_KNOW)
def test_a_room_knows_only_what_stands_below_it(room: str) -> None:
    beyond = known_by(f"tutor/{room}/") - {f"tutor.{name}" for name in MAY_KNOW[room]}
    assert beyond == set()


def test_every_room_has_its_walls() -> None:
    assert {f"tutor.{room}" for room in MAY_KNOW} == set(ROOMS) - {"tutor.terminal"}


def test_only_the_terminal_speaks_to_prompt_toolkit() -> None:
    assert offences("prompt_toolkit", but=("tutor/terminal/",)) == []


def test_only_what_is_printed_knows_rich() -> None:
    assert offences("rich", but=("tutor/views/", "tutor/output/", "tutor/terminal/", "tutor/console.py")) == []


def test_patterns_find_what_has_a_form_and_never_choose_what_to_do() -> None:
    """The dialogue decides by what was understood. A pattern over a learner's words is a guess about them."""
    where = ("tutor/text/", "tutor/understanding/", "tutor/views/", "tutor/curriculum/", "tutor/calculations/")
    assert offences("re", inside=("tutor/",), but=where) == []
    assert {offence.split(":")[0] for offence in offences("re", inside=("tutor/understanding/",))} == {
        "tutor/understanding/forms.py",
        "tutor/understanding/pieces.py",
    }


def test_only_lessons_read_yaml() -> None:
    assert offences("yaml", but=("tutor/curriculum/",)) == []


def test_the_program_needs_nothing_of_what_made_its_files() -> None:
    for library in ("training", "benchmarks", "tests", "hypothesis", "pytest"):
        assert offences(library) == []


@pytest.mark.parametrize("library", ["torch", "numpy", "safetensors", "tokenizers"])
def test_deciding_what_to_say_needs_no_tensors(library: str) -> None:
    assert (
        offences(library, inside=("tutor/dialogue/", "tutor/curriculum/", "tutor/calculations/", "tutor/text/")) == []
    )


def test_the_dialogue_knows_of_the_model_only_how_it_refuses() -> None:
    assert {offence.split(" imports ")[1] for offence in offences("model", inside=("tutor/dialogue/",))} <= {
        "model.errors.ModelError",
        "model.errors.CheckpointError",
    }


@pytest.mark.parametrize("library", sorted(HEAVY))
def test_the_tutor_loads_heavy_libraries_only_when_something_runs(library: str) -> None:
    assert offences(library, inside=("tutor/",), at_load=True) == []


def test_views_never_touch_tensors_or_the_model() -> None:
    for library in ("torch", "model"):
        assert offences(library, inside=("tutor/views/",)) == []


def test_understanding_needs_no_model() -> None:
    """Its own small encoder is run by numpy; that and its file's format load at the first question."""
    for library in {*HEAVY, "model"} - {"numpy", "safetensors"}:
        assert offences(library, inside=("tutor/understanding/",)) == []


@pytest.mark.parametrize(
    "module",
    [
        "model",
        "model.config",
        "model.trace",
        "tutor.cli",
        "tutor.views.registry",
        "tutor.experiments.registry",
        "tutor.experiments.models",
        "tutor.curriculum.loader",
        "tutor.understanding.reader",
        "tutor.dialogue.conversation",
        "tutor.terminal.session",
    ],
)
def test_importing_this_loads_no_pytorch(module: str) -> None:
    program = f"import sys, {module}; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_a_wall_that_is_broken_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "tutor" / "dialogue" / "broken.py"
    module.parent.mkdir(parents=True)
    module.write_text("def f():\n    import re\n    from tutor.terminal.session import Chat\n", "utf-8")
    monkeypatch.setattr("test_architecture.MODULES", [module])
    monkeypatch.setattr("test_architecture.ROOT", tmp_path)
    assert known_by("tutor/dialogue/") == {"tutor.terminal"}
    assert offences("re", inside=("tutor/",)) == ["tutor/dialogue/broken.py:2 imports re"]


def test_these_walls_are_seen_to_be_broken(tmp_path: Path) -> None:
    module = tmp_path / "broken.py"
    module.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import torch.types\nelse:\n    import rich\n"
        "try:\n    import yaml\nexcept ImportError:\n    pass\n"
        "class A:\n    import torch\n    def f(self):\n        from torch import nn\n",
        "utf-8",
    )
    assert {name for _, name in imports(module)} >= {"torch.types", "rich", "yaml", "torch", "torch.nn"}
    assert {name for _, name in imports(module, at_load=True)} == {
        "typing.TYPE_CHECKING",
        "rich",
        "yaml",
        "torch",
    }
