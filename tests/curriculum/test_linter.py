"""Each code of the linter is raised by the smallest lesson that deserves it, and by no bundled one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tutor.curriculum.linter import check
from tutor.curriculum.loader import lessons_root
from tutor.curriculum.problem import CODES

HEAD = """\
concept: scaling
title: Scaling
names: [scaling]
asks:
  what: ["what is scaling"]
nodes:
"""
WHAT = """\
  - id: scaling.what
    facet: what
    ask: "What is scaling?"
    say: ["It divides."]
    next: [scaling.what]
"""
WHY = """\
  - id: scaling.why
    facet: why
    ask: "Why scale?"
    say: ["It would saturate."]
    floor: theorem
    next: [scaling.what]
"""
EXTRA = """\
  - id: scaling.why.more
    facet: why
    ask: "Why else?"
    say: ["Another reason."]
    floor: theorem
    next: [scaling.what]
"""
FILE = "lessons/concepts/attention/scaling.yaml"


def problems(root: Path, text: str, name: str = "scaling.yaml") -> list[str]:
    folder = root / "lessons" / "concepts" / "attention"
    folder.mkdir(parents=True)
    (folder / name).write_text(text, "utf-8")
    return [str(problem) for problem in check(root / "lessons")]


def test_a_small_lesson_in_order_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, HEAD + WHAT + WHY) == []


SHOWN = WHAT + "    show: scaling\n    narrate:\n"
CASES = [
    ("L001", HEAD + WHAT.replace("facet", "faset"), 8, "unknown key 'faset'; did you mean 'facet'?"),
    ("L002", HEAD + WHAT + WHAT.replace("It divides", "It halves"), 12, "id 'scaling.what' stands at"),
    ("L003", HEAD + WHAT + WHY.replace("id: scaling.why", "id: why"), 12, "begin it 'scaling.'"),
    ("L004", HEAD + WHAT.replace("[scaling.what]", "[scaling.waht]"), 7, "did you mean 'scaling.what'?"),
    ("L005", HEAD + WHAT + WHY.replace("floor: theorem", "why_below: scaling.why"), 12, "comes back to it"),
    ("L006", HEAD + WHAT + WHY + EXTRA, 18, "nothing leads to 'scaling.why.more'"),
    ("L007", HEAD + WHAT + WHY.replace("    floor: theorem\n", ""), 12, "add 'why_below:' or 'floor:'"),
    (
        "L008",
        HEAD + WHAT + WHY.replace("floor: theorem", "floor: theorem\n    why_below: scaling.what"),
        12,
        "remove one",
    ),
    ("L009", HEAD + SHOWN + '      - {when: "layer > 1", say: "High."}\n', 7, "does not end in an otherwise-branch"),
    ("L010", HEAD + WHAT + "    show: scalling\n", 7, "did you mean 'scaling'?"),
    ("L010", HEAD + WHAT + "    show: {experiment: scaling, options: {laier: 1}}\n", 7, "did you mean 'layer'?"),
    (
        "L011",
        HEAD + SHOWN + '      - {otherwise: true, say: "{heda}"}\n',
        7,
        "unknown field 'heda'; did you mean 'head'?",
    ),
    ("L011", HEAD + SHOWN + '      - {otherwise: true, say: "{query_token:.2f}"}\n', 7, "cannot be filled in"),
    ("L012", HEAD + WHAT.replace("It divides", "In this model the loss is 0.53"), 7, "'0.53' stands in prose"),
    (
        "L013",
        HEAD + WHAT + WHY.replace("Why scale?", "What is scaling?"),
        12,
        "asks for 'scaling.what' and 'scaling.why'",
    ),
    ("L014", HEAD + WHAT.replace("    next: [scaling.what]\n", ""), 7, "offers nothing to go on with"),
    ("L015", HEAD + WHAT.replace("What is scaling?", "What is scaling, " * 5), 7, "keep it to 60"),
    ("L017", HEAD + WHAT + WHY.replace("It would saturate.", "It divides."), 12, "say it once"),
    ("L001", HEAD + WHAT + '    narrate: [{otherwise: true, say: "So."}]\n', 12, "add 'show:'"),
    (
        "L009",
        HEAD + WHAT + '    show: cost\n    also: [{experiment: cost, narrate: [{when: "tokens > 1", say: "."}]}]\n',
        7,
        "end in",
    ),
    ("L019", HEAD + WHAT + "    also: [{experiment: cost}]\n", 7, "put the first run"),
    ("L020", HEAD + WHAT + WHY.replace("facet: why", "facet: relation\n    with: nothing"), 12, "no concept 'nothing'"),
]


@pytest.mark.parametrize(("code", "text", "line", "message"), CASES)
def test_the_problem_is_named_with_file_line_and_fix(
    tmp_path: Path, code: str, text: str, line: int, message: str
) -> None:
    found = [problem for problem in problems(tmp_path, text) if f": {code} " in problem]
    assert found, code
    assert found[0].startswith(f"{FILE}:{line}: ")
    assert message in found[0]


def test_a_file_named_otherwise_than_its_concept_is_named(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, HEAD + WHAT, name="scale.yaml")
    assert found == (
        "lessons/concepts/attention/scale.yaml:1: L016 concept 'scaling' is in a file called 'scale.yaml'; rename one"
    )


def test_an_experiment_without_narration_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "lessons" / "experiments"
    folder.mkdir(parents=True)
    (folder / "cost.yaml").write_text(
        'experiment: cost\ntitle: Cost\nintro: Counts.\nnarrate: [{otherwise: true, say: "{tokens}"}]\nnext: ["x"]\n'
    )
    found = [str(problem) for problem in check(tmp_path / "lessons")]
    assert any("'scaling' is not narrated" in problem and "L018" in problem for problem in found)
    assert not any("'cost'" in problem for problem in found)


def test_the_bundled_lessons_have_no_problem() -> None:
    assert [str(problem) for problem in check(lessons_root())] == []


def test_linting_loads_no_torch() -> None:
    code = (
        "import sys; from tutor.curriculum.linter import check; from tutor.curriculum.loader import lessons_root; "
        "check(lessons_root()); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_page_for_authors_lists_every_code() -> None:
    page = (Path(__file__).parents[2] / "docs" / "writing-lessons.md").read_text("utf-8")
    for code, meaning in CODES.items():
        assert f"| {code} | {meaning} |" in page
