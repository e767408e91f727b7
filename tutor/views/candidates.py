"""What may come next, as bars: shared by every picture of one distribution over the vocabulary."""

from tutor.experiments.decoder_step import DecoderStep
from tutor.experiments.next_word import NextWord
from tutor.views.base import Bar, Page
from tutor.views.numbers import count, general, number, percents, spread

_BRIEF_ROWS = 4


def candidate_bars(result: NextWord | DecoderStep, page: Page) -> None:
    """The likeliest tokens, what all others have together, and how spread the distribution is."""
    at = "" if result.temperature == 1 else f", temperature {general(result.temperature, 3)}"
    page.note(f"Probability of each next piece, out of {count(result.vocabulary_size)}{at}.")
    wide = page.width >= 60
    kept = result.candidates[: _BRIEF_ROWS if page.brief else None]
    rest = max(0.0, 1 - sum(candidate.probability for candidate in kept))
    following = getattr(result, "following", "")
    named = [place for place, candidate in enumerate(kept) if place < 2 or candidate.token == following]
    *shares, others = percents([*(candidate.probability for candidate in kept), rest], named)
    rows = [
        Bar(
            candidate.token, candidate.probability, f"{share}%", place == 0, f"score {number(logit, 2)}" if wide else ""
        )
        for place, (candidate, share, logit) in enumerate(zip(kept, shares, result.logits, strict=False))
    ]
    page.bars(rows, largest=1.0)
    page.note(
        f"All others together: {others}%. Spread: {spread(result.entropy_bits, result.vocabulary_size)}.", indent=2
    )
    if wide and not page.brief:
        page.note("score: the number before softmax, also called logit.", indent=2)
        page.blank()
