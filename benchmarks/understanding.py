"""The table of bars for a file of labelled questions: `python -m benchmarks.understanding FILE [--misses]`."""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from tutor.understanding.reader import Reader
from tutor.understanding.types import Context, Understood


@dataclass(frozen=True)
class Outcome:
    """One labelled item and what was understood."""

    item: dict[str, Any]
    got: Understood

    @property
    def in_scope(self) -> bool:
        return bool(self.item["act"] == "question")

    @property
    def act_right(self) -> bool:
        return bool(self.got.act == self.item["act"])

    def concept_right(self, first: int = 1) -> bool:
        """Any acceptable concept among the first ones."""
        return bool(set(self.got.concepts[:first]) & set(self.item["any_of"]))

    @property
    def facet_right(self) -> bool:
        return bool(self.got.facet in self.item["facets"])

    @property
    def right(self) -> bool:
        """Act, main concept and facet as labelled, where there is a label."""
        concepts = not self.item["any_of"] or self.concept_right()
        facet = self.item["act"] != "question" or not self.item["facets"] or self.facet_right
        return self.act_right and concepts and facet


def after(context: Context, understood: Understood) -> Context:
    """The context that a conversation would have after this turn was answered."""
    if understood.act in ("question", "example_request", "simpler", "deeper") and understood.concepts:
        both = understood.facet in ("compare", "relation")
        concepts = understood.concepts[: 2 if both else 1]
        main = concepts[0]
        return replace(
            context,
            concepts=concepts,
            facet=understood.facet or context.facet,
            node=f"{main}.{understood.facet or 'what'}",
            offered=(f"Why {main}?", f"How {main}?"),
            offered_nodes=(f"{main}.why", f"{main}.how"),
            history=(*context.history, context.concepts) if context.concepts else context.history,
        )
    return context


def answer(reader: Reader, turns: Sequence[str]) -> Understood:
    """Read the turns of one conversation; the last one's reading."""
    context = Context()
    understood = Understood(act="")
    for turn in turns:
        understood = reader.read(turn, context)
        if understood.sentence:
            context = replace(context, sentence=understood.sentence)
        context = after(context, understood)
    return understood


def outcomes(reader: Reader, items: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Every item of a file, read."""
    return [Outcome(item, answer(reader, item["turns"])) for item in items]


def table(found: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """Bar -> (right, of)."""

    def count(values: list[bool]) -> tuple[int, int]:
        return sum(values), len(values)

    asked = [o for o in found if o.in_scope]
    foreign = [o for o in found if o.item["act"] == "out_of_scope"]
    bars = {
        "main concept first": count([o.concept_right(1) and o.got.act != "out_of_scope" for o in asked]),
        "main concept in three": count([o.concept_right(3) and o.got.act != "out_of_scope" for o in asked]),
        "paraphrases": count([o.concept_right(1) for o in asked if o.item["style"] == "paraphrase"]),
        "facet": count([o.facet_right for o in asked if o.item["facets"]]),
        "follow-ups": count([o.right for o in found if o.item["style"] == "followup"]),
        "follow-ups, concept and act": count(
            [
                o.act_right and (not o.item["any_of"] or o.concept_right())
                for o in found
                if o.item["style"] == "followup"
            ]
        ),
        "both concepts": count([set(o.item["all_of"]) <= set(o.got.concepts[:2]) for o in asked if o.item["all_of"]]),
        "out of scope caught": count([o.act_right for o in foreign]),
        "in scope not refused": count([o.got.act != "out_of_scope" for o in found if o.item["act"] != "out_of_scope"]),
        "act": count([o.act_right for o in found]),
    }
    styles: defaultdict[str, list[bool]] = defaultdict(list)
    for o in asked:
        styles[o.item["style"]].append(o.concept_right(1))
    return bars | {f"  concept, {style}": count(values) for style, values in sorted(styles.items())}


def load(path: Path, half: str = "") -> list[dict[str, Any]]:
    """The labelled items, all or every second one."""
    items: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return items[1::2] if half == "even" else items[::2] if half == "odd" else items


def library() -> Any:
    """The bundled lessons where they load; none otherwise."""
    from tutor.curriculum.loader import load_library

    return load_library()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--half", choices=("odd", "even"), default="")
    parser.add_argument("--misses", action="store_true", help="print what was misread")
    parser.add_argument("--bare", action="store_true", help="without the lessons, from the lexicon alone")
    options = parser.parse_args()
    lessons = None if options.bare else library()
    started = time.perf_counter()
    reader = Reader(lessons)
    loaded = time.perf_counter() - started
    items = load(options.path, options.half)
    times = []
    found = []
    for item in items:
        started = time.perf_counter()
        found.append(Outcome(item, answer(reader, item["turns"])))
        times.append((time.perf_counter() - started) / len(item["turns"]))
    times.sort()
    for bar, (right, of) in table(found).items():
        print(f"{bar:32} {right:4}/{of:<4} {right / of if of else 0:7.1%}")
    print(
        f"load {loaded * 1000:.0f} ms, turn p50 {times[len(times) // 2] * 1000:.1f} ms, "
        f"p95 {times[int(len(times) * 0.95)] * 1000:.1f} ms"
    )
    if options.misses:
        for outcome in found:
            if not outcome.right:
                item, got = outcome.item, outcome.got
                print(f"{item['id']} [{item['style']}] {' || '.join(item['turns'])[-150:]}")
                print(f"    want {item['act']} {item['any_of']} {item['facets']}")
                print(
                    f"    got  {got.act} {list(got.concepts[:4])} {got.facet} "
                    f"{[c.words + '>' + c.speaks_for for c in got.clues][:4]}"
                )


if __name__ == "__main__":
    main()
