"""What is said of the bundled models is read from their files, and the committed card is what the program prints."""

from __future__ import annotations

from pathlib import Path

from tutor.about import about_models, bottleneck, cards, model_card

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


def test_whether_the_bottleneck_shows_is_computed_from_the_losses() -> None:
    attention = {"1-5": 1.0, "6-10": 1.1, "16+": 1.2}
    shows = bottleneck({"1-5": 1.1, "6-10": 1.4, "16+": 2.2}, attention)
    assert shows.startswith("The bottleneck shows: ") and "from +0.10 to +1.00" in shows
    hides = bottleneck({"1-5": 1.3, "6-10": 1.4, "16+": 1.3}, attention)
    assert hides.startswith("The bottleneck does not show") and "+0.30" in hides and "+0.10 for long ones" in hides


def test_failures_are_introduced_as_what_they_are() -> None:
    for card in cards():
        if card.failures:
            assert ("frequent words" in card.worst) == (card.name == "next-word")
            assert f"What it is bad at: {card.worst}." in model_card()
