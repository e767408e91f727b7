"""How many translations a French reader would accept: `python -m benchmarks.review [--data FOLDER]`.

`translations.tsv` beside this file holds 200 English sentences written for this purpose, what the bundled translator
made of each (greedy), and a verdict: `accept` where the French has the right meaning, no mistake of grammar and sounds
natural enough; otherwise `reject` with the main reason. It was one strict reading, not confirmed by a native speaker.
Every sentence is translated again. A verdict belongs to the French that was read: where that has changed, it is not
counted, and the sentence needs a new look.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.checkpoint import BUNDLED, load_checkpoint
from model.evaluation import LENGTHS, translate_all
from model.tokenizer import normalise

JUDGED = Path(__file__).with_name("translations.tsv")


@dataclass(frozen=True)
class Judged:
    """A translation and what a French reader said about it."""

    english: str
    french: str
    verdict: str
    reason: str
    """Empty where accepted."""

    @property
    def accepted(self) -> bool:
        return self.verdict == "accept"


def read_judged(path: Path = JUDGED) -> list[Judged]:
    """The rows of the file. Raises `ValueError` naming a row without a verdict, or without a reason to reject."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [Judged(**row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]
    for line, row in enumerate(rows, start=2):
        if row.verdict not in ("accept", "reject") or row.accepted == bool(row.reason):
            raise ValueError(f"{path}:{line}: wants accept and no reason, or reject and one; got {row}")
    return rows


def same_words(text: str) -> str:
    """What two sentences share that differ in capitals, punctuation and spaces only."""
    return " ".join(re.sub(r"[\W_]+", " ", normalise(text).replace("'", "")).lower().split())


def in_the_data(rows: Sequence[Judged], folder: Path) -> list[str]:
    """The sentences whose words are an English side of `eng-fra.tsv.gz`."""
    with gzip.open(folder / "eng-fra.tsv.gz", "rt", encoding="utf-8") as lines:
        known = {same_words(line.split("\t")[0]) for line in lines}
    return [row.english for row in rows if same_words(row.english) in known]


def print_table(rows: Sequence[Judged], changed: Sequence[Judged]) -> None:
    """Accepted of all, by number of English words, and why the others were not."""
    print(f"{'words':>8}{'sentences':>12}{'accepted':>12}{'share':>8}{'changed':>10}")
    buckets = {f"{low}-{high}" if high < 999 else f"{low}+": (low, high) for low, high in LENGTHS}
    for name, (low, high) in (buckets | {"all": (1, 999)}).items():
        chosen = [row for row in rows if low <= len(row.english.split()) <= high]
        anew = sum(row in changed for row in chosen)
        accepted = sum(row.accepted and row not in changed for row in chosen)
        print(f"{name:>8}{len(chosen):12}{accepted:12}{accepted / max(1, len(chosen)):8.0%}{anew:10}")
    print("\nrejected for")
    for reason, count in Counter(row.reason for row in rows if row.reason and row not in changed).most_common():
        print(f"{count:8}  {reason}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.review", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of eng-fra.tsv.gz: check that no sentence is in it")
    parser.add_argument("--write", action="store_true", help="put the count into the translator's description")
    options = parser.parse_args(arguments)
    rows = read_judged()
    translator = load_checkpoint("translator")
    now = translate_all(translator.model, translator.tokenizer, [row.english for row in rows])
    changed = {row: french for row, french in zip(rows, now, strict=True) if french != row.french}
    for row, french in changed.items():
        print(f"changed since it was judged: {row.english}\n    was: {row.french} ({row.verdict})\n    now: {french}")
    print_table(rows, list(changed))
    if options.write:
        path = BUNDLED / "translator" / "config.json"
        held = json.loads(path.read_text("utf-8"))
        held["about"]["own_sentences"] = len(rows)
        held["about"]["own_sentences_accepted"] = sum(row.accepted and row not in changed for row in rows)
        path.write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if options.data:
        found = in_the_data(rows, options.data)
        print(f"\nin the data: {len(found)} of {len(rows)}")
        if found:
            sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
