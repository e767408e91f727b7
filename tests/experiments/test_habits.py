"""Which row of a map is pointed out where nobody named one."""

from __future__ import annotations

import pytest

from tutor.experiments.habits import repeats, telling_row

KEYS = ("the", "cat", "saw", "film", "tap…", ".")


def looking(**weights: float) -> list[float]:
    """A row that gives each named key its weight and the others nothing."""
    return [weights.get({"tap…": "tap", ".": "stop"}.get(key, key), 0.0) for key in KEYS]


@pytest.mark.parametrize(
    ("queries", "rows", "chosen"),
    [
        (("the", "cat"), [looking(cat=0.9), looking(saw=0.4)], "cat"),
        (("cat", "saw"), [looking(the=0.9), looking(cat=0.5)], "saw"),
        (("film", "saw"), [looking(film=0.9), looking(stop=0.4)], "saw"),
        (("tap…", "the"), [looking(cat=0.9), looking(cat=0.4)], "the"),
        (("cat", "saw"), [looking(saw=0.6), looking(cat=0.5)], "cat"),
        ((".", "film"), [looking(cat=0.9), looking(film=0.9)], "film"),
    ],
    ids=[
        "a content word goes before a function word",
        "a look at a content word before one at a function word",
        "even a mark before the same spelling",
        "a word before a piece",
        "the larger share among equals",
        "a word before a mark",
    ],
)
def test_what_is_pointed_out(queries: tuple[str, ...], rows: list[list[float]], chosen: str) -> None:
    assert queries[telling_row(rows, queries, KEYS)] == chosen


def test_a_repeat_points_at_what_followed_the_last_time() -> None:
    names = ("‹start›", "Tom", "Jack…", "…son", "met", "Tom", "Jack…", ".", "Tom", ".")
    ids = (1, 5, 6, 7, 8, 5, 6, 9, 5, 9)
    # The second "Jack…" looks for "…son", the third "Tom" for the second "Jack…"; a full stop is no word.
    assert repeats(ids, names) == [(5, 2), (6, 3), (8, 6)]


def test_what_was_followed_by_itself_tells_nothing() -> None:
    assert repeats((1, 5, 5, 5), ("‹start›", "very", "very", "very")) == []
