"""A rare word that a node has and others lack finds it, whatever an encoder makes of the turn."""

from __future__ import annotations

import math

from stand_ins import node

from tutor.understanding.lexical import LENGTH, SATURATION, Lexical

NODES = (
    node("clipping.what", ask="What is clipping?", say=("Clipping shortens a gradient.",)),
    node("gradient.what", ask="What is a gradient?", say=("A gradient is a slope.", "Each gradient has a length.")),
    node("slope.what", ask="What is a slope?", say=("A slope is rise over run.",)),
)


def best(text: str) -> str:
    scores = Lexical(NODES).scores(text)
    return NODES[int(scores.argmax())].id


def test_the_rarer_word_decides() -> None:
    assert best("my gradient, after clipping?") == "clipping.what"
    assert best("the gradients are long") == "gradient.what"  # a plural shares its stem
    assert best("RISE over what") == "slope.what"


def test_the_best_has_one_and_who_shares_nothing_has_nothing() -> None:
    scores = Lexical(NODES).scores("clipping")
    assert scores.tolist() == [1.0, 0.0, 0.0]
    assert Lexical(NODES).scores("?? of a").tolist() == [0.0, 0.0, 0.0]


def test_it_is_the_published_formula() -> None:
    """Okapi BM25, worked out for one word in two texts."""
    two = (node("a.what", ask="Cats?", say=("cats cats dogs",)), node("b.what", ask="Dogs?", say=("cats",)))
    counts = []
    for one in two:
        words = " ".join((one.ask, one.ask, one.line, *one.say)).casefold().replace("?", " ").replace(".", " ").split()
        counts.append([word[:7] for word in words if len(word) >= 3])
    usual = sum(map(len, counts)) / 2
    rare = math.log(1 + (2 - 2 + 0.5) / (2 + 0.5))
    wanted = []
    for words in counts:
        times = words.count("cats")
        spread = SATURATION * (1 - LENGTH + LENGTH * len(words) / usual)
        wanted.append(rare * times * (SATURATION + 1) / (times + spread))
    found = Lexical(two).scores("cats")
    assert math.isclose(float(found[1] / found[0]), wanted[1] / wanted[0], rel_tol=1e-5)
