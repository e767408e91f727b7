"""A sentence to work on: put in force and shown, or, where it may be talk, how to use it."""

from __future__ import annotations

from dataclasses import replace

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import offers
from tutor.dialogue.question import question
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.understanding import values
from tutor.understanding.intent import Intent

CERTAIN = 0.6
"""Probability from which a turn is taken for a sentence without asking."""
FIRST = "attention"
"""What is shown of a new sentence."""


def set_sentence(library: Library, intent: Intent, state: State) -> Plan:
    """The sentence in the turn, or the turn itself."""
    given = [slot.text.strip("\"“”*' ") for slot in intent.slots if slot.kind == "sentence"]
    sentence = max(given, key=len, default="") or intent.text
    if intent.of_act("set_sentence") < CERTAIN and not intent.is_sentence:
        # Said in passing or meant to be worked on: the other reading is answered, this one offered.
        rest = replace(intent, acts=intent.acts[1:])
        plan = question(library, rest, state) if intent.likeness > 0.6 else Plan(Status.ASKED_BACK)
        offer = Offer(f"Use it as the sentence: {sentence}", command=f"/sentence {sentence}")
        lead = () if plan.paragraphs else (reply(library, state, "a sentence?"),)
        return replace(plan, paragraphs=(*lead, *plan.paragraphs), offers=offers.distinct((offer, *plan.offers)))
    return use(library, state, sentence)


def use(library: Library, state: State, sentence: str) -> Plan:
    """Put a sentence in force and show who looks at whom in it."""
    further = (
        offers.to_see(library, "translate"),
        offers.to_see(library, "link"),
        offers.to_see(library, "next-word"),
    )
    # A sentence with a word or two changed is there to be compared: it is shown in the head that was shown before.
    kept = state.place is not None and bool(state.head) and values.alike(sentence, state.sentence)
    place = {**dict(zip(("part", "layer"), state.place or (), strict=False)), "head": state.head} if kept else {}
    wanted = (Wanted(Show(FIRST, place)),) if state.live else ()
    lead = () if state.live else (f"In force: *{sentence}*",)
    return Plan(Status.SMALL, paragraphs=lead, wanted=wanted, sentence=sentence, offers=further)
