"""What was understood of a turn, for `/understood`."""

from __future__ import annotations

from tutor.curriculum.tree import Library
from tutor.understanding.intent import Intent

SHOWN = 4


def understood_text(intent: Intent | None, library: Library) -> str:
    """The readings of a turn with their probabilities, in plain lines."""
    if intent is None:
        return "Nothing has been asked yet."
    lines = ["what it is      " + ", ".join(f"{e.id} {e.probability:.0%}" for e in intent.acts[:SHOWN])]
    if intent.wish != "none":
        lines.append(f"told            {intent.wish}")
    if intent.nodes:
        lines.append("which question:")
        lines += [
            f"  {entry.probability:4.0%}  {library.nodes[entry.id].ask}"
            for entry in intent.nodes[:SHOWN]
            if entry.id in library.nodes
        ]
        lines.append(f"  the likest wording of the first is {intent.likeness:.2f} like yours, where 1 is the same")
    if intent.act in ("request", "calculate"):
        lines.append("which run:      " + ", ".join(f"{e.id} {e.probability:.0%}" for e in intent.runs[:SHOWN]))
    if intent.slots:
        lines.append("words that fill a place: " + ", ".join(f"{slot.kind} “{slot.text}”" for slot in intent.slots))
    return "\n".join(lines)
