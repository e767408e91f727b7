"""The bundled models: what each is built of, what it learns from, and how it is judged on the way.

A `Task` is everything that `model.training` needs to know; nothing here trains.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from model.checkpoint import Network
from model.config import TransformerConfig
from model.data import Corpus, Example, copies, read_corpus, read_english
from model.errors import ConfigurationError, DataError
from model.evaluation import bleu, perplexity
from model.recurrent import RecurrentConfig, RecurrentTranslator
from model.tokenizer import END, SubwordTokenizer
from model.transformer import Transformer

TRANSLATION_VOCABULARY = 8000
ENGLISH_VOCABULARY = 4000
LONGEST_ROW = 48
AT_LEAST_ONE = ("epochs", "tokens_per_batch")
COPIES = 0.2
"""Share of the English model's training tokens that stand in rows of copies."""


@dataclass(frozen=True)
class Recipe:
    """What fixes a training run, together with the data and the kind of hardware."""

    epochs: int = 12
    tokens_per_batch: int = 4500
    peak_learning_rate: float = 1.5e-3
    warmup_steps: int = 800
    muon_learning_rate: float = 0.0
    """Peak rate of the matrices inside the blocks under Muon (Jordan et al. 2024); with 0 AdamW trains them as well."""
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    average_decay: float = 0.9995
    """The weights that ship are an exponential moving average over steps, with this decay."""
    seed: int = 1
    moments: tuple[int, ...] = ()
    """Steps at which the weights are kept as they are, not averaged."""


@dataclass(frozen=True, eq=False)
class Task:
    """One checkpoint's training."""

    name: str
    model: Network
    examples: list[Example]
    tokenizer: SubwordTokenizer
    recipe: Recipe
    measure: str
    """What `validate` returns, as the loss curve names it."""
    validate: Callable[[Network], float]
    tokenizer_of: str | None = None
    """The bundled checkpoint with the same tokenizer, which then need not ship twice."""


RECIPES: dict[str, Recipe] = {
    "translator": Recipe(),
    "next-word": Recipe(
        epochs=12,
        tokens_per_batch=2500,
        peak_learning_rate=2e-3,
        muon_learning_rate=5e-3,
        warmup_steps=300,
        weight_decay=0.05,
        label_smoothing=0.0,
        average_decay=0.999,
    ),
    "recurrent": Recipe(epochs=6, warmup_steps=400),
    "recurrent-attention": Recipe(epochs=6, warmup_steps=400),
    "snapshots": Recipe(epochs=4, warmup_steps=200, moments=(0, 25, 50, 100, 200, 400, 800)),
}
CHECKPOINTS = tuple(RECIPES)


def make_task(name: str, pairs: Path, english: Path | None, chosen: Mapping[str, str]) -> Task:
    """The task called `name` on the data in the folders `pairs` and `english`.

    `chosen` overrides fields of the recipe or of the model's configuration. Raises `ConfigurationError` for
    one that neither has, `DataError` where data is missing.
    """
    fields = {field.name: field.type for field in dataclasses.fields(Recipe)}
    recipe = dataclasses.replace(
        RECIPES[name], **{key: _parsed(key, fields[key], value) for key, value in chosen.items() if key in fields}
    )
    sizes = {key: value for key, value in chosen.items() if key not in fields}
    torch.manual_seed(recipe.seed)
    corpus = read_corpus(pairs)
    if name == "next-word":
        if english is None:
            raise DataError("next-word: needs --english FOLDER, with english.txt.gz")
        return _next_word(corpus, read_english(corpus, english), recipe, sizes)
    return _translation(name, corpus, recipe, sizes)


def _translation(name: str, corpus: Corpus, recipe: Recipe, sizes: Mapping[str, str]) -> Task:
    tokenizer = SubwordTokenizer.train(
        (text for pair in corpus.train for text in (pair.english, pair.french)), TRANSLATION_VOCABULARY
    )
    model: Network
    if name.startswith("recurrent"):
        held = RecurrentConfig(tokenizer.size, attention=name == "recurrent-attention")
        model = RecurrentTranslator(_resized(held, sizes))
    else:
        full = TransformerConfig(tokenizer.size)
        small = TransformerConfig(tokenizer.size, 128, 4, encoder_layers=2, decoder_layers=2, d_feed_forward=512)
        model = Transformer(_resized(small if name == "snapshots" else full, sizes))
    sources = tokenizer.encode_all(pair.english for pair in corpus.train)
    targets = tokenizer.encode_all(pair.french for pair in corpus.train)
    longest = model.config.max_tokens
    examples = [Example([*s, END], t) for s, t in zip(sources, targets, strict=True) if max(len(s), len(t)) < longest]
    few = dict(list(corpus.validation.items())[:300])
    return Task(
        name=name,
        model=model,
        examples=examples,
        tokenizer=tokenizer,
        recipe=recipe,
        measure="validation_bleu",
        validate=functools.partial(bleu, tokenizer=tokenizer, references=few),
        tokenizer_of=None if name == "translator" else "translator",
    )


def _next_word(corpus: Corpus, sentences: tuple[str, ...], recipe: Recipe, sizes: Mapping[str, str]) -> Task:
    tokenizer = SubwordTokenizer.train(sentences, ENGLISH_VOCABULARY)
    held = TransformerConfig(tokenizer.size, 192, 4, encoder_layers=0, decoder_layers=5, d_feed_forward=768)
    model = Transformer(_resized(held, sizes))
    rows = [ids for ids in tokenizer.encode_all(sentences) if len(ids) < LONGEST_ROW]
    copied = copies(rows, int(COPIES / (1 - COPIES) * sum(map(len, rows))), LONGEST_ROW - 1, recipe.seed)
    return Task(
        name="next-word",
        model=model,
        examples=[*(Example([], row) for row in rows), *copied],
        tokenizer=tokenizer,
        recipe=recipe,
        measure="validation_perplexity",
        validate=functools.partial(perplexity, tokenizer=tokenizer, sentences=list(corpus.validation)),
    )


def _resized(held: Any, sizes: Mapping[str, str]) -> Any:
    fields = {field.name: field.type for field in dataclasses.fields(held)}
    for name in sizes:
        if name not in fields:
            raise ConfigurationError(f"--set {name}: neither the recipe nor the model has a '{name}'")
    return dataclasses.replace(held, **{name: _parsed(name, fields[name], value) for name, value in sizes.items()})


def _parsed(name: str, kind: Any, value: str) -> Any:
    """A value of `--set`. Raises `ConfigurationError` where it is none of its kind."""
    try:
        if kind == "bool":
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]
        if kind.startswith("tuple"):
            return tuple(int(part) for part in value.split(",") if part)
        number = {"int": int, "float": float}[kind](value)
    except (ValueError, KeyError) as error:
        known = {"bool": "yes or no", "int": "a whole number", "float": "a number"}.get(kind, "whole numbers")
        raise ConfigurationError(f"--set {name}={value}: takes {known}") from error
    if not 0 <= number < math.inf or (name in AT_LEAST_ONE and number < 1):
        raise ConfigurationError(f"--set {name}={value}: takes a number from {int(name in AT_LEAST_ONE)} on")
    return number
