"""What the reader gets right on hands that it never saw: node, act, run and slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from training.reader.data import Example
from tutor.curriculum.tree import Library
from tutor.understanding.intent import NO_RUN, Context
from tutor.understanding.reader import Reader


def report(library: Library, examples: Sequence[Example]) -> dict[str, object]:
    """Counts by kind, as 'right of all'."""
    reader = Reader(library)
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    confused: Counter[str] = Counter()
    for example in examples:
        intent = reader.read(example.text, Context(told=example.told))
        if example.node:
            kind = "node after an answer" if example.told else "node"
            near = [entry.id for entry in intent.nodes[:3]]
            total[kind] += 1
            right[kind] += near[:1] == [example.node]
            right[f"{kind} in three"] += example.node in near
            total[f"{kind} in three"] += 1
            right["concept"] += near[0].split(".")[0] == example.node.split(".")[0]
            total["concept"] += 1
        if example.act:
            total[f"act {example.act}"] += 1
            right[f"act {example.act}"] += intent.act == example.act
            total["act"] += 1
            right["act"] += intent.act == example.act
            if intent.act != example.act:
                confused[f"{example.act} read as {intent.act}"] += 1
        if example.run and example.run != NO_RUN:
            total["run"] += 1
            right["run"] += intent.runs[0].id == example.run
            wanted = {(kind, example.text[start:end]) for start, end, kind in example.slots or ()}
            found = {(slot.kind, slot.text) for slot in intent.slots}
            total["all slots"] += 1
            right["all slots"] += wanted == found
    return {
        "right": {kind: f"{right[kind]} of {total[kind]} ({right[kind] / total[kind]:.1%})" for kind in sorted(total)},
        "confused": dict(confused.most_common(12)),
    }
