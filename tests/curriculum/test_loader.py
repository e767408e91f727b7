"""What YAML would swallow in silence is refused by file and line."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tutor.curriculum.loader import lessons_root, load_library
from tutor.curriculum.tree import Analogy, Evidence, Library, Show
from tutor.errors import AuthorError

GOOD = """\
concept: scaling
title: Scaling
names: [scaling]
nodes:
  - id: scaling.what
    facet: what
    ask: "What is scaling?"
    line: "It divides scores."
    say: ["It divides."]
    next: [scaling.what]
"""
WHOLE = (
    GOOD
    + """\
  - id: scaling.compare.softmax
    facet: compare
    other: softmax
    ask: "Scaling or softmax?"
    asked: ["what tells scaling from softmax", "Scaling or softmax?"]
    line: "One divides, one shares out."
    say: ["One.", "Two."]
    simpler: "Plainly."
    analogy: [{say: "A knob.", breaks: "No ear."}, {say: "An exam.", breaks: "No marks."}]
    math: ["s/√d"]
    code: "print(1)"
    evidence: {run: scaling, options: {layer: 2}, claim: So., when: "layer > 1", say: "In {layer}.", sentence: Hi.}
    floor: found by trying
    next: [scaling.what]
"""
)


def write(root: Path, text: str) -> Path:
    folder = root / "lessons" / "concepts" / "attention"
    folder.mkdir(parents=True)
    (folder / "scaling.yaml").write_text(text, "utf-8")
    return root / "lessons"


def test_a_concept_is_read_with_its_places(tmp_path: Path) -> None:
    library = load_library(write(tmp_path, GOOD))
    node = library.nodes["scaling.what"]
    assert node.where == "lessons/concepts/attention/scaling.yaml:5"
    assert (node.concept, node.facet, node.say) == ("scaling", "what", ("It divides.",))
    assert (node.line, node.evidence, node.analogies, node.below, node.floor) == (
        "It divides scores.",
        None,
        (),
        "",
        "",
    )


def test_everything_that_a_node_can_hold_is_read(tmp_path: Path) -> None:
    node = load_library(write(tmp_path, WHOLE)).nodes["scaling.compare.softmax"]
    assert (node.concept, node.other, node.simpler, node.code) == ("scaling", "softmax", "Plainly.", "print(1)")
    assert node.say == ("One.", "Two.") and node.math == ("s/√d",) and node.floor == "found by trying"
    assert node.analogies == (Analogy("A knob.", "No ear."), Analogy("An exam.", "No marks."))
    assert node.evidence == Evidence(Show("scaling", {"layer": 2}), "So.", "layer > 1", "In {layer}.", "Hi.")
    assert node.wordings == ("Scaling or softmax?", "what tells scaling from softmax")


def test_one_analogy_needs_no_list(tmp_path: Path) -> None:
    library = load_library(write(tmp_path, GOOD + '    analogy: {say: "A knob.", breaks: "No ear."}\n'))
    assert library.nodes["scaling.what"].analogies == (Analogy("A knob.", "No ear."),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "title: Again\n", "lessons/concepts/attention/scaling.yaml:11: 'title' stands here twice"),
        (GOOD.replace("title: Scaling", "title: no"), ":2: YAML reads this title as False; put it in quotes"),
        (GOOD.replace("title: Scaling", "titel: Scaling"), ":2: unknown key 'titel'; did you mean 'title'?"),
        (GOOD.replace("facet: what", "facet: whta"), ":6: unknown facet 'whta'; one of what, why"),
        (GOOD.replace('    say: ["It divides."]\n', ""), ":5: 'say' is missing"),
        (GOOD.replace('    line: "It divides scores."\n', ""), ":5: 'line' is missing"),
        (GOOD + "    floor: because\n", ":11: unknown floor 'because'; one of definition, theorem"),
        (GOOD + "    simpler: yes\n", ":11: YAML reads this simpler as True; put it in quotes"),
        (GOOD + '    analogy: {say: "A knob."}\n', ":11: 'breaks' is missing"),
        (GOOD + "    evidence: {run: scaling}\n", ":11: 'claim' is missing"),
        (GOOD.replace("names: [scaling]", "names: [scaling"), "scaling.yaml:4: "),
        ("- just a list\n", "scaling.yaml:1: a lesson file begins with a key"),
        ("", "scaling.yaml:1: a lesson file begins with a key"),
        (GOOD + "\x00", "scaling.yaml:1: "),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AuthorError) as caught:
        load_library(write(tmp_path, text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_broken_file_can_be_left_out_without_losing_the_others(tmp_path: Path) -> None:
    root = write(tmp_path, GOOD)
    (root / "concepts" / "attention" / "broken.yaml").write_text("nodes: [", "utf-8")
    complaints: list[AuthorError] = []
    library = load_library(root, complain=complaints.append)
    assert set(library.concepts) == {"scaling"}
    assert len(complaints) == 1 and "broken.yaml:" in str(complaints[0])


def test_lessons_are_found_from_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (lessons_root() / "concepts").is_dir()


def test_every_concept_tells_what_it_is_why_and_how(library: Library) -> None:
    assert len(library.concepts) >= 80 and len(library.nodes) >= 1300
    facets = {concept: {node.facet for node in held.nodes} for concept, held in library.concepts.items()}
    assert {
        concept: {"what", "why", "how"} - own for concept, own in facets.items() if not {"what", "why", "how"} <= own
    } == {}


def test_the_wordings_are_those_of_nodes_and_of_marks_each_once(library: Library) -> None:
    wordings = library.wordings()
    assert len(set(wordings)) == len(wordings)
    assert {node.ask for node in library.nodes.values()} <= set(wordings)
    assert {mark.of for narration in library.narrations.values() for mark in narration.legend} <= set(wordings)


def test_a_small_reply_is_read_by_its_occasion(tmp_path: Path) -> None:
    folder = tmp_path / "lessons" / "replies"
    folder.mkdir(parents=True)
    (folder / "talk.yaml").write_text('greet: ["Hello.", "Again."]\n')
    assert load_library(tmp_path / "lessons").replies == {"greet": ("Hello.", "Again.")}


def entries_within_entries() -> str:
    """Nine aliases a line, six lines: half a million entries out of 300 characters."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise("abcdef")]
    return "\n".join([*lines, "title: *f", ""])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entries_within_entries(), r"more than 50,000 entries, aliases counted; divide it$"),
        ("a: &a [*a]\n", r"scaling.yaml:1: more than 30 levels deep; check brackets and aliases$"),
        ("a: " + "[" * 100_000, r"maximum nesting depth|levels deep|go too deep"),
        ("title: !!int abc\n", r"scaling.yaml:1: 'abc' is no int; put it in quotes$"),
        ("title: !!binary YWJj\n", r"scaling.yaml:1: '!!binary' means nothing here; leave the tag out$"),
        ("# " + "x" * 1_000_000 + "\n", r"has 1,000,003 bytes and may have 1,000,000; divide it$"),
    ],
)
def test_a_file_beyond_all_measure_is_refused_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AuthorError, match=said):
        load_library(write(tmp_path, text))


@pytest.mark.parametrize("make", [lambda path: os.mkfifo(path), lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_ordinary_file_is_not_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    root = write(tmp_path, GOOD)
    make(root / "concepts" / "attention" / "pipe.yaml")
    with pytest.raises(AuthorError, match=r"pipe.yaml: is no ordinary file; remove it or give it another ending$"):
        load_library(root)


def test_what_looks_like_a_date_is_words(tmp_path: Path) -> None:
    library = load_library(write(tmp_path, GOOD.replace("title: Scaling", "title: 2024-02-30")))
    assert library.concepts["scaling"].title == "2024-02-30"
