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


def test_only_the_chat_speaks_to_prompt_toolkit() -> None:
    assert offences("prompt_toolkit", but=("tutor/chat/",)) == []


def test_experiments_lessons_and_understanding_draw_nothing() -> None:
    inside = ("tutor/experiments/", "tutor/curriculum/", "tutor/understanding/")
    assert offences("rich", inside=inside) == []
    assert offences("tutor.views", inside=inside) == []


def test_experiments_know_no_lessons_and_no_chat() -> None:
    for library in ("tutor.curriculum", "tutor.chat", "tutor.understanding"):
        assert offences(library, inside=("tutor/experiments/",)) == []


def test_only_lessons_and_understanding_read_yaml() -> None:
    assert offences("yaml", but=("tutor/curriculum/", "tutor/understanding/")) == []


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
        "tutor.chat.conversation",
    ],
)
def test_importing_this_loads_no_pytorch(module: str) -> None:
    program = f"import sys, {module}; print(*sorted({HEAVY!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


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
