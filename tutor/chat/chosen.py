"""Questions about what the model chose: how sure it was, what else it weighed, whether that is good, why this one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from model.errors import ModelError
from tutor.chat.alignment import Alignment, align, places_of
from tutor.chat.answering import led
from tutor.chat.offers import worded
from tutor.chat.state import Draft, State
from tutor.chat.translated import IT, LONGEST, STAND_INS, listed, percent, spoken, unused
from tutor.curriculum.narration import fill
from tutor.curriculum.tree import Branch, Show
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.experiments.distribution import Distribution
from tutor.experiments.next_word import NextWord
from tutor.experiments.translate import Candidate, Step, Translate
from tutor.understanding.types import Clue, Understood

NODE, NODE_NEXT = "autoregressive-generation.what", "next-token-prediction.what"
"""The nodes that answers about a translation and about a next word rest on."""
NODE_GOOD = "encoder-decoder.limits.right"
LISTED = 50
"""Candidates among which a word is looked for."""
NAMED = 3
"""Candidates that are named in an answer."""
CLOSE_CALL = 0.05
"""Probability from which what was not chosen was a close call."""
SURE, UNSURE = 0.8, 0.5

_WRITING = frozenset("translate decoder-step next-word cross-attention word-importance".split())
"""Experiments after which "the alternatives" and "that one" are those of the writing."""
_LOOKING = frozenset("attention link cross-attention attention-steps heads softmax scaling causal-mask".split())
"""Experiments after which "that one" is a word that was looked at."""
_PICKS = re.compile(r"\b(?:pick|choose|chose|select)\b")
_STEPS = Show("translate", narrate=(Branch("", "Each line is one of the {step_count} steps, the end mark included."),))

_X = r"(?P<x>.{1,40}?)"
_THE = r"(?:the|its|that|this|your|my|his)"
_OUTPUT = r"(?:whole |french |entire )*(?:translation|sentence|output|answer|prediction|choice|french|result)s?"
_HERE = r"(?: there| here| then| in (?:the|its|my|your) (?:translation|sentence))?"
_MEANS = rf"(?: (?:about|of|in|with|when|that) (?:(?:{_THE} )?{_OUTPUT}|that|it|this|(?:that|this) (?:one|word)|{_X}))?"
_MODEL = IT.replace("|you|", "|")

_SURE = (
    rf"how (?:sure|certain|confident|unsure) (?:is|was|are|were) (?:{_MODEL}|{_THE} {_OUTPUT}){_MEANS}{_HERE}",
    rf"(?:is|was) {_MODEL} (?:really |very |quite )?(?:sure|confident){_MEANS}{_HERE}",
    rf"(?:what is|what was|what's|how high is) (?:the|its) (?:total |overall )?(?:probability|likelihood|confidence)"
    rf" (?:of|for|in) (?:{_THE} {_OUTPUT}|that|{_X}){_HERE}",
    rf"how (?:likely|probable) (?:is|was) (?:{_THE} {_OUTPUT}|{_X}){_HERE}",
    r"(?:what is|what was|what's) its (?:probability|confidence)",
)
_CHOOSING = (
    r"(?:write|written|say|said|choose|chosen|pick(?:ed)?|consider(?:ed)?|predict(?:ed)?|put|weigh(?:ed)?|used?|taken?"
    r"|expect(?:ed)?|come up with)"
)
_INSTEAD = rf"(?: (?:for|instead of|in place of|than|besides|when it wrote|when it writes) {_X})?"
_CHOICES = r"(?:words?|tokens?|translations?|options?|choices?|candidates?|possibilities)"
_OTHERS = (
    rf"(?:what|which) (?:other|else) ?(?:french )?{_CHOICES}? ?(?:did|does|could|might|would|has|had|can) {IT}"
    rf" (?:also )?(?:have )?{_CHOOSING}{_HERE}(?: instead)?{_INSTEAD}",
    rf"(?:did|does) {IT} (?:consider|weigh|have) (?:any )?(?:other|another) {_CHOICES}{_INSTEAD}",
    rf"(?:what|which) other {_CHOICES} (?:were|was) (?:there|possible|likely|considered|close){_INSTEAD}",
)
_OTHERS_OF_LAST = (
    rf"(?:what|which) (?:were|are|was|is) (?:the|its) (?:alternatives?|other {_CHOICES}|candidates?|runners?-up"
    rf"|(?:second|next) choice|rivals?){_INSTEAD}",
    r"(?:what|which) (?:words? |one )?(?:was|came) (?:second|next best|close)",
)
_FINE = r"(?:correct|right|good|wrong|bad|accurate|ok|okay|fine|perfect|reliable|any good)"
_WELL = r"(?:correctly|right|well|properly|accurately)"
_OR_NOT = r"(?: or (?:not|wrong|bad|no))?"
_GOOD = (
    rf"(?:is|was|are) {_THE} (?:french )?(?:translation|french|french sentence|output)s?(?: really| actually| now)?"
    rf" {_FINE}(?: french)?{_OR_NOT}",
    rf"(?:is|was) (?:it|that|this) (?:a |the )?{_FINE} (?:translation|french)",
    rf"(?:did|does|has) {IT} translated? ?(?:it|that|this|(?:my|the|this|that) sentence)? ?{_WELL}",
    rf"(?:is|was) (?:it|that|this|(?:my|the|this|that) sentence) translated {_WELL}",
    rf"how (?:good|accurate|correct|right|reliable) (?:is|was|are) {_THE} (?:translation|french)s?",
)
_GOOD_OF_LAST = (rf"(?:is|was) it {_FINE}{_OR_NOT}",)
_PICK = r"(?:pick|choose|chose|take|select|write|say|predict|prefer|want|go for|expect|use|settle on|decide (?:on|for))"
_THAT = r"(?:that|this|it)(?: one| word| token)?"
_FIRST = r"(?:the )?(?:most (?:likely|probable)|likeliest|highest|first|winner|top)"
_WHY = (
    rf"why (?:did|does|do|would|has) {IT} {_PICK} (?:(?:exactly )?{_THAT}|{_X}){_HERE}"
    r"(?:,? (?:and not|not|instead of|rather than|over|but not) (?P<y>.{1,40}))?",
    rf"why (?:exactly |is it )?(?:that|this) (?:one|word|token){_HERE}",
    rf"why (?:is|was) {_THAT} {_FIRST}",
    rf"why (?:is|was) (?P<x>['\"“].{{1,40}}['\"”]) {_FIRST}",
)
_SURE_P, _OTHERS_P, _OTHERS_LAST_P, _GOOD_P, _GOOD_LAST_P, _WHY_P = (
    tuple(map(re.compile, patterns)) for patterns in (_SURE, _OTHERS, _OTHERS_OF_LAST, _GOOD, _GOOD_OF_LAST, _WHY)
)


def about_choice(state: State, text: str) -> tuple[Understood, Draft] | None:
    """The answer, where the turn asks about what the model chose to write, or expected next."""
    said = spoken(text)
    if len(said) > LONGEST:
        return None
    last = state.last_run.experiment if state.last_run else ""
    try:
        draft = (
            _why(state, said)
            or _matched(state, said, _SURE_P, _how_sure)
            or _matched(state, said, _OTHERS_P + (_OTHERS_LAST_P if last in _WRITING else ()), _others)
            or _matched(state, said, _GOOD_P + (_GOOD_LAST_P if last == "translate" else ()), _is_it_good)
        )
    except (LearnerError, ModelError):
        return None  # said when the answer is shown
    if not draft:
        return None
    clues = (Clue(said[:60], "what the model chose"),)
    concept = draft.node.concept if draft.node else "autoregressive-generation"
    return Understood("question", (concept,), "example", confidence=1.0, clues=clues), draft


def _matched(state: State, said: str, patterns: Sequence[re.Pattern[str]], answer: Any) -> Draft | None:
    match = next((one for pattern in patterns if (one := pattern.fullmatch(said))), None)
    draft: Draft | None = answer(state, match.groupdict().get("x") or "") if match else None
    return draft


def _how_sure(state: State, named: str) -> Draft | None:
    last = _expected(state)
    if last and not named:
        return _on_last(state, last, "how sure next")
    result = _translation(state, 2)
    if named:
        at = _written_at(state, named)
        if at is None:
            return None
        return _how_sure_of(state, result, *at)
    fields = {
        "token": result.least_sure_token,
        "least": result.least_sure_probability,
        "alternative": result.least_sure_alternative,
        "steps": result.step_count,
        "translation": result.translation,
        "whole": _chance(result.probability),
        "mean": result.mean_probability,
    }
    return _drafted(state, [fill(state.memory.reply("how sure"), fields)])


def _how_sure_of(state: State, result: Translate, found: Alignment, at: int) -> Draft:
    word = found.target[at]
    steps = result.steps[word.first : word.end]
    least = min(step.probability for step in steps)
    fields = {
        "word": word.text,
        "sure": "sure" if least >= SURE else "fairly sure" if least >= UNSURE else "not sure",
        "probability": listed([percent(step.probability) for step in steps]),
        "pieces": f" for its {len(steps)} pieces" if len(steps) > 1 else "",
        "rival": _rivals(steps[0])[0].token,
        "rival_probability": _rivals(steps[0])[0].probability,
    }
    return _drafted(state, [fill(state.memory.reply("how sure of word"), fields)])


def _others(state: State, named: str) -> Draft | None:
    last = _expected(state)
    if last and not named:
        return _on_last(state, last, "others next")
    result = _translation(state, 1 + NAMED)
    if named:
        at = _written_at(state, named)
        if at is None:
            return None
        step = result.steps[at[0].target[at[1]].first]
        show = Show("decoder-step", {"so-far": step.written}) if step.written else _STEPS
        return _drafted(state, [_weighed(state, step, "others of word")], show)
    least = min(result.steps, key=lambda step: step.probability)
    calls = [(step, rival) for step in result.steps if step is not least for rival in _rivals(step)[:1]]
    close = sorted((call for call in calls if call[1].probability >= CLOSE_CALL), key=lambda call: -call[1].probability)
    texts = [f"{_with_share(rival)} in place of “{step.token}”" for step, rival in close[:NAMED]]
    lines = [_weighed(state, least)]
    if texts:
        lines.append(fill(state.memory.reply("others elsewhere"), {"calls": listed(texts)}))
    return _drafted(state, lines)


def _weighed(state: State, step: Step, kind: str = "others") -> str:
    rivals = listed([_with_share(rival) for rival in _rivals(step)])
    fields = {"token": step.token, "probability": step.probability, "rivals": rivals}
    return fill(state.memory.reply(kind), fields)


def _is_it_good(state: State, named: str) -> Draft:
    result = _translation(state, 2)
    fields = {
        "token": result.least_sure_token,
        "least": result.least_sure_probability,
        "translation": result.translation,
    }
    draft = _drafted(state, [fill(state.memory.reply("is it good"), fields)])
    draft.node = state.library.nodes.get(NODE_GOOD, draft.node)
    return draft


def _why(state: State, said: str) -> Draft | None:
    """'Why did it pick that one?': of what was expected last, of a word of the translation, or of one not taken."""
    match = next((found for pattern in _WHY_P if (found := pattern.fullmatch(said))), None)
    if not match:
        return None
    named, other = (_unquoted(match.groupdict().get(name) or "") for name in ("x", "y"))
    last = _expected(state)
    if last and not other:
        draft = _why_expected(state, last, named)
        if draft:
            return draft
    if not named:
        last_experiment = state.last_run.experiment if state.last_run else ""
        if last_experiment == "translate":
            return _why_step(state, _translation(state, LISTED), None, other)
        if last_experiment in _LOOKING or not _PICKS.search(said):
            return None
        draft = _why_step(state, _translation(state, LISTED), None, other)
        draft.paragraphs = led(state, state.memory.reply("which pick"), draft.paragraphs)
        return draft
    at = _written_at(state, named, french=True)
    return _why_step(state, _translation(state, LISTED), at[0].target[at[1]].first, other) if at else None


def _why_expected(state: State, last: Run, named: str) -> Draft | None:
    result: Any = last.result
    if named and named != result.token.casefold():
        rival = next((one for one in result.candidates if one.token.casefold() == named), None)
        if not rival:
            return None
        return _on_last(state, last, "why second", rival=rival.token, rival_probability=rival.probability)
    draft = _on_last(state, last, "why first")
    kind = "without attention" if isinstance(result, NextWord) else "without source"
    draft.paragraphs.append(fill(state.memory.reply(kind), vars(result)))
    return draft


def _why_step(state: State, result: Translate, at: int | None, other: str) -> Draft:
    """Why the token at that step, or the least sure one, was written, and not another one."""
    step = result.steps[at] if at is not None else min(result.steps, key=lambda one: one.probability)
    rivals = _rivals(step)
    fields: dict[str, Any] = {"token": step.token, "probability": step.probability, "listed": LISTED}
    kind, rival = "why picked", rivals[0]
    if other:
        known = next((one for one in rivals if one.token.casefold() == other), None)
        kind, rival = ("why not", known) if known else ("why not even", Candidate(other, 0.0))
        fields["last"] = percent(rivals[-1].probability)
    fields |= {"rival": rival.token, "rival_probability": rival.probability}
    show = Show("word-importance", {"output": step.token}) if step.token.isalpha() else _STEPS
    return _drafted(state, [fill(state.memory.reply(kind), fields)], show)


def _expected(state: State) -> Run | None:
    """The last run, where it was of one distribution over the next token."""
    last = state.last_run
    return last if last and isinstance(last.result, Distribution) else None


def _on_last(state: State, last: Run, kind: str, **more: Any) -> Draft:
    """An answer out of the last run, whose picture the learner has before them."""
    result: Any = last.result
    text = result.text if isinstance(result, NextWord) else result.so_far
    rivals = [_with_share(one) for one in result.candidates[1 : 1 + NAMED]]
    fields = {**vars(result), "text": text or "‹start›", "rivals": listed(rivals), **more}
    draft = Draft([fill(state.memory.reply(kind), fields)], node=state.library.nodes.get(NODE_NEXT), small=True)
    draft.offers = [worded("/show translate"), worded("/show word-importance")]
    return draft


def _translation(state: State, candidates: int) -> Translate:
    show = Show("translate", {"candidates": candidates})
    result: Any = state.runner.peek(show, state.sentence).result
    return result  # type: ignore[no-any-return]


def _written_at(state: State, named: str, *, french: bool = False) -> tuple[Alignment, int] | None:
    """Where a word of the translation stands, or with `french` off the one that stands for a word of the sentence."""
    named = _unquoted(named)
    if named in STAND_INS:
        return None
    found = align(state)
    there = places_of(named, found.target)
    if there:
        return found, there[0][0]
    yours = [] if french else places_of(named, found.source)
    standing = found.standing_for(yours[0]) if yours else []
    return (found, max(standing, key=lambda entry: entry[1])[0]) if standing else None


def _rivals(step: Step) -> list[Candidate]:
    return [candidate for candidate in step.candidates if candidate.token != step.token]


def _with_share(candidate: Candidate) -> str:
    return f"“{candidate.token}” ({percent(candidate.probability)})"


def _chance(probability: float) -> str:
    """A share, or one in how many where that says nothing."""
    return percent(probability) if probability >= 0.01 else f"about 1 in {float(f'{1 / probability:.2g}'):,.0f}"


def _unquoted(word: str) -> str:
    return re.sub(r"^(?:the )?(?:word |token )?", "", word.strip()).strip(" '\"“”‘’«»*")


def _drafted(state: State, lines: list[str], show: Show = _STEPS) -> Draft:
    """The lines with a picture, the translation step by step if no other; none that was just looked at."""
    draft = Draft(lines, node=state.library.nodes.get(NODE), small=True, stays=True)
    draft.offers = [worded("/show decoder-step"), worded("/show cross-attention")]
    before_them = state.last_run and (state.last_run.experiment, state.last_run.sentence)
    if show is not _STEPS or before_them != ("translate", state.sentence):
        draft.shows = unused(state, [show])
    return draft
