"""A picture inside an answer keeps to the point: how tall it is on real sentences."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from rich.cells import cell_len

from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.views import render, to_text

TALLEST = {80: 8, 40: 10}
"""Lines, by width."""
SENTENCES = [
    "She sings well.",
    "The cat that I found in the garden was hungry.",
    "My little sister reads her old letters in the kitchen while our grandmother is sleeping in the next room tonight.",
    "Why?",
]
NEWS = (
    "The government said on Tuesday that it would not raise taxes before the next election, although several ministers "
    "had warned that the cost of the new railway between the two largest cities was already far higher than anyone "
    "had expected."
)


@functools.cache
def result_of(models: Models, name: str, sentence: str) -> Any:
    """Each experiment is run once for all widths; long work is made short."""
    return registry.run(name, models, sentence, {"steps": 2} if name == "learn-sentence" else None).result


def brief(models: Models, name: str, sentence: str, width: int) -> list[str]:
    return to_text(render(result_of(models, name, sentence), width=width, brief=True), width).split("\n")


@pytest.mark.parametrize("width", TALLEST)
@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", registry.NAMES)
def test_a_brief_page_is_short_and_cuts_nothing_off_at_its_edge(
    models: Models, name: str, sentence: str, width: int
) -> None:
    lines = brief(models, name, sentence, width)
    assert len(lines) <= TALLEST[width], "\n".join(lines)
    assert max(map(cell_len, lines)) <= width


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("attention", {"part": "decoder"}),
        ("attention", {"part": "cross"}),
        ("heads", {"part": "english"}),
        ("bottleneck", {"part": "looks"}),
        ("translate", {"beam": 3}),
        ("next-word", {"temperature": 2.0, "candidates": 12}),
    ],
)
def test_a_brief_page_of_another_part_is_short_as_well(models: Models, name: str, options: dict[str, Any]) -> None:
    result = registry.run(name, models, SENTENCES[1], options).result
    for width, tallest in TALLEST.items():
        lines = to_text(render(result, width=width, brief=True), width).split("\n")
        assert len(lines) <= tallest, "\n".join(lines)


@pytest.mark.parametrize("name", registry.NAMES)
def test_a_brief_page_of_a_long_sentence_is_no_taller(models: Models, name: str) -> None:
    assert len(brief(models, name, NEWS, 80)) <= TALLEST[80]


def test_the_maps_of_all_heads_of_a_long_sentence_stay_within_two_screens(models: Models) -> None:
    result = registry.run("heads", models, NEWS).result
    lines = to_text(render(result, width=80), 80).split("\n")
    assert sum(set(line.strip()) <= set("·░▒▓█ ") and bool(line.strip()) for line in lines) <= 40
