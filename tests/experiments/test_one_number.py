"""A number that a narration names is the number in the picture beside it."""

from __future__ import annotations

import re

import pytest

from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate_run
from tutor.experiments import registry
from tutor.experiments.models import Models
from tutor.views import render, to_text
from tutor.views.numbers import percent, tight_percent
from tutor.views.prose import plain

SENTENCES = [
    "My little sister reads her old letters in the kitchen.",
    "The cat that I found in the garden was hungry.",
    "The minister said that he would not raise taxes this year.",
    "She sings.",
]
POINTED_OUT = {
    "attention": "weight",
    "cross-attention": "sharpest_weight",
    "softmax": "weight",
    "attention-steps": "weight",
    "decoder-step": "probability",
    "next-word": "probability",
}


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("name", POINTED_OUT)
def test_the_row_pointed_out_has_the_share_that_the_narration_names(
    models: Models, name: str, sentence: str, brief: bool
) -> None:
    run = registry.run(name, models, sentence)
    share = getattr(run.result, POINTED_OUT[name])
    rows = to_text(render(run.result, width=80, brief=brief), 80).split("\n")
    marked = next(line for line in rows if line.startswith("►"))
    assert re.search(rf"(?<![\d<>]){tight_percent(share)}(?!\d)", marked), marked
    assert percent(share) in plain(narrate_run(load_library(), run))


@pytest.mark.parametrize("part", ["encoder", "decoder", "cross"])
@pytest.mark.parametrize("name", ["attention", "link"])
def test_a_piece_of_a_word_is_named_as_one(models: Models, name: str, part: str) -> None:
    sentence = SENTENCES[2]
    options = {"query": "min"} if name == "link" else {"word": "min", "part": part}
    result = registry.run(name, models, sentence, options).result
    assert result.query_token == result.query_word == "min…"
    assert "“min…”" in to_text(render(result, width=80), 80)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_link_is_not_among_where_else_its_word_looks(models: Models, sentence: str) -> None:
    result = registry.run("link", models, sentence).result
    lines = to_text(render(result, width=80), 80).split("\n")
    first = next(n for n, line in enumerate(lines) if line.startswith("Where else")) + 1
    elsewhere = [line.split()[0] for line in lines[first : first + 5]]
    assert result.key_token not in elsewhere or result.key_tokens.count(result.key_token) > 1


def test_the_default_word_of_embeddings_is_a_whole_word_with_near_neighbours(models: Models) -> None:
    chosen = [registry.run("embeddings", models, sentence).result for sentence in SENTENCES[:3]]
    assert all(result.shows and result.neighbours[0].cosine > 0.4 for result in chosen)


def test_who_looks_at_a_word_in_pieces_is_one_that_does(models: Models) -> None:
    result = registry.run("link", models, "The bank raised its rates, and the river froze.", {"key": "rates"}).result
    assert result.key_token == "r…" and result.weight > 0.5
