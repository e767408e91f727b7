"""Changes to the model that stay until they are undone, said in words: heads off, mask off, a link cut, undo, reset."""

from __future__ import annotations

from tutor.curriculum.tree import Library, Show
from tutor.dialogue.request import HEADS, LAYERS, on_screen
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.experiments.changes import Change, told, written
from tutor.understanding import values
from tutor.understanding.intent import Intent

INSTEAD = 0.1
"""Probability of undoing from which a new change comes in place of those that stand."""
TAKE_BACK = Offer("Take it back", command="/undo")


def beside(state: State) -> tuple[Offer, ...]:
    """What was offered before, behind the way back."""
    return tuple(offer for offer in state.offers if offer != TAKE_BACK)[:2]


def heads_off(library: Library, intent: Intent, state: State) -> Plan:
    """One head or several of a layer switched off: those that are named, else that of the last picture."""
    part = values.part(intent.slot("part")) or on_screen("part", state) or "encoder"
    layer = values.place(intent.slot("layer"), LAYERS) or on_screen("layer", state)
    heads = values.places(intent.texts("head"), HEADS) or tuple(filter(None, [on_screen("head", state)]))
    if not layer or not heads:
        line = "Which head? Name it with its layer, as in “switch head 2 of layer 1 off”."
        return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers)
    # "Put it back on and switch off head 1 instead": the one goes, the other comes.
    instead = any(run.id == "undo" and run.probability >= INSTEAD for run in intent.runs)
    named = tuple(Change("head", part, layer, head) for head in heads)
    left = tuple(change for change in state.changes if change not in named)
    if instead and len(left) < len(state.changes):
        lines = (f"Taken back. {_told(left)}",)
        return Plan(
            Status.SMALL, paragraphs=lines, wanted=(Wanted(Show("translate")),), changes=left, offers=state.offers
        )
    return stand(state, named, instead=instead)


def mask_off(library: Library, intent: Intent, state: State) -> Plan:
    """The decoder may see what comes later."""
    return stand(state, (Change("mask"),))


def order_off(library: Library, intent: Intent, state: State) -> Plan:
    """The encoder gets no position signal."""
    return stand(state, (Change("order"),))


def forbid(library: Library, intent: Intent, state: State) -> Plan:
    """A word may no longer look at another."""
    return _link(intent, state, "forbid")


def force(library: Library, intent: Intent, state: State) -> Plan:
    """A word looks at nothing but another."""
    return _link(intent, state, "force")


def _link(intent: Intent, state: State, kind: str) -> Plan:
    named = [*intent.texts("word"), *intent.texts("key")]
    words = [values.word(text) for text in named if not values.points(text)]
    words = words or list(values.words_named(intent.text, state.sentence))
    if not words:
        words = [word for word in (on_screen("word", state), on_screen("key", state)) if word]
    if len(words) < 2:
        line = "Which link? Name the word that looks and the word it looks at, as in “*it* may not look at *dog*”."
        return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers)
    return stand(state, (Change(kind, query=words[0], key=words[1]),))


def stand(state: State, new: tuple[Change, ...], *, instead: bool = False) -> Plan:
    """Put changes in force beside those that are, or in their place, and show what all of them together do."""
    if not set(new) - set(state.changes):
        line = f"That is so already: {told(new)}."
        return Plan(Status.REFUSED, paragraphs=(line,), offers=(TAKE_BACK, *beside(state)))
    changes = new if instead else tuple(dict.fromkeys((*state.changes, *new)))
    back = f"Taken back: {told(state.changes)}. " if instead and state.changes else ""
    lead = f"{back}From now on {told(new)}, until you undo it."
    return Plan(
        Status.SMALL,
        paragraphs=(lead,),
        wanted=(Wanted(Show("effect", {"off": written(changes)})),),
        changes=changes,
        offers=(TAKE_BACK, *beside(state)),
        whole=True,
    )


def undo(library: Library, intent: Intent, state: State) -> Plan:
    """The last change of the model or of the sentence taken back; the last picture is made again."""
    if not state.before:
        return Plan(Status.REFUSED, paragraphs=(reply(library, state, "nothing changed"),), offers=state.offers)
    sentence, changes = state.before[-1]
    lines = [f"Taken back. {_told(changes)}"] if changes != state.changes else []
    lines += [f"In force again: *{sentence}*"] if sentence != state.sentence else []
    last = state.last_run.experiment if state.last_run else "attention"
    name = last if last != "effect" else "translate"
    return Plan(
        Status.SMALL,
        paragraphs=(" ".join(lines),),
        wanted=(Wanted(Show(name)),),
        sentence=sentence,
        changes=changes,
        undone=True,
    )


def reset(library: Library, intent: Intent, state: State) -> Plan:
    """Everything in the model as it was trained, and no chosen part, layer and head any more."""
    return Plan(Status.SMALL, paragraphs=(_told(()),), changes=(), offers=state.offers, command="/auto")


def in_force(library: Library, intent: Intent, state: State) -> Plan:
    """What is otherwise than it was trained, and the sentence."""
    lines = (_told(state.changes), f"Your sentence: *{state.sentence}*")
    return Plan(Status.SMALL, paragraphs=lines, offers=(TAKE_BACK,) if state.before else state.offers)


def _told(changes: tuple[Change, ...]) -> str:
    if not changes:
        return "Everything in the model is as it was trained."
    words = told(changes)
    return f"{words[:1].upper()}{words[1:]}."
