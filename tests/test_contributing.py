"""The pages for those who carry on name what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "contributing.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([a-z]+/[\w./-]*)`", PAGE)))
LINKED = sorted(
    (page.name, target)
    for page in (*(ROOT / "docs").glob("*.md"), ROOT / "README.md")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
)


@pytest.mark.parametrize("name", NAMED)
def test_a_file_that_is_named_is_there(name: str) -> None:
    shortened = any((ROOT / room / name).exists() for room in ("tutor", "lessons"))
    assert shortened or (ROOT / name).exists() or (ROOT / "tests" / name).exists()


def test_enough_files_are_named() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("page", "target"), LINKED)
def test_a_link_between_pages_leads_somewhere(page: str, target: str) -> None:
    folder = ROOT if page == "README.md" else ROOT / "docs"
    assert (folder / target).exists()


def test_ten_changes_are_described() -> None:
    assert len(re.findall(r"^\d+\. \*\*", PAGE, re.MULTILINE)) == 10


@pytest.mark.parametrize("room", sorted(path.name for path in (ROOT / "tutor").iterdir() if path.is_dir()))
def test_every_room_is_described(room: str) -> None:
    packages = (ROOT / "tutor" / room / "__init__.py").exists() and room != "text"
    assert not packages or f"`tutor/{room}/`" in PAGE


def test_every_experiment_is_drawn() -> None:
    from tutor.experiments.registry import NAMES

    page = (ROOT / "docs" / "experiments.md").read_text("utf-8")
    assert re.findall(r"^## `(.+)`$", page, re.MULTILINE) == list(NAMES), "run scripts/record_screen.py"


def test_the_readme_says_what_it_is_within_thirty_lines() -> None:
    before_tables = (ROOT / "README.md").read_text("utf-8").partition("\n|")[0]
    assert len(before_tables.splitlines()) <= 30 and "docs/session.svg" in before_tables
    assert (ROOT / "docs" / "session.svg").read_text("utf-8").count("<text") > 30
