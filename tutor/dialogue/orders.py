"""A turn that holds two orders is done in two steps: what is said of both, and the picture after the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tutor.dialogue.types import Answer, Status
from tutor.understanding import values
from tutor.understanding.intent import CHANGING, Intent

AN_ORDER, MEANT = 0.8, 0.45
"""Probability from which half a turn is an order, and from which it is sure what it orders."""
LIKELY = 0.55
"""Probability of an act from which a sentence of a turn that asks is an order, or about the answer before."""
REPEATED = frozenset({"swap", "remove", "add", "forbid", "force"})
"""Actions that are done one by one, where several are ordered; heads are switched off together."""
ABOUT_THE_ANSWER, NEAR = frozenset({"shorter", "simpler", "again", "exact", "example"}), 0.6
"""Acts that are about the answer before; and likeness to a known wording from which a question was surely found."""
SENTENCES = frozenset({"sentence"})


def orders(intent: Intent) -> tuple[Intent, ...]:
    """The turn, or, where both halves of it are orders and one of them changes something, the two of them."""
    if intent.picked or intent.is_sentence or any(slot.kind in SENTENCES for slot in intent.slots):
        return (intent,)
    apart = [pair for pair in intent.halves if all(map(_is_order, pair)) and _two(*pair)]
    best = max(apart, key=lambda pair: min(half.runs[0].probability for half in pair), default=None)
    return best or (intent,)


def of_its_sentences(intent: Intent, parts: Sequence[Intent]) -> tuple[Intent, ...]:
    """What a turn of several sentences, read as one question, wants by what each of them is by itself.

    'What is it for? Switch it off' is a question and an order: the one is answered in a line, the other done. 'Too
    long. Is it stupid?' is the request to be brief, where the question was not surely found.
    """
    ordered = [part for part in parts if _changes(part)]
    asked = [part for part in parts if part.act == "question"]
    if ordered:
        return (replace(intent, wish="shorter"), ordered[-1]) if asked else (ordered[-1],)
    unsure = not intent.nodes or (intent.nodes[0].probability < MEANT and intent.likeness < NEAR)
    talk = [part for part in parts if part.act in ABOUT_THE_ANSWER and part.acts[0].probability >= LIKELY]
    return (talk[0],) if talk and unsure else (intent,)


def _changes(part: Intent) -> bool:
    """Whether a sentence orders a change, beside others that ask."""
    likely = part.act == "request" and part.of_act("request") >= LIKELY
    return likely and bool(part.runs) and part.runs[0].id in CHANGING and part.runs[0].probability >= MEANT


def _is_order(half: Intent) -> bool:
    """Surely an order, and more than further places for the one before: 'layer 1, head 2' is none."""
    sure = half.act == "request" and half.of_act("request") >= AN_ORDER
    meant = bool(half.runs) and half.runs[0].probability >= MEANT
    return sure and meant and _whole(half) and values.says_more(half.text, [slot.text for slot in half.slots])


def _whole(half: Intent) -> bool:
    """Whether an exchange names what comes and what goes: 'tell me about pizza instead' exchanges nothing."""
    return half.runs[0].id != "swap" or len({*half.texts("word"), *half.texts("new")}) > 1


def _two(first: Intent, second: Intent) -> bool:
    """Two orders, not one with a list of places: 'take heads 1 and 3 of layer 2 out'."""
    one, other = first.runs[0].id, second.runs[0].id
    if values.begins_with_number(second.text):
        return False
    return bool({one, other} & CHANGING) and (one != other or one in REPEATED)


def together(answers: Sequence[Answer]) -> Answer:
    """The answers to the orders of one turn as one. A change shows itself in the picture that comes after all."""
    *before, last = answers
    told = tuple(text for answer in before for text in (*answer.paragraphs, *(answer.notes if answer.broken else ())))
    pictured = tuple(shown for answer in before if answer.status is not Status.REFUSED for shown in answer.shown)
    asked_for = tuple(shown for shown in pictured if shown.whole and shown.run.experiment != "effect")
    shown = (*asked_for, *last.shown) if last.shown else pictured
    return replace(last, paragraphs=(*told, *last.paragraphs), shown=shown)
