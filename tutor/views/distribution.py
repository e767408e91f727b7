"""One distribution over a vocabulary: what the pictures of `decoder-step` and `next-word` share."""

from __future__ import annotations

from rich.cells import cell_len

from tutor.experiments.distribution import Distribution
from tutor.experiments.translate import Candidate
from tutor.views.base import Bar, Page, pad
from tutor.views.brief import excerpt
from tutor.views.numbers import count, general, number, percent, spread
from tutor.views.page import NARROW

_BRIEF_NAME = 14


def goes_before(page: Page, lead: str, text: str) -> None:
    """The title: `lead` and the text so far, of which a brief page keeps the end."""
    text = page.clean(text or "‹start›")
    room = page.width - cell_len(lead) - 2
    page.title(f"{lead}{text} …", f"{lead}{pad(excerpt(text, '', room), room).rstrip()} …")


def distribution_bars(result: Distribution, page: Page, brief_rows: int) -> None:
    """One bar a candidate, the share of all others, and the spread; on a brief page so many bars and no spread."""
    at = "" if result.temperature == 1 else f", temperature {general(result.temperature, 3)}"
    pieces = f"Probability of each next piece, out of {count(result.vocabulary_size)}{at}"
    kept = result.candidates[: brief_rows if page.brief else None]
    others = percent(max(0.0, 1 - sum(candidate.probability for candidate in kept)))
    if page.brief:
        page.short(f"{pieces}; all others together: {others}.", f"Each next piece; all others: {others}.")
    else:
        page.note(f"{pieces}.")
    wide = page.width >= NARROW
    rows = [
        Bar(
            pad(page.clean(candidate.token), _BRIEF_NAME).rstrip() if page.brief else candidate.token,
            candidate.probability,
            percent(candidate.probability),
            place == 0,
            f"before softmax {number(logit, 2)}" if wide else "",
        )
        for place, (candidate, logit) in enumerate(zip(kept, result.logits, strict=False))
    ]
    page.bars(rows, largest=1.0)
    if page.brief:
        return
    page.note(
        f"All others together: {others}. Spread: {spread(result.entropy_bits, result.vocabulary_size)}.", indent=2
    )
    if wide:
        page.note("before softmax: a score from minus to plus infinity, also called logit.", indent=2)
        page.blank()


def taken_away(result: Distribution, page: Page, *, over: str, even: Candidate) -> None:
    """What `token` keeps without word order, and with attention spread evenly `over` something."""
    unordered = Candidate(result.token_without_order, result.probability_without_order)
    told = []
    if page.brief:
        ordered, level = percent(unordered.probability), percent(even.probability)
        page.short(
            f"“{result.token}”: without word order {ordered}; with even attention to {over} {level}.",
            f"“{result.token}”: without word order {ordered}; with even attention {level}.",
            f"Without order {ordered}; even attention {level}.",
            style="",
        )
        return
    for what, left in (("without word order", unordered), (f"with even attention to {over}", even)):
        named = left.token != result.token
        told.append(f"{what} {percent(left.probability)}" + (f" and likeliest “{left.token}”" if named else ""))
    page.say(f"“{result.token}”: {'; '.join(told)}.")
