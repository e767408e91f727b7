"""What is said of the bundled models is read from their files, and the committed card is what the program prints."""

from __future__ import annotations

from pathlib import Path

from tutor.about import about_models, cards, model_card

CARD = Path(__file__).resolve().parents[1] / "docs" / "models.md"


def test_the_model_card_is_what_the_program_prints() -> None:
    assert CARD.read_text("utf-8") == model_card() + "\n"


def test_every_bundled_model_has_a_card_with_its_size_and_score() -> None:
    held = {card.name: dict(card.facts) for card in cards()}
    assert set(held) >= {"translator", "next-word", "snapshots"}
    assert "BLEU, greedy" in held["translator"] and "perplexity" in held["next-word"]
    assert all("weights" in facts and "on disk" in facts for facts in held.values())


def test_the_page_fits_a_narrow_terminal() -> None:
    wide = [line for line in about_models(40).split("\n") if len(line) > 40]
    assert not wide
