"""Words of the learner's own sentence that a question names: they are looked up in that sentence, in the head shown.

"Why does it look at *because* and not at *dog*?" is asked about two words and one picture. Where the answer that was
found is about attention in general, or was not surely found, what these words do here counts more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import alter, choice, offers
from tutor.dialogue.on_screen import on_screen
from tutor.dialogue.request import PAIR, TO_A_WORD, further
from tutor.dialogue.screen import MEANT
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.experiments.base import Run
from tutor.experiments.changes import Change
from tutor.experiments.pieces import is_content
from tutor.understanding import values
from tutor.understanding.intent import Intent

HEARD = frozenset({"question", "screen", "objection", "not_asked", "feedback", "request", "out_of_scope"})
"""Acts that may be about words of the sentence."""
OF_ATTENTION = frozenset(
    {"attention", "attention-steps", "cross-attention", "heads", "link", "looked-at", "rank-heads"}
)
"""Pictures of who looks at whom: a concept that is shown by one of them is about such words."""
OF_THE_TRANSLATION = frozenset({"translate", "decoder-step", "cross-attention", "decoding", "teacher-forcing"})
"""Pictures after which a word of the sentence is asked about as the French words see it."""
ATTENTION, COMPARED = "attention", "compare"
WEAK, NEAR = 0.6, 0.65
"""Probability of the best node, and likeness to a known wording, below both of which it was not surely found."""
A_CUT = 0.03
"""Probability of forbidding a link from which that is offered first."""
KNOWN = 0.995
"""Likeness from which a turn is a known wording, to the letter."""
UNSURE, READ = 0.5, 0.3
"""Probability of the best act below which none is sure; and of the best run from which its words are those meant."""
SURE = 0.6
"""Probability of an act or a run from which a turn is surely a request, and is carried out as one."""


def asked_about(library: Library, intent: Intent, state: State, act: str) -> Plan | None:
    """The picture of the words that a turn names; None where it names none, or is about something else."""
    run = state.last_run
    unsure = _unsure(intent, state)
    of_sentence = run is not None and (run.sentence == state.sentence or state.picture_last)
    if run is None or intent.likeness >= KNOWN or not (of_sentence and (act in HEARD or unsure)):
        return None
    looker, key = words_meant(intent, state)
    if run.experiment == COMPARED and looker and not key and _may_be_of_attention(library, intent):
        return _in_both(run, looker)
    if looker and key and _asks_for_pair(intent, across=in_sentence(looker, state) != in_sentence(key, state)):
        return _pair(library, intent, state, looker, key)
    if _is_request(intent) or not (unsure or _of_attention(library, intent) or _weak(intent)):
        return None
    if looker and key:
        return _pair(library, intent, state, looker, key)
    if not looker or (act == "screen" and (intent.acts[0].probability >= SURE or _marked(intent))):
        return None
    return Plan(
        Status.SMALL,
        wanted=(Wanted(of_word(state, looker)),),
        offers=offers.distinct((*_in_general(library, intent), *further(library, ATTENTION))),
        whole=True,
    )


def words_meant(intent: Intent, state: State) -> tuple[str, str]:
    """The word of the sentence or of its translation that looks, and the one looked at; '' for what is not named."""
    both = f"{state.sentence} {state.translation}"
    lookers = [word for text in intent.texts("word") for word in values.words_in(text, both)]
    keys = [word for text in intent.texts("key") for word in values.words_in(text, both)]
    # Where a picture was surely enough read, its words were too; else all that stand in quotation marks count.
    more = () if lookers and _top(intent) >= READ else quoted(intent, state)
    named = [*lookers, *keys, *more]
    named = list(dict.fromkeys(named)) if len({*named}) > 1 else _telling(named, intent, state)
    if len(named) < 2:
        return (*named, "", "")[:2]  # type: ignore[return-value]
    looker = next((word for word in lookers if word not in keys), named[0])
    key = next((word for word in keys if word != looker), next(word for word in named if word != looker))
    return looker, key


def quoted(intent: Intent, state: State) -> tuple[str, ...]:
    """The words of the sentence or its translation that stand in quotation marks."""
    both = f"{state.sentence} {state.translation}"
    single = (text for text in values.quoted_in(intent.text) if len(text.split()) == 1)
    return tuple(word for text in single for word in values.words_in(text, both)[:1])


def _telling(named: Sequence[str], intent: Intent, state: State) -> list[str]:
    """Of words that are named alone, those that are surely meant as words: quoted, French, or with a meaning."""
    marked = quoted(intent, state)
    sure = [word for word in named if word in marked or is_content(word) or not in_sentence(word, state)]
    if sure or not (_weak(intent) or _unsure(intent, state)):
        return sure[:1]
    return [word for word in values.words_in(intent.text, state.sentence) if is_content(word)][:1]


def in_sentence(word: str, state: State) -> bool:
    """Whether a word is one of the English sentence, and not only of its translation."""
    return bool(values.words_in(word, state.sentence))


def of_word(state: State, word: str) -> Show:
    """The last picture for this word, where it can be had of it; else whom the word looks at, or who looks at it."""
    run = state.last_run
    assert run is not None
    options = {name.replace("_", "-"): value for name, value in dataclasses.asdict(run.options).items()}
    place = _place(state)
    if not in_sentence(word, state):
        own = place if place.get("part") == "cross" else {}
        return Show(ATTENTION, {**own, "part": "cross", "word": word})
    if run.experiment in OF_THE_TRANSLATION or options.get("part") == "cross":
        return Show(TO_A_WORD, {"part": "cross", "word": word})
    if "word" in options:
        here = {name: place[name] for name in options if name in place}
        return Show(run.experiment, {**options, **here, "word": word})
    return Show(ATTENTION, {**place, "word": word})


def _place(state: State) -> Mapping[str, Any]:
    """Part, layer and head of the last picture, where it has all three."""
    found = {kind: on_screen(kind, state) for kind in ("part", "layer", "head")}
    return found if all(found.values()) else {}


def _pair(library: Library, intent: Intent, state: State, looker: str, key: str) -> Plan:
    """How much one word looks at another: in the head that is named or shown, and whether in any."""
    if in_sentence(looker, state) and not in_sentence(key, state):
        looker, key = key, looker  # only the French word looks across
    part = "encoder" if in_sentence(looker, state) else "cross" if in_sentence(key, state) else "decoder"
    whether = values.asks_whether(intent.text) and bool(intent.texts("key"))
    place = _named_place(intent) or ({} if whether else _place(state))
    here = {kind: place[kind] for kind in ("layer", "head") if place.get("part", part) == part and kind in place}
    wanted = Wanted(
        Show(PAIR, {"query": looker, "key": key, **here}),
        says=_in_any_head(library, state, answers=whether),
        first=whether,
    )
    cut = (alter.the_change(Change("forbid", query=looker, key=key)),) if part == "encoder" else ()
    general = _in_general(library, intent)
    first = cut if intent.of_run("forbid") >= A_CUT else ()
    return Plan(
        Status.SMALL,
        wanted=(wanted,),
        offers=offers.distinct((*first, *general, *cut, *further(library, PAIR))),
        whole=True,
    )


def _in_any_head(library: Library, state: State, *, answers: bool) -> tuple[tuple[str, str], ...]:
    """The line for a key that is first in no head, and the one for a key that is; as a Yes or No where one is asked."""
    no = reply(library, state, "in no head, answered" if answers else "in no head")
    some = reply(library, state, "in some head, answered" if answers else "in some head")
    return (("top_count < 1", no), ("top_count > 0", some))


def _named_place(intent: Intent) -> dict[str, Any]:
    """The layer and head that the turn itself names."""
    found = {kind: values.place(intent.slot(kind), 0) for kind in ("layer", "head") if intent.slot(kind)}
    return {kind: number for kind, number in found.items() if number}


def _in_both(run: Run, word: str) -> Plan | None:
    """The row of a word in each of the two sentences compared, in the head of the encoder where they differ most."""
    result = run.result
    texts = (result.sentence, result.other)
    if not all(values.words_in(word, text) for text in texts):
        return None
    place = {"part": result.part, "layer": result.layer, "head": result.head} if result.part == "encoder" else {}
    show = Show(ATTENTION, {**place, "word": word})
    return Plan(Status.SMALL, wanted=tuple(Wanted(show, sentence=text) for text in texts))


def _is_request(intent: Intent) -> bool:
    """Whether the turn surely asks to run something."""
    top = _top(intent)
    return intent.act == "request" and (top >= SURE or (intent.acts[0].probability >= SURE and top >= 0.1))


def _marked(intent: Intent) -> bool:
    return bool(intent.marks) and intent.marks[0].probability >= MEANT


def _top(intent: Intent) -> float:
    return intent.runs[0].probability if intent.runs else 0.0


def _unsure(intent: Intent, state: State) -> bool:
    """Whether a picture stands on the screen, and no act was read with any certainty."""
    return state.picture_last and intent.acts[0].probability < UNSURE


def _asks_for_pair(intent: Intent, *, across: bool) -> bool:
    """Whether whom a word looks at is asked for, and the one looked at is named as such, or stands `across`."""
    named = across or (bool(intent.texts("word")) and bool(intent.texts("key")))
    top = intent.runs[0].id if intent.runs and intent.act == "request" else ""
    cut = intent.of_run(*choice.LINKS) >= choice.A_CUT
    asked = top in OF_ATTENTION - {PAIR} or (top == PAIR and not cut and not _named_place(intent))
    return named and asked


def _may_be_of_attention(library: Library, intent: Intent) -> bool:
    """Whether the turn asks for a picture of attention, or is answered by something that is shown by one."""
    if intent.act == "request":
        return bool(intent.runs) and intent.runs[0].id in OF_ATTENTION | {"same"}
    return _of_attention(library, intent) or _weak(intent)


def _weak(intent: Intent) -> bool:
    best = intent.nodes[0].probability if intent.nodes else 0.0
    return best < WEAK and intent.likeness < NEAR


def _of_attention(library: Library, intent: Intent) -> bool:
    """Whether the answer found is about something that is shown by who looks at whom."""
    node = library.nodes.get(intent.node)
    return bool(node) and node is not None and bool(OF_ATTENTION & {*library.concepts[node.concept].shows})


def _in_general(library: Library, intent: Intent) -> tuple[Offer, ...]:
    """The answer found, which speaks of no sentence, as an offer."""
    node = library.nodes.get(intent.node)
    return (offers.to_ask(node),) if node and intent.nodes[0].probability >= 0.3 else ()
