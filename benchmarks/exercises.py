"""Whether the answers of generated exercises are right: `python -m benchmarks.exercises [SENTENCES]`.

Each kind of exercise is set on five hundred sentences and solved once more from the weights on disk, by NumPy alone
(`benchmarks.plain_numpy`): translation, vectors, scores, shares, slopes. What the learner is told (which word, which
head) is taken from the screen; the answer never is. The solver's number is then typed in, and must be accepted.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import numpy as np

from benchmarks.persons import wanted
from benchmarks.plain_numpy import END, START, Head, PlainTransformer
from model.checkpoint import BUNDLED
from tutor.curriculum.bench import Bench
from tutor.curriculum.course import load_course
from tutor.curriculum.engine import Session
from tutor.curriculum.practice import suits
from tutor.curriculum.state import State
from tutor.experiments import registry
from tutor.experiments.models import Models

COUNT = 500
NEAR = 1e-4
"""What float32 and float64 may differ by, in the units of the answer."""
WHO = ("old man", "small girl", "teacher", "black dog", "farmer", "young doctor", "boy", "queen", "baker", "student")
DOES = ("sees", "knows", "forgets", "likes", "finds", "wants", "follows", "loses")
WHAT = ("letter", "red house", "bread", "new car", "little bird", "water", "long book", "cup of tea", "garden")
WHERE = ("", " today", " in the city", " near the river", " because it is late", " every morning", " at night")


def sentences(count: int) -> list[str]:
    """Different plain sentences, always the same ones."""
    every = list(itertools.product(WHO, DOES, WHAT, WHERE))
    Random(0).shuffle(every)
    return [f"The {who} {does} the {what}{where}." for who, does, what, where in every[:count]]


class Solver:
    """One sentence, worked out from the weights on disk."""

    def __init__(self, plain: PlainTransformer, english: PlainTransformer, models: Models, sentence: str) -> None:
        self.plain, self.english, self.models = plain, english, models
        self.source = list(models.source_ids(sentence))  # where words are cut is no part of an exercise
        self.encoder = plain.run("encoder", self.source)
        self.target = plain.greedy(self.source)
        self.decoder = plain.run("decoder", [START, *self.target[:-1]], self.encoder.output)
        told = plain.log_probabilities(self.decoder.output)
        self.costs = -told[np.arange(len(self.target)), self.target]

    def head(self, fields: Mapping[str, Any]) -> tuple[Head, int, int, int]:
        """The layer that the screen names, and which head, query and key."""
        kept = (self.decoder if fields["part"] == "decoder" else self.encoder).heads[fields["layer"] - 1]
        number, query = fields["head"] - 1, fields["query_position"]
        return kept, number, query, int(kept.weights[number, query].argmax())

    def weight(self, fields: Mapping[str, Any]) -> float:
        kept, head, query, key = self.head(fields)
        return float(kept.weights[head, query, key])

    def score(self, fields: Mapping[str, Any], rank: int = 0) -> float:
        """The scaled score of the key that is looked at most, or of one by its rank among the scores."""
        kept, head, query, key = self.head(fields)
        row = kept.scores[head, query]
        return float(np.sort(row)[-rank] if rank else row[key])

    def product(self, fields: Mapping[str, Any]) -> float:
        """The largest product of query and key."""
        kept, head, query, key = self.head(fields)
        return float((kept.query[head, query] * kept.key[head, key]).max())

    def part(self, fields: Mapping[str, Any]) -> float:
        """The share of the value where it is largest."""
        kept, head, _, key = self.head(fields)
        return self.weight(fields) * float(kept.value[head, key].max())

    def doubled(self, fields: Mapping[str, Any]) -> float:
        """The second part beside the largest, with all differences of scores doubled."""
        kept, head, query, _ = self.head(fields)
        row = np.sort(kept.scores[head, query])
        return float(math.exp(2 * (row[-2] - row[-1])))

    def moved(self, fields: Mapping[str, Any]) -> float:
        first, second = self.plain.signal(3)[1:, 0]
        return float(second - first)

    def grown(self, fields: Mapping[str, Any]) -> float:
        lengths = [float(np.linalg.norm(x, axis=-1).mean()) for x in self.encoder.stream]
        return lengths[-1] / lengths[0]

    def slope(self, fields: Mapping[str, Any]) -> float:
        return 6 * (math.exp(-self.costs.max()) - 1)

    def next_token(self, fields: Mapping[str, Any], temperature: float = 1.0) -> list[float]:
        """What the English model gives to every token next, largest first."""
        ids = [START, *self.models.text_ids(fields["text"])]
        told = self.english.log_probabilities(self.english.run("decoder", ids).output)[-1] / temperature
        parts = np.exp(told - told.max())
        return [float(one) for one in np.sort(parts / parts.sum())[::-1][:2]]

    def ratio(self, fields: Mapping[str, Any]) -> float:
        first, second = self.next_token(fields, temperature=2)
        return first / second

    def row(self, fields: Mapping[str, Any]) -> float:
        return 2 * float(self.english.embedding[fields["id"]].max())

    def looks(self, fields: Mapping[str, Any]) -> float:
        """All attention weights of one pass, counted one by one where they stand."""
        s, t, sizes = len(self.source), len(self.target), self.plain.sizes
        inside = sum(head.weights.size for head in (*self.encoder.heads, *self.decoder.heads))
        return inside + sizes["heads"] * sizes["decoder_layers"] * s * t


Solved = Callable[[Solver, Mapping[str, Any]], float | tuple[int, ...]]
KINDS: Mapping[tuple[str, str], Solved] = {
    ("words-into-numbers", "pick"): Solver.row,
    ("words-into-numbers", "size"): lambda s, f: s.encoder.stream[0].size,
    ("guess-the-next-word", "share"): lambda s, f: s.next_token(f)[1],
    ("guess-the-next-word", "root"): Solver.ratio,
    ("attention-by-hand", "product"): Solver.product,
    ("attention-by-hand", "scale"): Solver.score,
    ("attention-by-hand", "again"): lambda s, f: s.score(f, rank=2),
    ("attention-by-hand", "softmax"): Solver.weight,
    ("attention-by-hand", "mix"): Solver.part,
    ("why-scale-why-softmax", "double"): Solver.doubled,
    ("why-scale-why-softmax", "slope"): lambda s, f: s.weight(f) * (1 - s.weight(f)),
    ("many-heads", "width"): lambda s, f: s.encoder.heads[0].query.shape[1:],
    ("where-order-comes-from", "swap"): Solver.moved,
    ("where-order-comes-from", "allowed"): lambda s, f: int((s.head(f)[0].weights[0, s.head(f)[2]] > 0).sum()),
    ("where-order-comes-from", "share"): Solver.weight,
    ("the-encoder", "links"): lambda s, f: s.encoder.heads[0].weights[0].size,
    ("the-decoder", "chain"): lambda s, f: math.exp(-np.sort(s.costs)[-2:].sum()),
    ("the-decoder", "table"): lambda s, f: len(s.target) * len(s.source),
    ("the-whole-transformer", "longer"): Solver.grown,
    ("the-whole-transformer", "hidden"): lambda s, f: len([one for one in s.source if one != END]),
    ("errors-flow-back", "quarter"): lambda s, f: float(s.costs.max()) + math.log(4),
    ("errors-flow-back", "chain"): Solver.slope,
    ("learning", "move"): lambda s, f: 0.2 - 0.1 * s.slope(f),
    ("attention-and-backprop", "walk"): lambda s, f: len(s.source) - 1,
    ("attention-and-backprop", "arrives"): lambda s, f: 2 * s.weight(f),
    ("it-is-all-weights", "computed"): Solver.looks,
    ("it-is-all-weights", "matrix"): lambda s, f: s.plain.table["encoder.blocks.0.attention.w_query.weight"].size // 4,
}


def check(count: int) -> Iterator[tuple[str, str, int, int, float]]:
    """Lesson, step, exercises set, answers refused, and the largest difference, for each kind."""
    models = Models()
    plain, english = (PlainTransformer(BUNDLED / name) for name in ("translator", "next-word"))
    lessons = {lesson.id: lesson for lesson in load_course()}
    tally: dict[tuple[str, str], list[float]] = {kind: [0, 0, 0.0] for kind in KINDS}
    for sentence in sentences(count + count // 5):
        solver = Solver(plain, english, models, sentence)
        run = once(models)
        for (name, id), solve in KINDS.items():
            lesson = lessons[name]
            step = next(one for one in lesson.walk() if one.id == id)
            held = tally[name, id]
            if held[0] == count or not suits(lesson, step, sentence, run):
                continue
            state = State(lesson.id, sentence, step.id)
            answer = solve(solver, Bench(lesson, run).fields(step, state))
            right = wanted(Session(lesson, state, run))
            typed = str(answer) if isinstance(answer, tuple) else repr(float(answer))
            held[0] += 1
            held[1] += not Session(lesson, state, run).answer(typed).correct
            held[2] = max(held[2], 0.0 if isinstance(answer, tuple) else abs(float(right) - float(answer)))
    for (name, id), (tried, refused, furthest) in tally.items():
        yield name, id, int(tried), int(refused), furthest


def once(models: Models) -> Callable[[str, str, Mapping[str, Any]], Any]:
    """Experiments on one sentence, each run once."""
    done: dict[tuple[str, str], Any] = {}

    def run(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
        key = (experiment, repr(sorted(options.items())))
        if key not in done:
            done[key] = registry.run(experiment, models, sentence, options).result
        return done[key]

    return run


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    failed = 0
    print(f"{'lesson':24}{'exercise':12}{'set':>6}{'refused':>9}{'largest difference':>21}")
    for name, id, tried, refused, furthest in check(count):
        failed += refused + (furthest > NEAR) + (tried < count)
        print(f"{name:24}{id:12}{tried:>6}{refused:>9}{furthest:>21.1e}")
    print("They agree." if not failed else "They do not agree: an answer refused, too far off, or too few set.")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
