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
nodes:
"""
WHAT = """\
  - id: scaling.what
    facet: what
    ask: "What is scaling?"
    asked: ["what does scaling do"]
    line: "It divides scores."
    say: ["It divides."]
    next: [scaling.what]
"""
WHY = """\
  - id: scaling.why
    facet: why
    ask: "Why scale?"
    asked: ["what is scaling for"]
    line: "Softmax would saturate."
    say: ["It would saturate."]
    floor: theorem
    next: [scaling.what]
"""
FILE = "lessons/concepts/attention/scaling.yaml"
TALK = """\
experiment: cost
title: Cost
ask: "What does it cost?"
narrate: [{otherwise: true, say: "{tokens} tokens."}]
legend: [{of: "row", means: "{tokens} tokens."}]
next: ["`/show cost`"]
"""


def problems(root: Path, text: str, name: str = "scaling.yaml") -> list[str]:
    folder = root / "lessons" / "concepts" / "attention"
    folder.mkdir(parents=True)
    (folder / name).write_text(text, "utf-8")
    return [str(problem) for problem in check(root / "lessons")]


def test_a_small_lesson_in_order_has_no_problem(tmp_path: Path) -> None:
    proved = '    evidence: {run: scaling, claim: ., when: layer > 0, say: "In layer {layer}.", options: {layer: 2}}\n'
    assert problems(tmp_path, HEAD + WHAT + proved + WHY) == []


def proof(run: str = "scaling", say: str = "In layer {layer}.", more: str = "") -> str:
    return HEAD + WHAT + f'    evidence: {{run: {run}, claim: "It does.", say: "{say}"{more}}}\n'


CASES = [
    ("L001", HEAD + WHAT.replace("facet", "faset"), 6, "unknown key 'faset'; did you mean 'facet'?"),
    ("L001", HEAD + WHAT + "    why_below: scaling.what\n", 12, "unknown key 'why_below'"),
    ("L001", HEAD + WHAT.replace('    line: "It divides scores."\n', ""), 5, "'line' is missing"),
    ("L001", HEAD + WHY.replace("theorem", "theory"), 11, "unknown floor 'theory'; one of definition, theorem"),
    ("L001", proof(more=", show: softmax"), 12, "unknown key 'show'"),
    ("L002", HEAD + WHAT + WHAT.replace("It divides.", "It halves."), 12, "id 'scaling.what' stands at"),
    ("L003", HEAD + WHAT + WHY.replace("id: scaling.why", "id: why"), 12, "begin it 'scaling.'"),
    ("L004", HEAD + WHAT.replace("[scaling.what]", "[scaling.waht]"), 5, "did you mean 'scaling.what'?"),
    ("L004", HEAD + WHAT + "    below: scaling.wyh\n" + WHY, 5, "did you mean 'scaling.why'?"),
    ("L005", HEAD + WHAT + WHY.replace("floor: theorem", "below: scaling.why"), 12, "comes back to it"),
    ("L006", HEAD + WHAT.replace("It divides.", "word " * 241), 5, "says 241 words; keep it to 240"),
    ("L007", HEAD + WHAT + WHY.replace("    floor: theorem\n", ""), 12, "add 'below:' or 'floor:'"),
    ("L008", HEAD + WHAT + WHY.replace("floor: theorem", "floor: theorem\n    below: scaling.what"), 12, "remove one"),
    ("L010", proof("scalling"), 5, "did you mean 'scaling'?"),
    ("L010", proof(more=", options: {laier: 1}"), 5, "did you mean 'layer'?"),
    ("L010", HEAD.replace("nodes:", "shows: [scalling]\nnodes:") + WHAT, 1, "did you mean 'scaling'?"),
    ("L011", proof(say="{heda}"), 5, "unknown field 'heda'; did you mean 'head'?"),
    ("L011", proof(say="{query_token:.2f}"), 5, "cannot be filled in"),
    ("L011", proof(more=', when: "laier > 1"'), 5, "unknown field 'laier'; did you mean 'layer'?"),
    ("L012", HEAD + WHAT.replace("It divides.", "In this model the loss is 0.53"), 5, "'0.53' stands in prose"),
    ("L012", HEAD + WHAT.replace("It divides scores.", "In this model it is 0.53."), 5, "'0.53' stands in prose"),
    (
        "L013",
        HEAD + WHAT + WHY.replace("Why scale?", "What is scaling?"),
        12,
        "asks for 'scaling.what' and 'scaling.why'",
    ),
    ("L013", HEAD + WHAT + WHY.replace("what is scaling for", "What does SCALING do"), 12, "keep it with one"),
    ("L014", HEAD + WHAT.replace("    next: [scaling.what]\n", ""), 5, "offers nothing to go on with"),
    ("L014", HEAD + WHAT.replace('    asked: ["what does scaling do"]\n', ""), 5, "lists no wording"),
    ("L014", HEAD + WHAT.replace("facet: what", "facet: code"), 5, "has no program"),
    ("L014", HEAD + WHAT + '    math: [""]\n', 5, "has an empty paragraph"),
    ("L015", HEAD + WHAT.replace("What is scaling?", "What is scaling, " * 5), 5, "keep it to 60"),
    ("L015", HEAD + WHAT.replace("It divides scores.", "word " * 26), 5, "'line' has 26 words; keep it to 25"),
    ("L017", HEAD + WHAT + WHY.replace("It would saturate.", "It divides!"), 12, "say it once"),
    ("L019", HEAD + WHAT + f'    code: "{"x" * 79}"\n', 5, "keep to 78"),
    (
        "L020",
        HEAD + WHAT + WHY.replace("facet: why", "facet: relation\n    other: nothing"),
        12,
        "no concept 'nothing'",
    ),
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
    (folder / "cost.yaml").write_text(TALK)
    found = [str(problem) for problem in check(tmp_path / "lessons")]
    assert any("'scaling' is not narrated" in problem and "L018" in problem for problem in found)
    assert not any("'cost'" in problem for problem in found)


@pytest.mark.parametrize(
    ("code", "was", "now", "message"),
    [
        ("L009", "otherwise: true", 'when: "tokens > 1"', "does not end in an otherwise-branch"),
        ("L009", "narrate: [", 'narrate: [{otherwise: true, say: "."}, ', "never reached"),
        ("L010", "experiment: cost", "experiment: csot", "did you mean 'cost'?"),
        ("L011", '"{tokens} tokens."}]\nlegend', '"{tokns}"}]\nlegend', "did you mean 'tokens'?"),
        ("L011", 'means: "{tokens}', 'means: "{tokns}', "did you mean 'tokens'?"),
        ("L014", 'legend: [{of: "row", means: "{tokens} tokens."}]\n', "", "its marks are not explained"),
        ("L014", 'next: ["`/show cost`"]\n', "", "nothing to try next"),
        ("L001", "title: Cost", "title: Cost\nintro: Counts.", "unknown key 'intro'"),
    ],
)
def test_a_narration_that_cannot_be_told_is_named(tmp_path: Path, code: str, was: str, now: str, message: str) -> None:
    folder = tmp_path / "lessons" / "experiments"
    folder.mkdir(parents=True)
    assert was in TALK
    (folder / "cost.yaml").write_text(TALK.replace(was, now))
    found = [str(one) for one in check(tmp_path / "lessons") if one.code == code]
    assert len(found) == 1 and found[0].startswith("lessons/experiments/cost.yaml:") and message in found[0]


def test_every_code_is_raised_by_some_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in CODES if f'"{code}"' not in tests and f": {code} " not in tests] == []


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
