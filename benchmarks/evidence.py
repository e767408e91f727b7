"""On how many of thirty sentences each node's evidence proves its claim: `python -m benchmarks.evidence [--write]`.

Prints one line for each node with evidence; `--write` puts the table into `docs/evidence.md`. Where the claim does
not hold on a learner's sentence, the answer shows it on the node's own sentence, named as such, or leaves it out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model.errors import ModelError
from tutor.curriculum.loader import load_library
from tutor.curriculum.tree import Node
from tutor.dialogue.runner import Runner, proves, told
from tutor.errors import TutorError
from tutor.start import open_models

PAGE = Path(__file__).parents[1] / "docs" / "evidence.md"
SENTENCES = (
    "I love you.",
    "The cat sleeps.",
    "Where is my key?",
    "She reads a book every evening.",
    "The old man saw the sea.",
    "My brother never eats fish.",
    "We will go to Paris tomorrow.",
    "The dog slept because it was tired.",
    "Nobody knows what happened to him.",
    "They bought a small house near the river.",
    "Do you want to come with us?",
    "The teacher gave the children some apples.",
    "It has been raining since last night.",
    "He said that he had lost his keys.",
    "The red car stopped in front of the school.",
    "I have never been to the mountains.",
    "Her sister works in a hospital in London.",
    "The minister promised to lower taxes.",
    "If it rains, we will stay at home.",
    "The woman who lives next door plays the piano.",
    "Please close the window before you leave.",
    "His answer surprised everybody in the room.",
    "The train was late, so we missed the meeting.",
    "Children learn languages faster than adults do.",
    "I gave my friend the book that you had given me.",
    "The bank near the river was closed on Monday.",
    "A strange noise woke the baby in the middle of the night.",
    "Scientists have found a new planet far away from the sun.",
    "My grandmother used to tell us strange stories when we were young.",
    "The letters that she gets from her friends are never read by her sister.",
)


@dataclass(frozen=True)
class Held:
    """How often a node's evidence holds."""

    node: Node
    times: int
    on_its_own: bool | None
    """Whether it holds on the node's own sentence; None where it has none."""


def measure() -> Iterator[Held]:
    """Every node with evidence, on every sentence."""
    library = load_library()
    runner = Runner(library, open_models())
    for node in library.nodes.values():
        if not node.evidence:
            continue
        times = sum(_holds(runner, node, sentence) for sentence in SENTENCES)
        own = _holds(runner, node, node.evidence.sentence) if node.evidence.sentence else None
        yield Held(node, times, own)


def _holds(runner: Runner, node: Node, sentence: str) -> bool:
    assert node.evidence is not None
    try:
        run = runner.run(node.evidence.show, sentence)
        return bool(proves(node.evidence, run) and told(node.evidence, run))
    except (TutorError, ModelError):
        return False


def main() -> None:
    """Measure, print, and write where asked to."""
    rows = ["| node | run | claim | holds on | its own sentence |", "|---|---|---|---|---|"]
    for held in measure():
        evidence = held.node.evidence
        assert evidence is not None
        own = "–" if held.on_its_own is None else evidence.sentence if held.on_its_own else "does not hold"
        row = f"| {held.node.id} | {evidence.show.experiment} | {evidence.claim} | {held.times} of 30 | {own} |"
        print(row, flush=True)
        rows.append(row)
    if "--write" in sys.argv[1:]:
        source = "Printed by `python -m benchmarks.evidence --write`, on the thirty sentences in it."
        head = f"# What proves what\n\n{source}\n\n"
        PAGE.write_text(head + "\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
