"""Questions about the learner's own sentence and its translation: which French word stands for which English one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from model.errors import ModelError
from tutor.chat.alignment import MAINLY, Alignment, align, places_of, side_by_side, text_of
from tutor.chat.answering import point_of
from tutor.chat.offers import worded
from tutor.chat.state import Draft, State
from tutor.chat.words import NOT_WORDS
from tutor.curriculum.narration import fill
from tutor.curriculum.tree import Branch, Show
from tutor.errors import LearnerError
from tutor.understanding.types import Clue, Understood

CLEARLY = 0.5
"""Share of a look from which one word is named as the source without a second one."""
NODE = "cross-attention.what"
"""The node that these answers rest on."""
LONGEST = 200
"""Characters of a question about single words; whatever is longer is another kind of question."""
NODE_MISSING = "encoder-decoder.limits.missing"
_ONE_PLACE = (
    Branch(
        "",
        "The picture is of {where} alone; the share above is an average over all {layers} layers.",
    ),
)

IT = r"(?:it|you|the (?:model|translator|decoder|network|machine|transformer))"
LEAD = re.compile(r"^(?:(?:and|so|ok|okay|but|then|now|well|please|hm+|wait|also|tell me|can you tell me)\b[,:\s]*)+")
_THERE = r"(?:the |its |my |your )?(?:translation|french|output)"
_BESIDES = re.compile(r",? and (?:where (?:does|did) it look.*|why)$")
_TAIL = re.compile(
    r"(?:,? (?:exactly|here|there|then|please|now|actually|though)"
    rf"|,? in (?:my|the|this|your) sentence| (?:in|into|to) (?:{_THERE}|english))$"
)
_X = r"(?P<x>.{1,60}?)"
_WRITES = (
    r"(?:writ(?:es?|ing|ten)|wrote|says?|said|produc(?:es?|ed|ing)|puts?|us(?:es?|ed|ing)|chose|chooses?|choose"
    r"|pick(?:s|ed)?)"
)
_WORDS = r"(?:words?|tokens?|translations?|equivalents?)"
_GONE = r"(?:missing|left out|lost|gone|not there|not translated|dropped|skipped|absent|omitted|untranslated)"
_OMIT = r"(?:leave out|drop|skip|forget|omit|lose|ignore)"
_WHEN = rf".*\b(?:look|attend|focus)\w*\b.* (?:when|while|as|to|before) (?:{IT} )?"

_OF_SOURCE = (
    rf"how (?:did|does|do|would|will|has|can) {IT} (?P<sure>translated?|render(?:ed)?) {_X}",
    rf"how (?:did|does|do|would|will) {IT} (?:put|write|say|express|turn) {_X}",
    rf"how (?:is|was|did|does|gets?|got) {_X} (?:get |been |come out )?(?P<sure>translated|rendered)",
    rf"(?:what|which)(?:'s| is| was| are| were)? (?:the )?(?:french |translated |output )*{_WORDS}"
    rf"(?: (?:stands?|stood|is|was|did {IT}|does {IT}|{IT}|{_WRITES}|translates?|corresponds?|came|comes|out|gets?))*"
    rf" (?:for|of|to|from|means?) {_X}",
    rf"(?:what|which)(?:'s| is| was) (?:the )?(?P<sure>french) (?:for|of) {_X}",
    rf"what (?:did|does|do|will|has) {IT} (?P<sure>{_WRITES}) (?:down )?(?:for|instead of) {_X}",
    rf"(?:what|where|which)(?:'s| is| was| are| did| does) {_X}(?P<sure> in {_THERE})",
    rf"what (?:became of|happened to|happens to|has become of) {_X}",
    rf"what (?:does|did|do|will) {_X} (?:become|turn into|(?:get )?translated? (?:to|into|as))",
    rf"{_WHEN}(?:translat\w+|{_WRITES} (?:the |its )?(?:french |words? |translation |verb |noun )+(?:for|of)) {_X}",
)
_MISSING = (
    rf"why (?:is|was|are) (?:there no )?{_X} (?:{_GONE}|not)(?: (?:in|from) {_THERE})?",
    rf"why (?:did|does) {IT} (?:not translate|{_OMIT}) {_X}",
    rf"why (?:did|does)n't {IT} (?:translate|write) {_X}",
    rf"(?:is|was) {_X} (?:{_GONE}(?: (?:in|from) {_THERE})?|(?:part of|in) the translation)",
    rf"(?:did|does) {IT} (?:even )?(?:translate|{_OMIT}) {_X}(?: at all)?",
    rf"where (?:did|is|has) {_X} (?:go|gone|end up|land)",
)
_OF_OUTPUT = (
    rf"where (?:does|did|do) {_X} come from",
    r"(?:which|what) (?:(?:of my |of the )?(?P<sure>english|source|input|original) )?(?:words?|tokens?)(?: of mine"
    r"| of my sentence)? (?:(?:is|are|was|were|has|stands?|stood|led|leads|lies|lay) )?(?:behind|the source of"
    r"|the origin of|responsible for|gave|made|became|become|turned into|led to|to|produced|corresponds to|belongs to"
    rf"|for|matches|translates (?:in)?to) {_X}",
    rf"(?:which|what) (?P<sure>english) (?:words?|tokens?) (?:does|did|do|is|was) {_X}"
    r" (?:stand for|come from|mean|translate|correspond to|belong to|go back to|render)",
    rf"what (?:does|did) {_X} (?:stand for|translate|correspond to|go back to)",
    rf"what (?:is|was) {_X} (?:a |the )?(?:translation of|french for|translated from)",
    rf"where (?:does|did|do) {IT} (?:look|get|take)s?(?: for| at)? {_X}(?: from)?",
    rf".*\b(?P<sure>english|source) words?\b{_WHEN}{_WRITES} {_X}",
)
_PAIR = (
    rf"why (?:did|does|do|has) {IT} (?:translate|render|turn|put) (?P<x>.+?) (?:as|into|by|with|to) (?P<y>.+)",
    rf"why (?:did|does|do|has) {IT} {_WRITES} (?P<y>.+?) for (?P<x>.+)",
    r"why (?:is|was|does|did) (?P<x>.+?) (?:translated (?:as|into|by|to)|become|became) (?P<y>.+)",
)
_KINDS = tuple(
    (kind, re.compile(pattern))
    for kind, patterns in (("pair", _PAIR), ("missing", _MISSING), ("source", _OF_SOURCE), ("output", _OF_OUTPUT))
    for pattern in patterns
)
_OPENERS = re.compile(
    r"^(?:(?:the|my|a|an|your) )?(?:(?:french |english )?(?:words?|tokens?|verbs?|nouns?|adjectives?|names?) )?"
)
STAND_INS = NOT_WORDS | {"it"}
"""Words that here speak of something else, unless they are quoted."""
_THINGS = STAND_INS | frozenset(
    "sentence text verb noun adjective subject object better well correctly languages language english french word "
    "phrase paragraph him her here there then more others he she we they i meaning".split()
)
_QUOTED = re.compile(r"^['\"“‘«*].+['\"”’»*]$")


def spoken(text: str) -> str:
    """The question in lower case, without what leads into it and without its marks at the end."""
    folded = " ".join(text.casefold().replace("’", "'").split())
    return LEAD.sub("", folded).rstrip("?!. ")


def about_translation(state: State, text: str) -> tuple[Understood, Draft] | None:
    """The answer, where the turn asks which word of the translation stands for a word, or the other way round."""
    said = _BESIDES.sub("", spoken(text))
    if len(said) > LONGEST:
        return None
    while _TAIL.search(said) and not any(pattern.fullmatch(said) for kind, pattern in _KINDS if kind == "source"):
        said = _TAIL.sub("", said)
    matches = [(kind, match) for kind, pattern in _KINDS if (match := pattern.fullmatch(said))]
    if not matches:
        return None
    try:
        found = align(state)
        answers = (_answered(state, text, kind, match, found) for kind, match in matches)
        draft = next((draft for draft in answers if draft), None)
    except (LearnerError, ModelError):
        return None  # said when the answer is shown
    if not draft:
        return None
    word = matches[0][1]["x"]
    clues = (Clue(word, "a word of your sentence or its translation"),)
    return Understood("question", ("cross-attention",), "example", confidence=1.0, clues=clues), draft


def _answered(state: State, text: str, kind: str, match: re.Match[str], found: Alignment) -> Draft | None:
    if kind == "pair":
        return _pair(state, match, found)
    yours = _places(match["x"], found, "source")
    french = _places(match["x"], found, "target")
    if yours and (kind != "output" or not french):
        return standing_for(state, found, yours, missing=kind == "missing")
    if french and kind != "missing":
        return _coming_from(state, found, french)
    sure = match.groupdict().get("sure") or _QUOTED.match(match["x"].strip())
    return _not_there(state, match["x"], kind, found) if sure else None


def _places(phrase: str, found: Alignment, side: str) -> list[tuple[int, ...]]:
    """Where the phrase stands on that side, as typed or without an article; a pronoun only where it is quoted."""
    words = found.source if side == "source" else found.target
    phrase = phrase.strip()
    if phrase in STAND_INS:
        return []
    return places_of(phrase, words) or places_of(_OPENERS.sub("", phrase), words)


def standing_for(state: State, found: Alignment, yours: list[tuple[int, ...]], *, missing: bool = False) -> Draft:
    """What was written for words of the sentence, by where the translation looked."""
    places = max(yours, key=lambda at: found.looking_at(at)[0][1])
    word = text_of(found.source, places)
    fields = {"word": word, "layers": found.layers, "heads": found.heads}
    standing = found.standing_for(places)
    if standing:
        groups = side_by_side(found.target, [at for at, _ in standing])
        texts = [f"“{text_of(found.target, group)}”" for group in groups]
        given = dict(standing)
        shares = [percent(fmean(given[at] for at in group if at in given)) for group in groups]
        line = fill(state.memory.reply("stands for"), {**fields, "written": listed(texts), "shares": listed(shares)})
        return drafted(state, found, [line], found.target[standing[0][0]].text, found.source[places[0]].text)
    at, share = found.looking_at(places)[0]
    nearest = {"other": found.target[at].text, "share": percent(share)}
    lines = [fill(state.memory.reply("stands for nothing"), fields | nearest)]
    why = state.library.nodes.get(NODE_MISSING) if missing else None
    if why:
        lines += [point for point in (point_of(state, why),) if point]
    return drafted(state, found, lines, nearest["other"], found.source[places[0]].text)


def _coming_from(state: State, found: Alignment, french: list[tuple[int, ...]]) -> Draft:
    """Where the look went while words of the translation were written."""
    written = max(french, key=lambda at: found.sources(at)[0][1])
    (first, share), *others = found.sources(written)
    word, source = text_of(found.target, written), found.source[first].text
    fields = {"word": word, "source": source, "share": percent(share), "layers": found.layers, "heads": found.heads}
    kind = "comes from" if share >= CLEARLY or not others else "comes mostly from"
    if share < MAINLY:
        kind = "comes from nowhere"
    elif others:
        fields |= {"second": found.source[others[0][0]].text, "second_share": percent(others[0][1])}
    return drafted(state, found, [fill(state.memory.reply(kind), fields)], word, source)


def _pair(state: State, match: re.Match[str], found: Alignment) -> Draft | None:
    """'Why did it translate cow as vache?': how likely the one was, and how much of the look the other had."""
    for phrase, other in ((match["x"], match["y"]), (match["y"], match["x"])):
        yours, french = _places(phrase, found, "source"), _places(other, found, "target")
        if yours and french:
            break
    else:
        return None
    row = french[0][0]
    word = found.target[row]
    result: Any = state.runner.peek(Show("translate"), state.sentence).result
    step = result.steps[word.first]
    rival = next(candidate for candidate in step.candidates if candidate.token != step.token)
    fields: dict[str, Any] = {
        "token": step.token,
        "probability": step.probability,
        "rival": rival.token,
        "rival_probability": rival.probability,
        "written": word.text,
        "share": max(found.share(row, places) for places in yours),
        "word": text_of(found.source, yours[0]),
    }
    line = fill(state.memory.reply("so translated"), fields)
    return drafted(state, found, [line], word.text, found.source[yours[0][0]].text, pair=True)


def _not_there(state: State, phrase: str, kind: str, found: Alignment) -> Draft | None:
    """That the word is in neither text, where a word was meant and no concept."""
    word = _OPENERS.sub("", phrase.strip()).strip(" '\"“”‘’«»*")
    if not word or word in _THINGS or " " in word or (state.named_in(word) and not _QUOTED.match(phrase.strip())):
        return None
    if kind == "output":
        line = fill(state.memory.reply("not in translation"), {"word": word, "translation": found.translation})
    else:
        line = fill(state.memory.reply("not in sentence"), {"word": word, "sentence": state.sentence})
    offers = [worded("/show cross-attention"), worded("/show translate")]
    return Draft([line], offers=offers, small=True)


def drafted(state: State, found: Alignment, lines: list[str], written: str, word: str, *, pair: bool = False) -> Draft:
    """The lines with a picture that these answers have not used: the map, the link between two words, what mattered."""
    offers = [worded("/show word-importance"), worded("/show translate")]
    draft = Draft(lines, node=state.library.nodes.get(NODE), offers=offers, small=True)
    shows = [
        Show("cross-attention", narrate=_ONE_PLACE),
        Show("link", {"query": written, "key": word}),
        Show("word-importance", {"output": written}),
    ]
    draft.shows = unused(state, shows[1:] if pair else shows)
    return draft


def unused(state: State, shows: Sequence[Show]) -> tuple[Show, ...]:
    """The first of the pictures that no answer about this sentence has used, if there is one."""
    for show in shows:
        key = f"{state.sentence} {show.experiment} {sorted(show.options.items())}"
        if not state.memory.was_told(key, "picture"):
            state.memory.tell(key, "picture")
            return (show,)
    return ()


def percent(share: float) -> str:
    """A share as it is written everywhere: never rounded to 0% or 100%."""
    return fill("{share:.0%}", {"share": share})


def listed(texts: list[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
