"""What is bundled: read from the checkpoints' own descriptions, without loading torch or weights."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tutor.errors import TutorError
from tutor.layout import paragraphs, two_columns

DATA = (
    "Sentence pairs, and for next-word more English sentences, of the Tatoeba project (tatoeba.org) by way of "
    "www.manythings.org/anki, licence CC-BY 2.0 FR. These models are trained on nothing else."
)
SPLIT = (
    "Split by English sentence: 2,001 for testing, 1,004 for choosing, all others for training; sentences that differ "
    "only in capitals or punctuation are on the same side. Every score is of the files that ship, on the test split."
)
PURPOSE = {
    "translator": "English → French Transformer, encoder and decoder",
    "next-word": "English Transformer, decoder only, that goes on with a text",
    "recurrent": "English → French with two GRUs and one fixed context vector",
    "recurrent-attention": "English → French with two GRUs and additive attention",
    "snapshots": "a smaller English → French Transformer at moments of its training",
}
_SIZES = {
    "encoder_layers": "encoder layers",
    "decoder_layers": "decoder layers",
    "heads": "heads a layer",
    "d_model": "width",
    "d_feed_forward": "feed-forward width",
    "d_embedding": "embedding",
    "d_reader": "reader's state, each way",
    "d_writer": "writer's state",
    "d_attention": "attention",
    "vocabulary_size": "subwords, with byte fallback",
    "max_tokens": "tokens at most",
}
_WORST = {
    "next-word": (
        "frequent words of the test sentences to which it gave least: what came before, what stood there, "
        "the probability it gave to that, and what it expected instead"
    )
}
_WORST_TRANSLATIONS = "the test sentences it does worst on"
Complain = Callable[[TutorError], None]
_BAR = 30
"""Length of a bar for a BLEU of 100; real ones are well below."""


@dataclass(frozen=True)
class Card:
    """One checkpoint as people read of it."""

    name: str
    facts: tuple[tuple[str, str], ...]
    by_length: Mapping[str, float]
    """Greedy BLEU by words in the English sentence."""
    loss_by_length: Mapping[str, float]
    """Loss on the first reference, in nats a token, by the same."""
    sentences_by_length: Mapping[str, int]
    failures: tuple[Mapping[str, str], ...]
    """Where it does worst on the test split: what was given, what came out, what should have."""

    @property
    def worst(self) -> str:
        """What the failures are examples of."""
        return _WORST.get(self.name, _WORST_TRANSLATIONS)


def bundled() -> Path:
    """The folder of the models that ship."""
    return Path(str(importlib.resources.files("model"))) / "checkpoints"


def translator_layers(folder: Path | None = None) -> int:
    """Layers that the translator's encoder and decoder both have; 0 where its description cannot be read."""
    try:
        sizes = _description((folder or bundled()) / "translator")["config"]
        return int(min(sizes["encoder_layers"], sizes["decoder_layers"]))
    except (TutorError, LookupError, TypeError, ValueError):
        return 0


def model_versions(folder: Path | None = None) -> dict[str, str]:
    """Name -> the first 12 digits of the hash of its weights, of every checkpoint that can be read; no torch needed."""
    found = {}
    for name in PURPOSE:
        try:
            found[name] = str(_description((folder or bundled()) / name)["sha256"]["weights.safetensors"])[:12]
        except (TutorError, LookupError, TypeError):
            continue
    return found


def cards(complain: Complain | None = None) -> list[Card]:
    """One card a bundled checkpoint.

    Raises `TutorError` where a description is damaged, or with `complain` hands it on and leaves that one out.
    """
    folder = bundled()
    found, damaged = [], False
    for name in PURPOSE:
        try:
            found += _cards_of(name, folder / name)
        except TutorError as error:
            if complain is None:
                raise
            damaged = True
            complain(error)
    if not found and not damaged:
        raise TutorError(f"{folder}: holds no models; reinstall the program")
    return found


def _cards_of(name: str, folder: Path) -> list[Card]:
    """The card of one checkpoint, if it is there."""
    try:
        if (folder / "config.json").exists():
            return [_card(name, folder)]
        moments = sorted(folder.glob("*/config.json"))
        return [_moments_card(name, [path.parent for path in moments])] if moments else []
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TutorError(f"{folder}: does not describe its model ({error!r}); reinstall the program") from error


def about_models(width: int = 80, complain: Complain | None = None) -> str:
    """A page of plain text about every bundled model; raises and hands on as `cards` does."""
    pages = []
    for card in cards(complain):
        left = 2 + max(len(label) for label, _ in card.facts)
        facts = two_columns([(f"  {label}", value) for label, value in card.facts], left + 2, width)
        title = paragraphs([f"{card.name}: {PURPOSE[card.name]}"], width)
        pages.append("\n".join([title, "", facts, *_plot(card.by_length, indent="  ")]))
    return "\n\n".join([*pages, paragraphs([DATA, SPLIT], width)])


def model_card() -> str:
    """The same and more as Markdown: `docs/models.md`."""
    lines = [
        "# The bundled models",
        "",
        "Printed by `attention-tutor model --markdown`; the scores by `python -m model.evaluation --write`.",
        "",
        f"**Data.** {DATA}",
        "",
        f"**Split.** {SPLIT}",
    ]
    held = cards()
    for card in held:
        lines += ["", f"## `{card.name}`", "", f"{PURPOSE[card.name]}.", "", "| | |", "|---|---|"]
        lines += [f"| {label} | {value} |" for label, value in card.facts]
        if card.failures:
            lines += ["", f"What it is bad at: {card.worst}.", ""]
            lines += _table([dict(failure) for failure in card.failures])
    compared = [card for card in held if card.by_length]
    if compared:
        lines += ["", "## BLEU by the length of the English sentence, in words", ""]
        rows = [{"": c.name} | {k: f"{v:.1f}" for k, v in c.by_length.items()} for c in compared]
        lines += _table([*rows, *_counted(compared[0])])
        plots = [line for card in compared for line in (card.name, *_plot(card.by_length), "")]
        lines += ["", "```", *plots[:-1], "```"]
    return "\n".join([*lines, *_losses([card for card in compared if card.loss_by_length])])


def bottleneck(fixed: Mapping[str, float], attention: Mapping[str, float]) -> str:
    """Whether the fixed context costs more, the longer the sentence: said from the two losses by length."""
    lead = {name: loss - attention[name] for name, loss in fixed.items()}
    short, *_, long = lead
    first, last = lead[short], lead[long]
    numbers = (
        f"it is {fixed[short]:.2f} with one fixed vector and {attention[short]:.2f} with attention for sentences of "
        f"{short} words, and {fixed[long]:.2f} and {attention[long]:.2f} for sentences of {long} words"
    )
    if last > max(first, 0):
        return (
            f"The bottleneck shows: what the fixed vector costs beyond attention goes from {first:+.2f} to {last:+.2f} "
            f"nats a token as sentences get longer. The loss: {numbers}."
        )
    return (
        f"The bottleneck does not show in these losses: what the fixed vector costs beyond attention is {first:+.2f} "
        f"nats a token for short sentences and {last:+.2f} for long ones. The loss: {numbers}."
    )


def _losses(compared: list[Card]) -> list[str]:
    if not compared:
        return []
    lines = ["", "## Loss by the length of the English sentence, in words", ""]
    lines += ["In nats a token, on the first reference, its end mark included.", ""]
    lines += _table([{"": c.name} | {k: f"{v:.2f}" for k, v in c.loss_by_length.items()} for c in compared])
    of = {card.name: card.loss_by_length for card in compared}
    if {"recurrent", "recurrent-attention"} <= of.keys():
        lines += ["", bottleneck(of["recurrent"], of["recurrent-attention"])]
    return lines


def _counted(card: Card) -> list[dict[str, str]]:
    """A last row: how many sentences there are of each length, where that is known."""
    counted = {name: f"{number:,}" for name, number in card.sentences_by_length.items()}
    return [{"": "sentences"} | counted] if counted else []


def _card(name: str, folder: Path) -> Card:
    held = _description(folder)
    about, recipe = held["about"], held["about"].get("recipe", {})
    facts = [_sizes(held["config"]), *_on_disk([folder])]
    if "parameters" in about:
        facts.insert(1, ("weights", f"{about['parameters']:,}"))
    facts += _scores(about)
    if recipe:
        facts.append(
            ("trained", f"{recipe['epochs']} epochs, seed {recipe['seed']} (`python -m model.training {name}`)")
        )
    facts.append(("sha256", held["sha256"]["weights.safetensors"]))
    return Card(
        name,
        tuple(facts),
        by_length=about.get("test_bleu_by_length", {}),
        loss_by_length=about.get("test_loss_by_length", {}),
        sentences_by_length=about.get("test_sentences_by_length", {}),
        failures=tuple(about.get("worst", ())),
    )


def _moments_card(name: str, folders: list[Path]) -> Card:
    described = [_description(folder) for folder in folders]
    facts = [_sizes(described[0]["config"])]
    if "parameters" in described[0]["about"]:
        facts.append(("weights", f"{described[0]['about']['parameters']:,}, at {len(folders)} moments"))
    facts += _on_disk(folders)
    for held in described:
        score = held["about"].get("test_bleu_greedy")
        bleu = "" if score is None else f"BLEU {score:.1f}, "
        facts.append((f"step {held['about']['step']:,}", f"{bleu}sha256 {held['sha256']['weights.safetensors'][:16]}…"))
    return Card(name, tuple(facts), {}, {}, {}, ())


def _sizes(config: Mapping[str, Any]) -> tuple[str, str]:
    unused = () if config.get("attention", True) else ("d_attention",)
    held = [f"{config[key]:,} {label}" for key, label in _SIZES.items() if config.get(key) and key not in unused]
    return "sizes", " · ".join(held)


def _on_disk(folders: list[Path]) -> list[tuple[str, str]]:
    size = sum(path.stat().st_size for folder in folders for path in folder.glob("*.safetensors"))
    return [("on disk", f"{size / 1e6:.1f} MB, 8 bits a number; computes in float32")]


def _scores(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, label in (("test_bleu_greedy", "greedy"), ("test_bleu_beam4", "beam of 4")):
        if key in about:
            yield f"BLEU, {label}", f"{about[key]:.1f} (sacrebleu, all references)"
    if "own_sentences" in about:
        share = f"{about['own_sentences_accepted']} of {about['own_sentences']} accepted by a strict reader"
        yield "own sentences", f"{share}, not confirmed by a native speaker (`python -m benchmarks.review`)"
    if "test_perplexity" in about:
        ours, counted = about["test_perplexity"], about["counting_perplexity"]
        yield "perplexity", f"{ours:.1f} a word, the end of a sentence counted as one"
        yield (
            "",
            f"{1 - ours / counted:.0%} below an interpolated Kneser-Ney 5-gram's {counted:.1f}, same text and subwords",
        )
    for text, words in about.get("after", {}).items():
        yield f"after “{text} …”", ", ".join(words)
    if "induction" in about:
        found = about["induction"]
        yield (
            "induction head",
            f"layer {found['layer']}, head {found['head']}: in random tokens said twice {found['share']:.0%} of its "
            f"attention is on what followed before, and the right token has {found['probability']:.0%}",
        )


def _description(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    try:
        held: dict[str, Any] = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TutorError(f"{file}: cannot be read ({error}); reinstall the program") from error
    return held


def _plot(scores: Mapping[str, float], indent: str = "") -> list[str]:
    return [f"{indent}{name:>5} words {v:5.1f} {'█' * round(v / 100 * _BAR)}" for name, v in scores.items()]


def _table(rows: list[dict[str, str]]) -> list[str]:
    names = list(rows[0])
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return lines + ["| " + " | ".join(row[name].replace("|", "\\|") for name in names) + " |" for row in rows]
