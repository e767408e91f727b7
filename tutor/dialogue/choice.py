"""Which of the runs that were read a request means: the likeliest that has all it needs and a place for all it names.

'Remove', without a word of the sentence, is of what stands on the screen; 'undo' takes no word; a change that was not
read with some certainty is asked back before anything is changed.
"""

from __future__ import annotations

from tutor.dialogue.on_screen import on_screen
from tutor.dialogue.types import State
from tutor.understanding import values
from tutor.understanding.intent import CHANGING, Intent

ASK = "ask"
"""None of them for sure: they are named, and nothing is done."""
EFFECT = "effect"
ATTENTION, HEADS = "attention", "heads"
"""What is shown of a place that is named with nothing else; and what shows all heads of a layer."""
SURE = 0.55
"""Probability from which the model or the sentence is changed without asking. Chosen on kept-back writers."""
LIKE, RIVAL = 0.8, 0.2
"""Share of the best reading's probability from which another is as good, and from which it may take its place."""
FAINT = 0.02
"""Probability from which an action counts where the likelier one is impossible."""
LINKS = ("forbid", "force", "remove")
"""What 'hide this word from that one' may be read as beside a look at the link."""
OF_A_WORD = frozenset({"same", "link", "attention", "looked-at"})
"""Pictures of a word: where it stands in no sentence, and clearly in the place of one that does, it is exchanged."""
LOOKED_AT = 0.8
"""Probability from which a link is surely to be looked at, and nothing is to be changed."""
A_CUT = 0.2
"""Their probability together, from which a link is perhaps to be changed and not only looked at."""
A_THOUGHT = 0.1
"""Probability of a translation from which a bare turn after a change's effect is about that effect."""
A_RETURN = 0.2
"""Probability of undoing from which 'again', with nothing named, is of the model as it was."""
EVERYTHING = 0.3
"""Probability of 'all as it was trained' from which, where several changes stand, no single one is taken back."""
OF_A_SENTENCE, GOES_ON = frozenset({"earlier", "whole", "add"}), "next-word"
"""Actions that take no number of words; and the experiment that does."""
OF_WHAT_IS_CHANGED = frozenset({"translate", "in-force", "link", "same"})
"""What, unsurely read, asks what the changes in force do."""
SWITCHES = frozenset({"head-off", "mask-off", "positions-off", "forbid", "force"})
"""Actions that change the model: they are asked back where they are not sure."""


def meant(intent: Intent, state: State) -> str:
    """The run that is meant; `ASK` where a change may be meant and is not sure; '' where nothing was read."""
    if not intent.runs:
        return ""
    top = intent.runs[0]
    if other := _of_what_is_shown(intent, state):
        return other
    if state.changes and _of_changes(intent, state):
        return EFFECT
    if top.id == "same" and _like_the_last_change(intent, state):
        return "head-off"
    if top.id == "same" and not intent.slots and state.changes and intent.of_run("undo") >= A_RETURN:
        return "undo"
    if top.id in OF_A_SENTENCE and _counts_words(intent):
        return GOES_ON
    if top.id == "remove" and not _own_words(intent, state):
        return _off(intent, state)
    if top.id in ("undo", "reset"):
        return _back(intent, state)
    if top.id == "same" and intent.texts("sentence") and intent.of_run("compare") >= LIKE * top.probability:
        return "compare"
    if top.id == "link" and top.probability < LOOKED_AT and intent.of_run(*LINKS) >= A_CUT:
        return ASK if len(_own_words(intent, state)) == 2 else top.id
    if top.id in SWITCHES and intent.slots and not _orders(intent, state):
        return next((run.id for run in intent.runs if run.id not in CHANGING), ATTENTION)
    if top.id in SWITCHES and top.probability < SURE and _rivalled(intent):
        return ASK
    return top.id


def of_what_is_changed(intent: Intent, state: State) -> bool:
    """Whether what the changes in force do may be asked for."""
    return bool(state.changes) and intent.of_run("translate", "in-force") >= A_THOUGHT


def rivals(intent: Intent) -> tuple[str, ...]:
    """The runs between which it is asked back, best first."""
    return tuple(run.id for run in intent.runs[:4] if run.probability >= FAINT)


def _orders(intent: Intent, state: State) -> bool:
    """Whether a turn says more than words of the sentence and places: 'after, layer 2, head 3' orders nothing."""
    return values.says_more(intent.text, [*(slot.text for slot in intent.slots), state.sentence])


def _rivalled(intent: Intent) -> bool:
    best, second = intent.runs[0], intent.runs[1] if len(intent.runs) > 1 else None
    return bool(second) and second is not None and second.probability >= RIVAL * best.probability


def _of_changes(intent: Intent, state: State) -> bool:
    """Whether the turn asks, with no word or place named, what the changes in force do."""
    top = intent.runs[0]
    bare = not intent.slots
    if state.last_run and state.last_run.experiment == EFFECT and bare and intent.of_run("translate") >= A_THOUGHT:
        return True
    unsure = (top.probability < SURE and top.id != "same") or top.id == "link"
    return bare and unsure and top.id in OF_WHAT_IS_CHANGED


def _like_the_last_change(intent: Intent, state: State) -> bool:
    """Whether the same is wanted at another place, after a head was switched off: 'and layer 2 too'. A bare place is
    looked at."""
    changed = bool(state.changes) and state.changes[-1].kind == "head"
    shown = bool(state.last_run) and state.last_run is not None and state.last_run.experiment == EFFECT
    kinds = {slot.kind for slot in intent.slots}
    placed = bool(kinds) and kinds <= {"part", "layer", "head"}
    return changed and shown and placed and values.says_more(intent.text, [slot.text for slot in intent.slots])


def _of_what_is_shown(intent: Intent, state: State) -> str:
    """What the last picture makes likelier: all heads, a row at a place named in full, the same of another word."""
    top = intent.runs[0]
    if top.id == "same" and not intent.slots and intent.of_run(HEADS) >= RIVAL * top.probability:
        return HEADS
    kinds = {slot.kind for slot in intent.slots}
    if top.id == "same" and {"layer", "head", "word"} <= kinds and intent.of_run(ATTENTION) >= RIVAL * top.probability:
        return ATTENTION
    if (top.id == "same" and intent.slot("new")) or (top.id in OF_A_WORD and _new_word(intent, state)):
        return "swap"
    if top.id == ATTENTION and top.probability < SURE and _another_row(intent, state):
        return "same"
    return ""


def _new_word(intent: Intent, state: State) -> bool:
    """Whether the one word named is none of the sentence, and it is clear which of its words it is to replace."""
    words = [values.word(slot.text) for slot in intent.slots if slot.kind in ("word", "key")]
    known = f"{state.sentence} {state.translation}"
    fresh = len(words) == 1 and not values.words_in(words[0], known)
    return fresh and bool(values.in_place_of(intent.text, words[0], state.sentence))


def _another_row(intent: Intent, state: State) -> bool:
    """Whether only a word is named, and the picture on the screen can be had of another word."""
    run = state.last_run
    takes = run is not None and state.picture_last and hasattr(run.options, "word")
    return takes and {slot.kind for slot in intent.slots} == {"word"}


def _counts_words(intent: Intent) -> bool:
    """Whether a number of words is named, and no word or sentence."""
    kinds = {slot.kind for slot in intent.slots}
    behind = values.behind(intent.text, [slot for slot in intent.slots if slot.kind == "count"])
    return kinds == {"count"} and behind in ("word", "words")


def _own_words(intent: Intent, state: State) -> list[str]:
    """The words of the sentence that the turn names."""
    named = [values.word(text) for text in (*intent.texts("word"), *intent.texts("key"))]
    return [word for word in named if values.stands_in(word, state.sentence)]


def _off(intent: Intent, state: State) -> str:
    """Taken away, and no word named that could be: the last change, all of them, or the head on the screen."""
    place = any(slot.kind in ("layer", "head") for slot in intent.slots)
    possible = {
        "undo": intent.of_run("undo") if state.before else 0.0,
        "reset": intent.of_run("reset") if state.changes else 0.0,
        "head-off": FAINT if place or on_screen("head", state) else 0.0,
    }
    best = max(possible, key=lambda name: possible[name])
    return best if possible[best] >= FAINT else "remove"


def _back(intent: Intent, state: State) -> str:
    """Undo or reset, unless what was named is no change in force and another reading has a place for it."""
    top = intent.runs[0]
    words = _own_words(intent, state)
    linked = any(word in (change.query, change.key) for change in state.changes for word in words)
    if words and not linked and intent.of_run("remove") >= RIVAL * top.probability:
        return "remove"
    placed = any(slot.kind in ("layer", "head") for slot in intent.slots)
    off = any(change.kind == "head" for change in state.changes)
    if placed and not off and intent.of_run("head-off") >= FAINT:
        return "head-off"
    if not placed and len(state.changes) > 1 and intent.of_run("reset") >= EVERYTHING:
        return "reset"
    return "undo" if placed and off else top.id
