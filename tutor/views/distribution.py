"""One distribution over a vocabulary: what the pictures of `decoder-step` and `next-word` share."""

from __future__ import annotations

from tutor.experiments.distribution import Distribution
from tutor.experiments.translate import Candidate
from tutor.views.base import Bar, Page
from tutor.views.numbers import count, general, number, percent, percents, spread

_BRIEF_ROWS = 4


def distribution_bars(result: Distribution, page: Page, named: str = "") -> None:
    """One bar a candidate, the share of all others, and the spread; `named` is a token that a text speaks of."""
    at = "" if result.temperature == 1 else f", temperature {general(result.temperature, 3)}"
    page.note(f"Probability of each next piece, out of {count(result.vocabulary_size)}{at}.")
    wide = page.width >= 60
    kept = result.candidates[: _BRIEF_ROWS if page.brief else None]
    rest = max(0.0, 1 - sum(candidate.probability for candidate in kept))
    spoken = [place for place, candidate in enumerate(kept) if place < 2 or candidate.token == named]
    *shares, others = percents([*(candidate.probability for candidate in kept), rest], spoken)
    rows = [
        Bar(
            candidate.token,
            candidate.probability,
            f"{share}%",
            place == 0,
            f"before softmax {number(logit, 2)}" if wide else "",
        )
        for place, (candidate, share, logit) in enumerate(zip(kept, shares, result.logits, strict=False))
    ]
    page.bars(rows, largest=1.0)
    page.note(
        f"All others together: {others}%. Spread: {spread(result.entropy_bits, result.vocabulary_size)}.", indent=2
    )
    if wide and not page.brief:
        page.note("before softmax: a score from minus to plus infinity, also called logit.", indent=2)
        page.blank()


def taken_away(result: Distribution, page: Page, *, over: str, even: Candidate) -> None:
    """What `token` keeps without word order, and with attention spread evenly `over` something."""
    unordered = Candidate(result.token_without_order, result.probability_without_order)
    told = []
    for what, left in (("without word order", unordered), (f"with even attention to {over}", even)):
        named = left.token != result.token and not page.brief
        told.append(f"{what} {percent(left.probability)}" + (f" and likeliest “{left.token}”" if named else ""))
    page.say(f"“{result.token}”: {'; '.join(told)}.")
