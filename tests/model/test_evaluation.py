"""Scores are what PyTorch's cross-entropy gives without padding, and the surprises are where they are said to be."""

from __future__ import annotations

import math

import pytest
import torch
from oracles import randomised
from torch.nn import functional

from model.config import TransformerConfig
from model.evaluation import by_length, loss_by_length, most_surprising, perplexity, token_losses, words_to_predict
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import END, START, SubwordTokenizer
from model.transformer import Transformer

TEXTS = ["the cat sat on the mat", "the dog ran", "the cat ran to the dog and the dog sat", "a cat"]
REFERENCES = {"the cat sat": ("le chat", "un chat"), "the dog": ("le chien",), " ".join(["dog"] * 17): ("le",)}


@pytest.fixture(scope="module")
def tokenizer() -> SubwordTokenizer:
    return SubwordTokenizer.train([*TEXTS, "le chat le chien"] * 3, 400)


@pytest.fixture(scope="module")
def predictor(tokenizer: SubwordTokenizer) -> Transformer:
    sizes = TransformerConfig(tokenizer.size, 16, 2, encoder_layers=0, decoder_layers=1, d_feed_forward=16)
    model = randomised(Transformer(sizes), dtype=torch.float64)
    assert isinstance(model, Transformer)
    return model


def translator(tokenizer: SubwordTokenizer, attention: bool) -> RecurrentTranslator:
    model = randomised(RecurrentTranslator(RecurrentConfig(tokenizer.size, attention, 8, 6, 7, 5)), dtype=torch.float64)
    assert isinstance(model, RecurrentTranslator)
    return model


@pytest.mark.parametrize("attention", [False, True])
def test_losses_of_a_batch_are_cross_entropy_of_each_pair_alone(tokenizer: SubwordTokenizer, attention: bool) -> None:
    model = translator(tokenizer, attention)
    sources = [[*ids, END] for ids in tokenizer.encode_all(TEXTS)]
    targets = tokenizer.encode_all(reversed(TEXTS))
    with torch.no_grad():
        for source, target, found in zip(sources, targets, token_losses(model, targets, sources, rows=3), strict=True):
            logits = model(torch.tensor([source]), torch.tensor([[START, *target]])).logits[0]
            expected = functional.cross_entropy(logits, torch.tensor([*target, END]), reduction="none")
            assert found == pytest.approx(expected.tolist(), abs=1e-9)


def test_perplexity_spreads_the_loss_over_words_and_ends(tokenizer: SubwordTokenizer, predictor: Transformer) -> None:
    total = sum(sum(losses) for losses in token_losses(predictor, tokenizer.encode_all(TEXTS)))
    assert words_to_predict(TEXTS) == 21 + len(TEXTS)
    assert perplexity(predictor, tokenizer, TEXTS) == pytest.approx(math.exp(total / 25))


def test_loss_by_length_is_on_the_first_reference_of_the_sentences_of_that_length(tokenizer: SubwordTokenizer) -> None:
    model = translator(tokenizer, attention=True)
    assert {name: len(chosen) for name, chosen in by_length(REFERENCES).items()} == {"1-5": 2, "16+": 1}
    sources = [[*ids, END] for ids in tokenizer.encode_all(REFERENCES)]
    losses = token_losses(model, tokenizer.encode_all(["le chat", "le chien", "le"]), sources)
    found = loss_by_length(model, tokenizer, REFERENCES)
    short = [*losses[0], *losses[1]]
    assert found == pytest.approx({"1-5": sum(short) / len(short), "16+": sum(losses[2]) / len(losses[2])})


def test_the_most_surprising_words_are_frequent_and_have_the_largest_losses(
    tokenizer: SubwordTokenizer, predictor: Transformer
) -> None:
    found = most_surprising(predictor, tokenizer, TEXTS, TEXTS, count=2, frequent=2, after=1)
    losses: dict[str, float] = {}
    for text, row in zip(TEXTS, token_losses(predictor, tokenizer.encode_all(TEXTS)), strict=True):
        words = text.split()
        assert len(row) == len(words) + 1, "each word is one token here"
        for word, loss in list(zip(words, row, strict=False))[1:]:
            if word in {"the", "cat", "dog", "sat", "ran"}:
                losses[word] = max(losses.get(word, 0.0), loss)
    ranked = sorted(losses, key=lambda word: -losses[word])
    assert [entry["stood"] for entry in found] == ranked[:2]
    assert [entry["its probability"] for entry in found] == [f"{math.exp(-losses[word]):.1g}" for word in ranked[:2]]
    assert all(any(text.startswith(f"{e['after']} {e['stood']}") for text in TEXTS) for e in found)
