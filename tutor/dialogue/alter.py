"""Changes to the model that stay until they are undone, said in words: heads off, mask off, a link cut, undo, reset."""

from __future__ import annotations

from dataclasses import replace

from tutor.curriculum.tree import Library, Show
from tutor.dialogue.switches import heads_named, link_words, without
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.experiments.changes import Change, told, worded, written
from tutor.understanding import values
from tutor.understanding.intent import Intent

INSTEAD = 0.1
"""Probability of undoing from which a new change comes in place of those that stand."""
OF_A_KIND = {"mask-off": "mask", "positions-off": "order", "forbid": "forbid", "force": "force"}
"""Action that was read beside undoing -> the kind of change that is taken back."""
TAKE_BACK = Offer("Take it back", command="/undo")


def beside(state: State) -> tuple[Offer, ...]:
    """What was offered before, behind the way back."""
    return tuple(offer for offer in state.offers if offer != TAKE_BACK)[:2]


def heads_off(library: Library, intent: Intent, state: State) -> Plan:
    """Heads or whole layers switched off: those that are named, else the one of the last picture."""
    named = heads_named(intent, state)
    if not named:
        line = "Which head? Name it with its layer, as in “switch head 2 of layer 1 off”."
        return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers)
    # "Put it back on and switch off head 1 instead": the one goes, the other comes.
    instead = any(run.id == "undo" and run.probability >= INSTEAD for run in intent.runs)
    left = without(state.changes, named)
    if instead and left != state.changes:
        return taken_back(state, left)
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
    words = link_words(intent, state)
    if len(words) < 2:
        line = "Which link? Name the word that looks and the word it looks at, as in “*it* may not look at *dog*”."
        return Plan(Status.REFUSED, paragraphs=(line,), offers=state.offers)
    plan = stand(state, (Change(kind, query=words[0], key=words[1]),))
    turned = the_change(Change(kind, query=words[1], key=words[0]))
    return replace(plan, offers=(TAKE_BACK, turned, *beside(state))[:3]) if plan.changes else plan


def as_told(intent: Intent, state: State) -> Plan | None:
    """A link cut or forced in the very words in which changes are told, '*it* may not look at *dog*'; else None."""
    change = worded(intent.text)
    if change is None or not all(values.stands_in(word, state.sentence) for word in (change.query, change.key)):
        return None
    return stand(state, (change,))


def the_change(change: Change) -> Offer:
    """An offer of a change, in the words in which it is told."""
    return Offer(f"From now on {change.told}", command=f"/change {change.short}")


def stand(state: State, new: tuple[Change, ...], *, instead: bool = False) -> Plan:
    """Put changes in force beside those that are, or in their place, and show what all of them together do."""
    if all(any(old.covers(one) for old in state.changes) for one in new):
        line = f"That is so already: {told(new)}."
        return Plan(Status.REFUSED, paragraphs=(line,), offers=(TAKE_BACK, *beside(state)))
    kept = tuple(old for old in state.changes if not any(one.covers(old) for one in new))
    changes = new if instead else tuple(dict.fromkeys((*kept, *new)))
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


def taken_back(state: State, left: tuple[Change, ...]) -> Plan:
    """Some of the changes taken back; what is left is said, and what it does is shown."""
    show = Show("effect", {"off": written(left)}) if left else Show("translate")
    return Plan(
        Status.SMALL,
        paragraphs=(f"Taken back. {_told(left)}",),
        wanted=(Wanted(show),),
        changes=left,
        offers=state.offers,
        whole=bool(left),
    )


def _named_back(intent: Intent, state: State) -> tuple[Change, ...]:
    """The changes in force that an undoing names: heads, words of a link, or a switch that was read beside it."""
    if any(slot.kind in ("layer", "head") for slot in intent.slots):
        return heads_named(intent, state)
    words = {text.casefold() for text in map(values.word, (*intent.texts("word"), *intent.texts("key")))}
    linked = [one for one in state.changes if words & {one.query.casefold(), one.key.casefold()} - {""}]
    kinds = {kind for run, kind in OF_A_KIND.items() if intent.of_run(run) >= INSTEAD}
    return tuple(linked or [one for one in state.changes if one.kind in kinds])


def undo(library: Library, intent: Intent, state: State) -> Plan:
    """What is named, else the last change of the model or of the sentence, taken back; the last picture again."""
    named = _named_back(intent, state)
    left = without(state.changes, named)
    if named and left == state.changes:
        line = f"Nothing to take back there: {told(named).replace(' is off', '')} is on."
        return Plan(Status.REFUSED, paragraphs=(line, _told(state.changes)), offers=state.offers)
    if named and (left or not state.before):
        return taken_back(state, left)
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
