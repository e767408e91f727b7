"""Follow-ups to a run: the same for another word, with a word exchanged, in another part; why that one is highest."""

from __future__ import annotations

import dataclasses
import re
from contextlib import suppress
from typing import Any

from model.errors import ModelError
from tutor.chat.answering import fresh, said, show_of
from tutor.chat.offers import untold, worded
from tutor.chat.state import Draft, State
from tutor.chat.words import WORD_ANSWERS
from tutor.curriculum.tree import Show
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.experiments.pieces import is_content
from tutor.understanding.types import Clue, Understood

_QUOTE = r"[\"'“‘*«]?"
_W = r"[\w-]+(?:'\w+)?"
_WORD = rf"{_QUOTE}(?:the word )?{_QUOTE}(?P<word>{_W})[\"'”’*»]?"
_LEAD = r"(?:(?:no|nope|so|ok|okay|and|but|now|then|sorry|wait|well|actually|please|hm+)\b[,\s]*)*"
_MEANT = re.compile(
    rf"{_LEAD}(?P<lead>i (?:mean|meant)|not (?:that|this|it)(?: one)?,?(?: but)?|what about|how about|with"
    rf"|(?:same )?for|try(?: it)?(?: with| for)?|show(?: me)?"
    rf"|(?:do|show)(?: me)?(?: it| that| this| the same)? (?:for|with|of)|(?:it|the same|the one) for)?"
    rf"\s*(?:the (?:word|token|row of)\s+)?{_WORD}(?: instead| please| now| then| one)*\W*",
    re.IGNORECASE,
)
_EXCHANGED = (
    re.compile(
        rf"\b(?:chang|replac|swap|exchang|turn|substitut)\w*\s+{_QUOTE}(?P<old>{_W})[\"'”’*»]?\s+"
        rf"(?:to|with|by|for|into|against)\s+{_QUOTE}(?P<new>{_W})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_QUOTE}(?P<new>{_W})[\"'”’*»]?\s+(?:instead of|in place of|rather than)\s+{_QUOTE}(?P<old>{_W})",
        re.IGNORECASE,
    ),
)
_LEFT_OUT = re.compile(
    rf"\b(?:without|leav\w+ out|remov\w+|delet\w+|drop\w*|take out|took out)\s+(?:the word\s+)?{_QUOTE}(?P<old>{_W})"
    r"(?![\"'”’*»]?\s+(?:link|look|connection|arrow|head|layer|mask|scale|norm))",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\b(?:delet|remov|cut|forbid|forbad|block|break|brok|switch|take|took|without|lose|lost|drop)\w*\b.{0,12}\b"
    r"(?:that|this|the) (?:link|look|connection|glance)\b",
    re.IGNORECASE,
)
_WHY_HIGH = re.compile(
    r"\bwhy\b.{0,12}\b(?:that|this|it|there)\b.{0,24}\b(?:high\w*|larg\w+|big\w*|most|strong\w*|much|there|top|winner|wins?)\b"
    r"|\bwhy (?:does|did) (?:it|that|this)(?: one| word)? (?:look|attend|point)s?(?: there| at that| at it)?\W*$"
    r"|\bwhy (?:that|this)(?: one| word)\W*$"
    r"|\bwhy did (?:it|the model) (?:pick|choose|take|select) (?:that|this|it)(?: one| word)?(?: there)?\W*$",
    re.IGNORECASE,
)
_OF_A_WORD = re.compile(r"\b(?:one|word|token)\b", re.IGNORECASE)
_ALSO_IN = re.compile(
    r"\b(?:does|do|is|are|would|will)\b.{0,20}\b(?:also|same|too|hold|holds|true|apply|applies|work)\b.{0,24}"
    r"\b(?P<part>encoder|decoder|cross[- ]attention)\b",
    re.IGNORECASE,
)
_AND_IN = re.compile(
    r"(?:(?:and|ok|so|but|or|what about|how about|same)\s+)+(?:in|inside|for|within)\s+(?:the |a )?"
    r"(?P<part>encoder|decoder|cross[- ]attention)\W*",
    re.IGNORECASE,
)
_SAME_IN = re.compile(
    r"(?:(?:and|so|ok|but|in|is|the)\s+)*(?P<part>encoder|decoder|cross[- ]attention)\s+(?:is |has |does |do |it )*"
    r"(?:the )?(?:same|also|too|as well)(?: thing)?\W*",
    re.IGNORECASE,
)
_PARTS = {"encoder": "encoder", "decoder": "decoder"}
_LEARNED = frozenset("backpropagation chain-rule gradient gradient-descent training vanishing-gradient weights".split())
"""Concepts of learning, which is one and the same for the whole network."""
_EVERYWHERE = _LEARNED | frozenset(
    "attention attention-score attention-weights context-vector embedding feed-forward layer-normalization softmax "
    "multi-head-attention positional-encoding query-key-value residual-connection scaling self-attention".split()
)
"""Concepts that the blocks of an encoder and of a decoder share."""


def follow_up(state: State, text: str) -> tuple[Understood, Draft] | None:
    """The answer, where the turn speaks of the run before it."""
    if not state.live or not state.last_run:
        return None
    return (
        _exchanged(state, text, state.last_run)
        or _cut(state, text, state.last_run)
        or _why_high(state, text, state.last_run)
        or _in_other_part(state, text, state.last_run)
        or _meant(state, text, state.last_run)
    )


def _meant(state: State, text: str, last: Run) -> tuple[Understood, Draft] | None:
    """'No, I mean cat': the last run again, for that word."""
    found = _MEANT.fullmatch(text.strip())
    word = found["word"] if found else ""
    if not found or word.casefold() in _NO_WORDS or _names_a_concept(state, word):
        return None
    if not (_has(state.sentence, word) or (found["lead"] and _in_translation(state, word))):
        return None
    why = state.library.nodes.get(WORD_ANSWERS["link"][2])
    offers = [*untold(state, [why] if why else []), worded("/show attention-steps"), worded("/show word-importance")]
    draft = Draft([state.memory.reply("that word").format(word=word)], offers=offers, small=True)
    draft.shows = (_on_word(last, word),)
    return _understood(state, Clue(word, "a word of your sentence")), draft


def _names_a_concept(state: State, word: str) -> bool:
    names = (name for concept in state.library.concepts.values() for name in (concept.id, *concept.names))
    return word.casefold() in {name.casefold() for name in names}


def _in_translation(state: State, word: str) -> bool:
    try:
        return _has(state.runner.models.read(state.sentence).translation, word)
    except (LearnerError, ModelError):
        return False


_NO_WORDS = frozenset("it is that this the a an and or but i you not no for on in".split())


def _on_word(run: Run, word: str) -> Show:
    """The experiment of that run, or the map of one word's attention, about this word."""
    names = [field.name for field in dataclasses.fields(run.options)]
    chosen = dataclasses.asdict(run.options)
    if run.experiment == "cross-attention" and _has(run.sentence, word):
        return Show("link", {"key": word})  # there the words of the sentence are looked at
    for name in ("word", "query", "output"):
        if name in names:
            kept = {n: v for n, v in chosen.items() if n in ("part", "layer", "head")}
            return Show(run.experiment, {**kept, name: word})
    return Show("link", {"query": word})


def _why_high(state: State, text: str, last: Run) -> tuple[Understood, Draft] | None:
    """'Why is that one the highest?': the link between the two words that the last run pointed out."""
    if not _WHY_HIGH.search(text):
        return None
    if not _pair_of(last)[0] and _OF_A_WORD.search(text):
        with suppress(LearnerError, ModelError):
            last = state.runner.peek(Show("attention"), state.sentence)
    query, key = _pair_of(last)
    result: Any = last.result
    if not key:
        return None
    concept, facet, name = WORD_ANSWERS["link"]
    node = state.library.nodes.get(name)
    ways = fresh(state, node) if node else []
    draft = Draft(said(state, node, ways[0]) if node and ways else [], node=node)
    draft.shows = (Show("link", {"query": query, "key": key}),)
    if last.experiment == "link":  # one more step down: the arithmetic
        place = {name: getattr(result, name) for name in ("part", "layer", "head")}
        draft.shows = (Show("attention-steps", {**place, "word": query}),)
    clues = (Clue(query, "the word that looked"), Clue(key, "the word that got most"))
    return Understood("question", (concept,), facet, confidence=1.0, clues=clues), draft


def _cut(state: State, text: str, last: Run) -> tuple[Understood, Draft] | None:
    """'What if I delete that link?': the model with the link forbidden, which the run on a link shows."""
    query, key = _pair_of(last)
    if not key or not _CUT.search(text):
        return None
    concept, facet, _ = WORD_ANSWERS["link"]
    draft = Draft(shows=(Show("link", {"query": query, "key": key}),), small=True)
    result: Any = last.result
    if last.experiment == "link":
        line = state.memory.reply("cut link").format(
            query=result.query_word,
            key=result.key_word,
            word=result.affected_token,
            before=result.probability,
            after=result.probability_without,
        )
        draft = Draft([line], small=True)
    clues = (Clue(query, "the word that looked"), Clue(key, "the word that got most"))
    return Understood("question", (concept,), facet, confidence=1.0, clues=clues), draft


def _pair_of(run: Run) -> tuple[str, str]:
    """The two words that a run pointed out, or empty words."""
    result = run.result
    query = getattr(result, "query_token", "") or getattr(result, "sharpest_target", "")
    return (query, getattr(result, "key_token", "") or getattr(result, "sharpest_source", "")) if query else ("", "")


def _in_other_part(state: State, text: str, last: Run) -> tuple[Understood, Draft] | None:
    """'Does that also hold for the decoder?': yes where both halves have it, and the same run there."""
    found = _ALSO_IN.search(text) or _AND_IN.fullmatch(text.strip()) or _SAME_IN.fullmatch(text.strip())
    topic = state.concepts[0] if state.concepts else ""
    if not found or topic not in _EVERYWHERE:
        return None
    part = _PARTS.get(found["part"].casefold(), "cross")
    kind = "holds in the decoder" if part == "decoder" and topic not in _LEARNED else "holds there"
    line = state.memory.reply(kind).format(part=found["part"].casefold(), topic=state.title(topic))
    names = [field.name for field in dataclasses.fields(last.options)]
    show = Show(last.experiment if "part" in names else "attention", {"part": part})
    if topic in _LEARNED and state.last_node:
        show = show_of(state, state.last_node)
    draft = Draft([line], node=state.last_node, shows=(show,), small=True)
    where = "cross-attention" if part == "cross" else part
    return Understood("question", (topic, where), "relation", 1.0, clues=(Clue(found[0], "the same there"),)), draft


def _exchanged(state: State, text: str, last: Run) -> tuple[Understood, Draft] | None:
    """'What if I change tired to wet?': the changed sentence comes into force, and the last run is made on it."""
    changed = _changed_sentence(state.sentence, text)
    if not changed:
        return None
    sentence, old, new = changed
    runs = None
    if last.sentence == state.sentence and last.experiment not in ("parameters", "cost"):
        options = dataclasses.asdict(last.options)
        same = {name: new if new and str(v).casefold() == old.casefold() else v for name, v in options.items()}
        with suppress(LearnerError, ModelError):  # a word of the last run need not be in the other sentence
            runs = last, state.runner.run(Show(last.experiment, same), sentence, fresh=False)[0]
    try:
        if not runs:
            before = state.runner.peek(Show("attention", {"layer": 2}), state.sentence)
            runs = before, state.runner.run(Show("attention", {"layer": 2}), sentence, fresh=False)[0]
        lines = _difference(state, *runs)
    except (LearnerError, ModelError):
        return None
    what = f"*{new}* for *{old}*" if new else f"*{old}* left out"
    state.sentence = sentence
    draft = Draft([f"With {what}, the sentence in force is now: *{sentence}*", *lines], runs=runs[1:])
    return _understood(state, Clue(old, f"becomes {new or 'nothing'}")), draft


def _changed_sentence(sentence: str, text: str) -> tuple[str, str, str] | None:
    for pattern in _EXCHANGED:
        found = pattern.search(text)
        if found and _is_meant(text, found, sentence):
            return _put(sentence, found["old"], found["new"]), found["old"], found["new"]
    found = _LEFT_OUT.search(text)
    if found and _is_meant(text, found, sentence):
        return " ".join(_put(sentence, found["old"], "").split()).replace(" .", "."), found["old"], ""
    return None


def _is_meant(text: str, found: re.Match[str], sentence: str) -> bool:
    """Whether the old word is one of the sentence: a little word counts only where it is quoted or called a word.

    "What if we remove the softmax?" speaks of the softmax, not of "the".
    """
    before = text[: found.start("old")]
    named = before.rstrip()[-5:].casefold().endswith("word") or before[-1:] in set("\"'“‘*«")
    return _has(sentence, found["old"]) and (named or is_content(found["old"]))


def _has(sentence: str, word: str) -> bool:
    return bool(re.search(rf"\b{re.escape(word)}\b", sentence, re.IGNORECASE))


def _put(sentence: str, old: str, new: str) -> str:
    def instead(found: re.Match[str]) -> str:
        return new[:1].upper() + new[1:] if found[0][:1].isupper() else new

    return re.sub(rf"\b{re.escape(old)}\b", instead, sentence, count=1, flags=re.IGNORECASE)


def _difference(state: State, before: Run, after: Run) -> list[str]:
    """What came out otherwise: the translation, and where the run pointed."""
    one, two = (state.runner.models.read(run.sentence).translation for run in (before, after))
    line = f"The translation was “{one}” Now it is “{two}”" if one != two else f"The translation stays “{two}”"
    told = [_pointed(run) for run in (before, after)]
    if all(told):
        line += f" Before, {told[0]}; now {told[1]}." if told[0] != told[1] else f" Before and now, {told[1]}."
    elif hasattr(after.result, "loss") and hasattr(before.result, "loss"):
        line += f" The loss was {before.result.loss:.3f} and is {after.result.loss:.3f} nats a token."
    return [line]


def _pointed(run: Run) -> str:
    """Where the run pointed: the share of one word in another's attention."""
    result = run.result
    query, key, weight = (getattr(result, name, None) for name in ("query_token", "key_token", "weight"))
    if not query or not key or not isinstance(weight, float):
        return ""
    most = "at most" if run.experiment == "link" else "most,"
    return f"“{query}” gave “{key}” {most} {weight:.0%}"


def _understood(state: State, *clues: Clue) -> Understood:
    return Understood("example_request", state.concepts, "example", confidence=1.0, clues=clues)
