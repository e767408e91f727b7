"""Experiments that are asked for: run exactly as worded, or refused in one line that names what is in the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import offers
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.understanding import values
from tutor.understanding.intent import Intent, Slot

LAYERS, HEADS = 3, 4
"""Of the bundled translator: what 'the last layer' is. The run itself checks the number against the model."""
FILLED: Mapping[str, tuple[str, ...]] = {
    "word": ("query", "word", "output"),
    "position": ("query", "word"),
    "count": ("neighbours", "candidates", "beam", "steps", "drawn", "batch"),
}
"""Kind of slot -> the options of an experiment that it may fill; else the option of its own name."""
SHOWN: Mapping[str, tuple[str, ...]] = {
    "part": ("part",), "layer": ("layer",), "head": ("head",), "word": ("query_word", "output_word", "word", "token"),
    "key": ("key_word",),
}  # fmt: skip
"""Kind of slot -> the fields of a result that 'that head' or 'the same word' may mean, the first that it has."""
RANKED = "rank-heads"
"""The experiment that lists heads, the one that counts most first."""
SIDE_BY_SIDE = "compare"
"""The experiment that takes two sentences."""
OF_PART: Mapping[str, str] = {
    "cross-attention": "cross", "causal-mask": "decoder", "decoder-step": "decoder", "encoder-layers": "encoder",
    "contextual": "encoder",
}  # fmt: skip
"""Experiment -> the part of the model that it is of, without an option for it."""
LIKELY, FIRST = 0.02, "attention"
"""Probability from which another experiment may have been meant; and the one that is tried last."""
_GIVEN_ANYWAY = frozenset({"sentence", "earlier", "number", "new"})


def experiment(
    library: Library, intent: Intent, state: State, name: str, base: Mapping[str, Any] | None = None
) -> Plan:
    """An experiment with the options that the slots give, on the sentence in force or the one in the turn."""
    from tutor.experiments.registry import registered

    found = registered().get(name)
    if not found:
        return Plan(Status.ASKED_BACK, paragraphs=(reply(library, state, "no such run"),), replied=("no such run",))
    names = [field.name.replace("_", "-") for field in dataclasses.fields(found.options)]
    if name == "heads" and intent.slot("word"):
        return _in_each_head(library, intent, state)
    intent = _with_words(intent, state, names)
    options, left, unread = _options(intent, state, names)
    left = [kind for kind in left if not (kind == "part" and values.part(intent.slot("part")) == OF_PART.get(name))]
    if left:
        other = _that_takes(intent, name, leans=base is not None)
        return experiment(library, intent, state, other) if other else _takes_none(library, name, left[0], names)
    if unread:
        return _unread(library, name, *unread[0])
    sentence, *second = _sentences(intent, state) or [""]
    if name == SIDE_BY_SIDE and not second:  # one that is given is the other one; else the one before
        earlier = [text for text in state.sentences if text != state.sentence]
        second, sentence = [sentence] if sentence else earlier[-1:], ""
    if second and "other" in names:
        options["other"] = second[0]
    options = _place_on_screen(state, names) | options if base is None and not sentence else options
    if sentence and "after" in names:
        options["after"], sentence = sentence, ""
    show = Show(name, {**(base or {}), **options})
    return Plan(
        Status.SMALL,
        wanted=(Wanted(show),),
        offers=further(library, name),
        sentence=sentence,
        whole=True,
    )


def _that_takes(intent: Intent, name: str, *, leans: bool) -> str:
    """The likeliest other experiment that may have been meant and has a place for all that was named; '' for none.

    Where a turn only leans on what was shown before, it may have meant the map of attention as well.
    """
    from tutor.experiments.registry import registered

    kinds = {slot.kind for slot in intent.slots if slot.kind not in _GIVEN_ANYWAY}
    likely = [run.id for run in intent.runs if run.probability >= LIKELY]
    for other in (*likely, *([FIRST] if leans else [])):
        found = registered().get(other)
        names = {field.name.replace("_", "-") for field in dataclasses.fields(found.options)} if found else set()
        fitting = all(names & {*FILLED.get(kind, (kind,))} for kind in kinds)
        if found and other != name and fitting:
            return other
    return ""


def _in_each_head(library: Library, intent: Intent, state: State) -> Plan:
    """The row of one word in every head of a layer."""
    names = ["part", "layer", "head", "word"]
    options, _, unread = _options(intent, state, names)
    if unread:
        return _unread(library, "heads", *unread[0])
    options = _place_on_screen(state, names) | options
    options.setdefault("layer", 1)
    shows = [Show("attention", {**options, "head": head}) for head in range(1, HEADS + 1)]
    return Plan(Status.SMALL, wanted=tuple(Wanted(show) for show in shows), offers=further(library, "attention"))


def _place_on_screen(state: State, names: list[str]) -> dict[str, Any]:
    """The part, layer and head of the picture that was asked for last, for one that has them too."""
    if not (state.picture_last and {"layer", "head"} <= {*names}):
        return {}
    found: dict[str, Any] = {kind: on_screen(kind, state) for kind in ("part", "layer", "head") if kind in names}
    return found if all(found.values()) else {}


def _sentences(intent: Intent, state: State) -> list[str]:
    """The sentences in a turn. A lone word that stands on the screen or in no quotation marks is none."""
    found = [values.whole_of(text, intent.text).strip("\"“”‘’*' ") for text in intent.texts("sentence")]
    marked = values.quoted_in(intent.text)
    return [text for text in found if len(text.split()) > 1 or text in marked]


def _with_words(intent: Intent, state: State, names: list[str]) -> Intent:
    """Where no word was read, the words of the sentence that the turn names: whoever names one wants that one."""
    if any(slot.kind in ("word", "key", "position", "sentence") for slot in intent.slots):
        return intent
    kinds = [kind for kind, wanted in (("word", ("query", "word")), ("key", ("key",))) if set(wanted) & set(names)]
    named = values.words_named(intent.text, state.sentence)
    slots = tuple(Slot(kind, text, intent.text.find(text)) for kind, text in zip(kinds, named, strict=False))
    return dataclasses.replace(intent, slots=(*intent.slots, *slots))


def _options(intent: Intent, state: State, names: list[str]) -> tuple[dict[str, Any], list[str], list[tuple[str, str]]]:
    """Options out of the slots; kinds of slots that there is no place for; (kind, words) that give no value."""
    options: dict[str, Any] = {}
    left, unread = [], []
    for kind in dict.fromkeys(slot.kind for slot in intent.slots if slot.kind not in _GIVEN_ANYWAY - {*names}):
        shown_anyway = {"head": {"layer"}, "key": {"word", "head"}}.get(kind)
        if kind not in names and shown_anyway and shown_anyway <= {*names}:
            continue  # what shows all heads of a layer shows this one too, and the row of a word every key
        option = next((name for name in FILLED.get(kind, (kind,)) if name in names), "")
        value = _value(kind, intent.slot(kind), state)
        if not option:
            left.append(kind)
        elif value is None:
            unread.append((kind, intent.slot(kind)))
        else:
            options[option] = value
    return options, left, unread


def _value(kind: str, text: str, state: State) -> Any:
    """What the words of a slot stand for; None where they name nothing of its kind."""
    if values.points(text):
        return on_screen(kind, state)
    if kind == "part":
        return values.part(text) or text
    if kind in ("layer", "head"):
        return values.place(text, LAYERS if kind == "layer" else HEADS) or None
    if kind == "count":
        return values.count(text) or None
    if kind == "temperature":
        return values.number(text)
    return (values.word_at(text, state.sentence) if kind == "position" else values.word(text)) or None


def on_screen(kind: str, state: State) -> Any:
    """The part, layer, head or word of the last picture; None where it has none."""
    result = state.last_run.result if state.last_run else None
    if state.last_run and state.last_run.experiment == RANKED:
        result = next(iter(getattr(result, "heads", ())), None)  # the one at the top
    return next((found for name in SHOWN.get(kind, ()) if (found := getattr(result, name, None))), None)


def _unread(library: Library, name: str, kind: str, text: str) -> Plan:
    line = f"I cannot tell which {kind} you mean by “{text}”; name it in other words."
    return Plan(Status.REFUSED, paragraphs=(line,), offers=(offers.to_see(library, name),))


def _takes_none(library: Library, name: str, kind: str, names: list[str]) -> Plan:
    takes = " and ".join(names) if names else "nothing but the sentence"
    narration = library.narrations.get(name)
    line = f"“{narration.title if narration else name}” cannot be asked for by {kind}: it takes {takes}."
    return Plan(Status.REFUSED, paragraphs=(line,), offers=(offers.to_see(library, name),))


def further(library: Library, name: str) -> tuple[Offer, ...]:
    """What is worth trying after an experiment."""
    narration = library.narrations.get(name)
    return offers.distinct(_worded(library, text) for text in (narration.next if narration else ()))


def _worded(library: Library, text: str) -> Offer:
    """An offer out of a narration's `next`: a question, or a command in backquotes."""
    command = text.strip("`")
    if not command.startswith("/"):
        node = next((one for one in library.nodes.values() if text in one.wordings), None)
        return offers.to_ask(node) if node else Offer(text)
    name, *words = command.split()
    if name == "/show" and words:
        return dataclasses.replace(offers.to_see(library, words[0]), command=command)
    return Offer(f"Try {command}", command=command)
