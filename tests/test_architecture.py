"""The walls of the house: imports point one way, and what needs no model loads no torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imports(path: Path, *, top_level: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    for node in tree.body if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def offenders(folder: str, forbidden: tuple[str, ...], *, top_level: bool = False) -> list[str]:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files, folder
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in imports(path, top_level=top_level)
        if any(name == wall or name.startswith(wall + ".") for wall in forbidden)
    ]


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("model", ("tutor", "lessons", "rich", "prompt_toolkit", "yaml")),
        ("tutor/experiments", ("rich", "yaml", "tutor.views", "tutor.chat", "tutor.curriculum", "tutor.cli")),
        ("tutor/curriculum", ("rich", "torch", "tutor.views", "tutor.chat", "tutor.cli")),
        ("tutor/understanding", ("rich", "torch", "tutor.views", "tutor.chat", "tutor.cli")),
        ("tutor/views", ("torch", "yaml", "tutor.chat", "tutor.cli")),
        ("tutor/learner", ("torch", "tutor.chat", "tutor.cli")),
        ("tutor/chat", ("tutor.cli",)),
    ],
)
def test_imports_point_one_way(folder: str, forbidden: tuple[str, ...]) -> None:
    assert offenders(folder, forbidden) == []


def test_only_chat_knows_prompt_toolkit() -> None:
    found = offenders("tutor", ("prompt_toolkit",)) + offenders("model", ("prompt_toolkit",))
    assert [line for line in found if not line.startswith("tutor/chat/")] == []


def test_tutor_imports_no_torch_at_the_top() -> None:
    assert offenders("tutor", ("torch",), top_level=True) == []


@pytest.mark.parametrize("module", ["tutor.cli", "tutor.chat.conversation", "tutor.experiments.registry"])
def test_importing_it_loads_no_torch(module: str) -> None:
    code = f"import sys, {module}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "False"
