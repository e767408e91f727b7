"""`by-hand`: the numbers are those of the project's own Transformer, and each line of the picture can be computed."""

from __future__ import annotations

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest
import torch
from rich.cells import cell_len

from model.attention import MultiHeadAttention
from model.config import TransformerConfig
from model.edits import Scope, bypass
from model.trace import named_values
from model.transformer import Transformer
from tutor.curriculum.loader import load_library
from tutor.curriculum.narration import narrate
from tutor.errors import LearnerError
from tutor.experiments import registry
from tutor.experiments.by_hand import STEPS, ByHand, work_through
from tutor.experiments.models import Models
from tutor.output.text import FRAME, prose_text
from tutor.views import render, to_text
from tutor.views.base import Page, view

SENTENCE = "The cat is on the mat."
ALL = range(len(STEPS) + 1)
WHERE = "decoder.blocks.0"
PATHS = {
    "embeddings": "decoder.embedding",
    "positions": "decoder.positions",
    "inputs": "decoder.input",
    "queries": f"{WHERE}.attention.query",
    "keys": f"{WHERE}.attention.key",
    "values": f"{WHERE}.attention.value",
    "raw_scores": f"{WHERE}.attention.raw_scores",
    "scaled_scores": f"{WHERE}.attention.scaled_scores",
    "masked_scores": f"{WHERE}.attention.masked_scores",
    "weights": f"{WHERE}.attention.weights",
    "mixed": f"{WHERE}.attention.head_outputs",
    "attention_output": f"{WHERE}.attention.output",
    "residual_attention": f"{WHERE}.residual_attention",
    "hidden": f"{WHERE}.feed_forward.hidden",
    "activated": f"{WHERE}.feed_forward.activated",
    "narrowed": f"{WHERE}.feed_forward.output",
    "residual_feed_forward": f"{WHERE}.residual_feed_forward",
    "logits": "logits",
    "probabilities": "probabilities",
    "token_losses": "token_losses",
    "loss": "loss",
}


def by_hand(models: Models, sentence: str = SENTENCE, **options: object) -> ByHand:
    found: ByHand = registry.run("by-hand", models, sentence, options).result
    return found


def page(result: ByHand, width: int = 80, brief: bool = False) -> list[str]:
    return to_text(render(result, width=width, brief=brief), width).split("\n")


def put(parameter: torch.Tensor, rows: object) -> None:
    with torch.no_grad():
        parameter.copy_(torch.tensor(rows))


def built(result: ByHand) -> Transformer:
    """The class that runs the translator, this small, in float32, its weights set from the result one by one."""
    config = TransformerConfig(
        vocabulary_size=2, d_model=2, heads=1, encoder_layers=0, decoder_layers=1, d_feed_forward=2, max_tokens=2,
        pad_id=-1,
    )  # fmt: skip
    model = Transformer(config).eval()
    assert model.decoder is not None
    block: Any = model.decoder.blocks[0]
    put(model.embedding.weight, result.embeddings)
    put(block.attention.w_query.weight, result.w_query)
    put(block.attention.w_key.weight, result.w_key)
    put(block.attention.w_value.weight, result.w_value)
    put(block.attention.w_output.weight, result.w_output)
    put(block.feed_forward.widen.weight, result.w_widen)
    put(block.feed_forward.narrow.weight, result.w_narrow)
    put(model.decoder.positions, result.positions)
    model.decoder.scale = 1.0
    return model


def test_every_number_is_that_of_the_transformer_class_with_these_weights(models: Models) -> None:
    result = by_hand(models)
    norms = [bypass(path) for path in (f"{WHERE}.attention_norm", f"{WHERE}.feed_forward_norm", "decoder.output")]
    with torch.no_grad():
        trace = built(result)(target=torch.tensor([[0, 1]]), labels=torch.tensor([[1, 0]]), edits=norms)
    held = dict(named_values(trace))
    for field, path in PATHS.items():
        theirs = held[path].numpy().astype(np.float64).reshape(-1)
        np.testing.assert_allclose(np.ravel(getattr(result, field)), theirs, atol=1e-5, err_msg=field)
    assert set(held) - set(PATHS.values()) == {"decoder.tokens", "decoder.output", *(norm.path for norm in norms)}


def test_the_attention_class_alone_gives_the_same_from_x_on(models: Models) -> None:
    result = by_hand(models)
    layer = MultiHeadAttention(2, 1)
    for name in ("query", "key", "value", "output"):
        put(getattr(layer, f"w_{name}").weight, getattr(result, f"w_{name}"))
    x, allowed = torch.tensor([result.inputs]), torch.ones(2, 2, dtype=torch.bool).tril()
    with torch.no_grad():
        trace = layer(x, x, allowed, Scope(models.model.edits()))
    np.testing.assert_allclose(trace.weights[0, 0].numpy(), result.weights, atol=1e-5)
    np.testing.assert_allclose(trace.output[0].numpy(), result.attention_output, atol=1e-5)


def test_what_the_run_itself_compared_is_all_but_minus_infinity_and_agrees(models: Models) -> None:
    result = by_hand(models)
    assert result.checked == sum(np.size(getattr(result, field)) for field in PATHS if field != "masked_scores")
    assert 0 <= result.largest_difference < 1e-12


def test_a_wrong_number_would_be_noticed(monkeypatch: pytest.MonkeyPatch, models: Models) -> None:
    import tutor.experiments.by_hand as module

    monkeypatch.setattr(module, "work_through", lambda *given: dataclasses.replace(work_through(*given), loss=0.5))
    assert by_hand(models).largest_difference == pytest.approx(work_through(0, "a", "b").loss - 0.5)


def test_numpy_comes_to_the_same_end(models: Models) -> None:
    r = by_hand(models)
    x = np.array(r.embeddings) + np.array(r.positions)
    q, k, v = (x @ np.array(w).T for w in (r.w_query, r.w_key, r.w_value))
    scores = np.where(np.tri(2, dtype=bool), q @ k.T / math.sqrt(2), -np.inf)
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    x = x + weights @ v @ np.array(r.w_output).T
    x = x + np.maximum(0, x @ np.array(r.w_widen).T) @ np.array(r.w_narrow).T
    logits = x @ np.array(r.embeddings).T
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    assert (r.first_right, r.second_right) == pytest.approx((p[0, 1], p[1, 0]), abs=1e-9)
    assert r.loss == pytest.approx(-(np.log(p[0, 1]) + np.log(p[1, 0])) / 2, abs=1e-9)
    assert (r.other_share, r.own_share) == pytest.approx(tuple(weights[1]), abs=1e-9)


def test_weights_are_whole_or_half_and_the_positions_are_rounded_sines(models: Models) -> None:
    result = by_hand(models)
    held = [getattr(result, field.name) for field in dataclasses.fields(result) if field.name.startswith("w_")]
    for number in np.ravel([*held, result.embeddings, result.positions]):
        assert (2 * number).is_integer() and abs(number) <= 1
    sines = [[math.sin(0), math.cos(0)], [math.sin(1), math.cos(1)]]
    np.testing.assert_array_equal(np.round(np.array(sines) * 2) / 2, result.positions)


def equations(lines: list[str]) -> list[tuple[str, str]]:
    """'a × b + c = d' of every cell: the left side and the right."""
    cells = [cell.strip() for line in lines for cell in re.split(r"  +", line.strip())]
    found = [re.fullmatch(r"(.*?) = (-?[\d.]+)(?: → -inf)?", cell) for cell in cells if "÷ √2" not in cell]
    return [(one[1], one[2]) for one in found if one and re.search(r"\d", one[1])]


def computed(left: str) -> float:
    for sign, code in (("×", "*"), ("÷", "/"), ("e^(-inf)", "0"), ("e^", "math.exp"), ("-ln ", "-math.log ")):
        left = left.replace(sign, code)
    left = re.sub(r"math\.log ([\d.]+)", r"math.log(\1)", left)
    assert re.fullmatch(r"[\d.()+\-*/ ,]*", re.sub(r"math\.(exp|log)|max", "", left)), left
    return float(eval(left, {"math": math, "max": max}))


@pytest.mark.parametrize("step", ALL[1:])
def test_each_line_computed_from_the_numbers_that_it_shows_gives_the_number_that_it_shows(step: int) -> None:
    found = equations(page(work_through(step, "The", "cat"), 120))
    assert len(found) >= 3
    for left, right in found:
        assert round(computed(left), 3) == float(right), f"{left} = {right}"


@pytest.mark.parametrize("step", ALL[1:])
def test_no_number_of_a_step_has_more_than_three_decimals(step: int) -> None:
    for line in page(work_through(step, "The", "cat"), 120):
        assert not re.search(r"\d\.\d{4}", line), line


def test_each_step_begins_with_what_the_steps_before_it_gave() -> None:
    shown: set[str] = {
        "0",
        "1.414",
        *re.findall(r"[\d.]+", str(dataclasses.asdict(work_through(0, "a", "b"))["positions"])),
    }
    for field in (
        "embeddings",
        "positions",
        *(f"w_{n}" for n in ("query", "key", "value", "output", "widen", "narrow")),
    ):
        shown |= {f"{abs(number):g}" for number in np.ravel(getattr(work_through(0, "a", "b"), field))}
    for step in ALL[1:]:
        for left, right in equations(page(work_through(step, "The", "cat"), 120)):
            for number in re.findall(r"\d+(?:\.\d+)?", left):
                assert number in shown or number == "2", (step, left)
            shown.add(right.lstrip("-"))


@pytest.mark.parametrize("step", ALL)
def test_every_step_with_its_words_fits_a_screen_of_24_lines(step: int) -> None:
    result = dataclasses.replace(work_through(step, "The", "cat"), checked=75, largest_difference=1e-17)
    told = narrate(load_library().narrations["by-hand"].branches, result)
    rows = len(page(result)) + 1 + prose_text(told, width=80).count("\n") + 1
    assert rows + FRAME <= 24


@pytest.mark.parametrize("step", ALL)
def test_every_brief_step_is_short_and_says_that_the_weights_are_chosen_or_has_no_line_left(step: int) -> None:
    lines = page(work_through(step, "The", "cat"), brief=True)
    assert len(lines) <= 8
    assert len(lines) == 8 or "chosen" in " ".join(lines)
    assert len(page(work_through(step, "The", "cat"), 40, brief=True)) <= 10


@pytest.mark.parametrize("step", ALL)
def test_the_whole_picture_says_that_weights_are_not_learned_and_what_they_were_checked_against(step: int) -> None:
    text = " ".join(page(dataclasses.replace(work_through(step, "The", "cat"), checked=75)))
    assert "not learned" in text and "Transformer class" in text and "same 75 numbers" in text


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        (SENTENCE, ("The", "cat")),
        ("No no, never!", ("No", "never")),
        ("Why?", ("Why", "?")),
        ("a", ("a", "‹end›")),
        ("“Don't you see?”", ("Don't", "you")),
        ("My mother-in-law sings.", ("My", "mother-in-law")),
        ("[red]naïve[/red] 猫", ("red", "naïve")),
        ("...", (".", "‹end›")),
    ],
)
def test_the_words_are_the_first_two_different_ones(models: Models, sentence: str, words: tuple[str, str]) -> None:
    result = by_hand(models, sentence)
    assert (result.first_word, result.second_word) == words
    same = by_hand(models)
    assert dataclasses.replace(result, first_word="The", second_word="cat") == same


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize("width", [32, 40, 57, 60, 80, 120])
@pytest.mark.parametrize("words", [("[red]", "[/]"), ("你好", "🙂"), ("a" * 40, "b" * 40), ("\\[bold]", "‹end›")])
def test_any_two_words_fit_any_page_in_every_step(words: tuple[str, str], width: int, brief: bool) -> None:
    for step in ALL:
        for ascii in (False, True):
            drawn = Page(width, ascii, brief)
            view(work_through(step, *words), drawn)
            lines = drawn.finish().plain.split("\n")
            assert max(map(cell_len, lines)) <= width, "\n".join(lines)
            assert not ascii or all(set(line) - set("".join(words)) <= set(map(chr, range(32, 127))) for line in lines)
            assert not brief or len(lines) <= (8 if width >= 60 else 10)


def test_the_random_numbers_of_the_caller_are_left_alone(models: Models) -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    by_hand(models)
    assert torch.rand(4).equal(expected)


@pytest.mark.parametrize("step", [-1, 13])
def test_a_step_that_does_not_exist_is_named(models: Models, step: int) -> None:
    with pytest.raises(
        LearnerError, match=rf"^there is no step {step}; by-hand has steps 1 to 12, and 0 for all of th"
    ):
        by_hand(models, step=step)


def test_each_step_has_words_of_its_own_and_they_are_true() -> None:
    branches = load_library().narrations["by-hand"].branches
    told = [narrate(branches, work_through(step, "The", "cat")) for step in ALL]
    assert len(set(told)) == len(told)
    done = work_through(0, "The", "cat")
    assert done.raw_scores[1][1] > done.raw_scores[1][0]  # step 3: it fits itself best
    assert [sum(number < 0 for number in row) for row in done.hidden] == [1, 1]  # step 8: one number of each word
    assert done.loss > done.guess_loss  # step 12: worse than a coin
