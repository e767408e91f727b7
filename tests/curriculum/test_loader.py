"""What YAML would swallow in silence is refused by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tutor.curriculum.loader import lessons_root, load_library
from tutor.errors import AuthorError

GOOD = """\
concept: scaling
title: Scaling
names: [scaling]
nodes:
  - id: scaling.what
    facet: what
    ask: "What is scaling?"
    say: ["It divides."]
    next: [scaling.what]
"""


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
    assert library.node_for("scaling", "what") is node


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "title: Again\n", "lessons/concepts/attention/scaling.yaml:10: 'title' stands here twice"),
        (GOOD.replace("title: Scaling", "title: no"), ":2: YAML reads this title as False; put it in quotes"),
        (GOOD.replace("title: Scaling", "titel: Scaling"), ":2: unknown key 'titel'; did you mean 'title'?"),
        (GOOD.replace("facet: what", "facet: whta"), ":6: unknown facet 'whta'; one of what, why"),
        (GOOD.replace('    say: ["It divides."]\n', ""), ":5: 'say' is missing"),
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


def test_relations_are_found_from_both_ends() -> None:
    library = load_library()
    one = library.node_for("attention", "relation", "backpropagation")
    assert one is not None and one is library.node_for("backpropagation", "relation", "attention")


def test_lessons_are_found_from_any_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (lessons_root() / "concepts").is_dir()


def test_every_concept_id_of_the_tutor_has_a_file_with_what_why_and_how() -> None:
    library = load_library()
    assert len(library.concepts) >= 49
    for concept in library.concepts:
        for facet in ("what", "why", "how"):
            assert library.node_for(concept, facet), f"{concept}.{facet}"
