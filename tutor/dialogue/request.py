"""Experiments that are asked for: run exactly as worded, or refused in one line that names what is in the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from tutor.curriculum.tree import Library, Show
from tutor.dialogue import offers
from tutor.dialogue.named_words import of_the_sentence, only_french, with_words
from tutor.dialogue.on_screen import on_screen
from tutor.dialogue.switches import HEADS, LAYERS, pairs
from tutor.dialogue.tell import reply
from tutor.dialogue.types import Offer, Plan, State, Status, Wanted
from tutor.understanding import roles, values
from tutor.understanding.intent import Intent, Slot

FILLED: Mapping[str, tuple[str, ...]] = {
    "word": ("query", "word", "output"),
    "position": ("query", "word"),
    "count": ("neighbours", "candidates", "beam", "steps", "drawn", "batch"),
}
"""Kind of slot -> the options of an experiment that it may fill; else the option of its own name."""
SIDE_BY_SIDE = "compare"
"""The experiment that takes two sentences."""
OF_PART: Mapping[str, tuple[str, ...]] = {
    "cross-attention": ("cross", "decoder"), "causal-mask": ("decoder",), "decoder-step": ("decoder",),
    "encoder-layers": ("encoder",), "contextual": ("encoder",),
}  # fmt: skip
"""Experiment -> what the part of the model is called that it is of, without an option for it."""
LIKELY, FIRST = 0.2, "attention"
"""Share of the best reading's probability from which another may have been meant; and the one that is tried last."""
UNITS: Mapping[str, frozenset[str]] = {
    "length": frozenset("word words token tokens piece pieces".split()),
    "drawn": frozenset("continuations draws samples endings drawn".split()),
    "beam": frozenset("beams beginnings".split()),
    "steps": frozenset("steps step".split()),
    "batch": frozenset("sentences sentence".split()),
}
"""Option -> the words behind a number that say that it is this one's."""
GOES_ON = "next-word"
"""The experiment that writes on for so many words."""
FRENCH_ROWS = "cross-attention"
"""The experiment for all French words; one of them is a row of the map of attention."""
PAIR = "link"
"""The experiment for two words, at one head or where the link is strongest."""
TO_A_WORD = "looked-at"
"""The experiment for who looks at a word."""
OF_PAIRS = frozenset({"attention", "attention-steps", "query-key", "softmax", "same"})
"""What of two words, with a product sign, is asked for as a pair."""
ALL_HEADS, A_ROW_EACH = "heads", 0.05
"""The experiment for all heads of a layer; and its probability from which one word's row is wanted in each of them."""
MOST = 4
"""Pictures that one request may ask for."""
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
    intent = of_the_sentence(roles.with_occurrences(intent, state.sentence), state)
    intent = with_words(intent, state, names)
    if name == FIRST and not (base or intent.slot("part") or intent.slot("sentence")) and only_french(intent, state):
        base = {"part": "cross"}
    other = _for_words(intent, state, name)
    if other == PAIR != name:
        return experiment(library, roles.paired(intent), state, other, _place_on_screen(state, ["layer", "head"]))
    if name == FRENCH_ROWS != other:
        own = OF_PART[FRENCH_ROWS]
        slots = (slot for slot in intent.slots if slot.kind != "part" or values.part(slot.text) not in own)
        unplaced = dataclasses.replace(intent, slots=tuple(slots))
        return experiment(library, unplaced, state, other, {"part": "cross"})
    if other == TO_A_WORD != name:
        return experiment(library, roles.only_looked_at(intent), state, other)
    if other != name:
        return experiment(library, intent, state, other)
    intent = roles.paired(intent) if "key" in names else intent
    if name == ALL_HEADS and not intent.slot("sentence"):
        intent = _in_the_layer(intent, state)
    each = intent.of_run(ALL_HEADS) >= A_ROW_EACH and not intent.slot("head")
    if intent.slot("word") and (name == ALL_HEADS or (name == FIRST and intent.slot("layer") and each)):
        return _in_each_head(library, intent, state)
    french = (base or {}).get("part") == "cross" or values.part(intent.slot("part")) in ("decoder", "cross")
    options, left, unread = _options(intent, state, names, french=french and "part" in names)
    left = [kind for kind in left if not (kind == "part" and values.part(intent.slot("part")) in OF_PART.get(name, ()))]
    if left:
        other = _that_takes(intent, name, leans=base is not None)
        return experiment(library, intent, state, other) if other else _takes_none(library, name, left[0], names)
    if unread:
        return _unread(library, name, *unread[0])
    sentence, *second = _sentences(intent, state) or [""]
    if (
        name == SIDE_BY_SIDE and not second and not (sentence == "" and (base or {}).get("other"))
    ):  # one that is given is the other one; else the one before
        earlier = [text for text in state.sentences if text != state.sentence]
        second, sentence = [sentence] if sentence else earlier[-1:], ""
    if second and "other" in names:
        options["other"] = second[0]
    options = _place_on_screen(state, names) | options if base is None and not sentence and name != PAIR else options
    if base is None and state.place and "head" in options and {"part", "layer"} <= {*names} - {*options}:
        options = dict(zip(("part", "layer"), state.place, strict=True)) | options
    if sentence and "after" in names:
        options["after"], sentence = sentence, ""
    several = _several(intent, state, {**(base or {}), **options}, names)
    if len(several) > MOST:
        return _too_many(library, name, len(several))
    return Plan(
        Status.SMALL,
        wanted=tuple(Wanted(Show(name, one)) for one in several),
        offers=further(library, name),
        sentence=sentence,
        whole=True,
    )


def _in_the_layer(intent: Intent, state: State) -> Intent:
    """All heads of the part and layer on the screen, and of the word whose row was asked for, where none is named."""
    if not (state.picture_last and state.last_run and state.place):
        return intent
    kept = dict(zip(("part", "layer"), map(str, state.place), strict=True))
    one_row = state.last_run.experiment == FIRST and len(state.runs) == 1
    word = getattr(state.last_run.options, "word", "") if one_row else ""
    kept |= {"word": word} if word else {}
    named = {slot.kind for slot in intent.slots}
    if "part" in named:
        kept.pop("layer")
    more = tuple(Slot(kind, text, len(intent.text)) for kind, text in kept.items() if kind not in named)
    return dataclasses.replace(intent, slots=(*intent.slots, *more))


def _for_words(intent: Intent, state: State, name: str) -> str:
    """The experiment that takes the words as they are named: a pair, one that is looked at, one being written."""
    words = {slot.text.casefold() for slot in intent.slots if slot.kind in ("word", "key")}
    if name in OF_PAIRS and len(words) == 2 and values.has_product(intent.text):
        return PAIR
    if name in ("attention", "heads") and not intent.slot("head") and roles.looked_at(intent):
        return TO_A_WORD
    if name == FRENCH_ROWS and any(slot.kind in ("word", "position") for slot in intent.slots):
        return FIRST
    return name


def _several(intent: Intent, state: State, options: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """The options for each picture: one for each of several words, layers or heads that were named."""
    found = [dict(options)]
    for kind in ("part", "layer", "head", "word"):
        texts = [slot.text for slot in intent.slots if slot.kind == kind and not values.points(slot.text)]
        given = values.places(texts, LAYERS if kind == "layer" else HEADS) if kind in ("layer", "head") else texts
        each = list(dict.fromkeys(value for one in given if (value := _value(kind, str(one), state))))
        option = _option(kind, names, intent)
        if option in options and len(each) > 1:
            found = [{**one, option: value} for one in found for value in each]
    places = set(pairs(intent))
    if "head" in names and len(places) > 1 and all(layer and head for layer, head in places):
        found = [one for one in found if (one.get("layer"), one.get("head")) in places]
    return found


def _that_takes(intent: Intent, name: str, *, leans: bool) -> str:
    """The likeliest other experiment that may have been meant and has a place for all that was named; '' for none.

    Where a turn only leans on what was shown before, it may have meant the map of attention as well.
    """
    from tutor.experiments.registry import registered

    kinds = {slot.kind for slot in intent.slots if slot.kind not in _GIVEN_ANYWAY}
    best = next((run.probability for run in intent.runs if run.id in registered()), 0.0)
    likely = [run.id for run in intent.runs if run.probability >= LIKELY * best]
    goes_on = [GOES_ON] if leans and _unit(intent) == "length" else []
    for other in (*goes_on, *likely, *([FIRST] if leans else [])):
        found = registered().get(other)
        names = [field.name.replace("_", "-") for field in dataclasses.fields(found.options)] if found else []
        names += ["part", "word"] if other == FRENCH_ROWS else []
        fitting = all(_option(kind, names, intent) for kind in kinds)
        if found and other != name and fitting:
            return other
    return ""


def _unit(intent: Intent) -> str:
    """The option whose unit stands behind the number: 'six words' are a length."""
    behind = values.behind(intent.text, [slot for slot in intent.slots if slot.kind == "count"])
    return next((option for option, units in UNITS.items() if behind in units), "")


def _option(kind: str, names: Sequence[str], intent: Intent) -> str:
    """The option of an experiment that a kind of slot fills; '' for none."""
    unit = _unit(intent) if kind == "count" else ""
    if unit in names:
        return unit
    if unit == "length" and not values.says_top(intent.text):
        return ""  # so many words to write are no number of candidates
    return next((name for name in FILLED.get(kind, (kind,)) if name in names), "")


def _in_each_head(library: Library, intent: Intent, state: State) -> Plan:
    """The row of one word in every head of a layer."""
    names = ["part", "layer", "head", "word"]
    options, left, unread = _options(intent, state, names)
    if left:
        return _takes_none(library, "heads", left[0], names)
    if unread:
        return _unread(library, "heads", *unread[0])
    options = _place_on_screen(state, names) | options
    options.setdefault("layer", 1)
    several = _several(dataclasses.replace(intent, slots=_unplaced(intent)), state, options, names)
    shows = [Show(FIRST, {**one, "head": head}) for one in several for head in range(1, HEADS + 1)]
    if len(shows) > MOST:
        return _too_many(library, FIRST, len(shows))
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


def _options(
    intent: Intent, state: State, names: list[str], *, french: bool = False
) -> tuple[dict[str, Any], list[str], list[tuple[str, str]]]:
    """Options out of the slots; kinds of slots that there is no place for; (kind, words) that give no value."""
    options: dict[str, Any] = {}
    left, unread = [], []
    for kind in dict.fromkeys(slot.kind for slot in intent.slots if slot.kind not in _GIVEN_ANYWAY - {*names}):
        shown_anyway = {"head": {"layer"}, "key": {"word", "head"}}.get(kind)
        if kind not in names and shown_anyway and shown_anyway <= {*names}:
            continue  # what shows all heads of a layer shows this one too, and the row of a word every key
        option = _option(kind, names, intent)
        value = _value(kind, intent.slot(kind), state, french=french)
        if not option:
            left.append(kind)
        elif value is None or options.get(option, value) != value:  # or two slots say different things of one option
            unread.append((kind, intent.slot(kind)))
        else:
            options[option] = value
    return options, left, unread


def _value(kind: str, text: str, state: State, *, french: bool = False) -> Any:
    """What the words of a slot stand for; None where they name nothing of its kind."""
    if kind in ("word", "key") and values.stands_in(text, state.sentence):
        return values.word(text)
    if kind == "position" and french:
        number = values.place(text, -1)
        return f"#{number}" if number else None
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
    return (roles.word_at(text, state.sentence) if kind == "position" else values.word(text)) or None


def _unplaced(intent: Intent) -> tuple[Slot, ...]:
    return tuple(slot for slot in intent.slots if slot.kind != "head")


def _too_many(library: Library, name: str, count: int) -> Plan:
    line = f"That is {count} pictures, and I show up to {MOST} at once; name fewer."
    return Plan(Status.REFUSED, paragraphs=(line,), offers=(offers.to_see(library, name),))


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
