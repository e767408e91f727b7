"""When an exercise is due again: the free spaced repetition scheduler (FSRS, the `fsrs` package).

A right first answer without a hint counts as recalled, anything else as forgotten. What was forgotten comes back
after a minute, what was new after ten; then the intervals grow to where it is recalled nine times in ten. No interval
is drawn by chance: of two terminals that grade the same answer, both come to the same date.
"""

from __future__ import annotations

import functools
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fsrs import Scheduler


@functools.cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(enable_fuzzing=False)


def reviewed(state: str, right: bool, now: datetime) -> tuple[str, datetime]:
    """The state of an exercise after one more answer, and when it is due again; `state` is '' for a new one."""
    from fsrs import Card, Rating

    card = Card(card_id=1, due=now)
    if state:
        try:
            card = Card.from_dict(json.loads(state))
        except (ValueError, KeyError, TypeError):  # written by another version: begun anew
            pass
    at = max(now.astimezone(UTC), card.last_review or now)  # a clock that was set back
    card, _ = _scheduler().review_card(card, Rating.Good if right else Rating.Again, at)
    return json.dumps(card.to_dict()), card.due


def is_state(text: str) -> bool:
    """Whether `text` is what `reviewed` gave."""
    from fsrs import Card

    try:
        Card.from_dict(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return True
