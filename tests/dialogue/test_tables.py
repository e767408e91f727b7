"""What the dialogue names exists, and whatever exists is named: acts, actions, small replies, nodes, commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from stand_ins import replies

import tutor.dialogue
from tutor.curriculum.tree import FLOORS, Library
from tutor.dialogue.actions import ACTIONS
from tutor.dialogue.offers import STARTERS
from tutor.dialogue.policy import POLICIES
from tutor.terminal.commands import find_command
from tutor.understanding import intent

TREES = {path.name: ast.parse(path.read_text("utf-8")) for path in Path(tutor.dialogue.__path__[0]).glob("*.py")}
SAY = {"reply": 2, "_said": 2}
"""Function -> the place of the argument that names a kind of small reply."""


def test_every_act_has_a_policy() -> None:
    assert set(POLICIES) == set(intent.ACTS)


def test_every_action_can_be_done() -> None:
    assert set(ACTIONS) == set(intent.ACTIONS)


def test_every_place_to_begin_exists(library: Library) -> None:
    assert [name for name in STARTERS if name not in library.nodes] == []


def asked_for() -> Iterator[str]:
    """The kinds of replies that calls name: as patterns, since some are put together."""
    for tree in TREES.values():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                named = {
                    t.id: one.value
                    for one in ast.walk(function)
                    if isinstance(one, ast.Assign)
                    for t in one.targets
                    if isinstance(t, ast.Name)
                }
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and (place := SAY.get(ast.unparse(call.func))) is not None:
                        given = call.args[place]
                        yield from _patterns(named.get(given.id, given) if isinstance(given, ast.Name) else given)


def _patterns(given: ast.expr) -> Iterator[str]:
    if isinstance(given, ast.Constant):
        yield re.escape(str(given.value))
    elif isinstance(given, ast.IfExp):
        yield from (*_patterns(given.body), *_patterns(given.orelse))
    elif isinstance(given, ast.JoinedStr):
        yield "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in given.values)


def test_every_small_reply_that_is_asked_for_exists() -> None:
    patterns = set(asked_for())
    assert len(patterns) > 25
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, kind) for kind in replies())] == []


def test_every_small_reply_is_asked_for_somewhere() -> None:
    patterns = set(asked_for())
    assert [kind for kind in replies() if not any(re.fullmatch(pattern, kind) for pattern in patterns)] == []


def test_what_is_put_together_exists_for_every_part() -> None:
    for kind in (*(f"floor {floor}" for floor in FLOORS), "no math", "no code"):
        assert replies()[kind]


def test_every_reply_says_something() -> None:
    assert [kind for kind, told in replies().items() if not told or not all(map(str.strip, told))] == []


def test_every_command_that_is_named_exists() -> None:
    said = [
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    said += [text for told in replies().values() for text in told]
    commands = {found for text in said for found in re.findall(r"(?:^|`)/([a-z]+)", text)}
    assert {"show", "sentence", "lesson", "numbers", "auto", "quiz"} <= commands
    assert [name for name in commands if find_command(name) is None] == []


def test_every_question_that_a_narration_offers_is_one_that_a_node_answers(library: Library) -> None:
    known = {text for node in library.nodes.values() for text in node.wordings}
    offered = {
        text for narration in library.narrations.values() for text in narration.next if not text.startswith("`/")
    }
    assert offered - known == set()
