"""A picture inside an answer keeps to the point: how tall it is on real sentences."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.views import render, to_text

TALLEST = 11
SENTENCES = [
    "The cat that I found in the garden was hungry.",
    "My little sister reads her old letters in the kitchen.",
    "Why?",
]
NEWS = (
    "The government said on Tuesday that it would not raise taxes before the next election, although several ministers "
    "had warned that the cost of the new railway between the two largest cities was already far higher than anyone "
    "had expected."
)


def brief(models: Models, name: str, sentence: str, width: int) -> list[str]:
    return to_text(render(registry.run(name, models, sentence).result, width=width, brief=True), width).split("\n")


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", registry.NAMES)
def test_a_brief_page_of_ten_words_fits_eleven_lines(models: Models, name: str, sentence: str) -> None:
    lines = brief(models, name, sentence, 80)
    assert len(lines) <= TALLEST, "\n".join(lines)


@pytest.mark.parametrize("name", registry.NAMES)
def test_a_narrow_brief_page_cuts_nothing_off_at_its_edge(models: Models, name: str) -> None:
    lines = brief(models, name, SENTENCES[0], 40)
    assert max(map(cell_len, lines)) <= 40
    assert len(lines) <= 26, "\n".join(lines)


@pytest.mark.parametrize("name", ["attention", "heads", "cross-attention", "attention-steps", "softmax", "scaling"])
def test_a_brief_page_of_a_long_sentence_fits_a_small_terminal(models: Models, name: str) -> None:
    assert len(brief(models, name, NEWS, 80)) <= 24


def test_the_maps_of_all_heads_of_a_long_sentence_stay_within_two_screens(models: Models) -> None:
    result = registry.run("heads", models, NEWS).result
    lines = to_text(render(result, width=80), 80).split("\n")
    assert sum(set(line.strip()) <= set("·░▒▓█ ") and bool(line.strip()) for line in lines) <= 40
