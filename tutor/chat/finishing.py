"""From a draft to a turn: runs are made and told, repetitions taken out, offers added."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import replace

from model.errors import ModelError
from tutor.chat import replies
from tutor.chat.answering import told_all_line
from tutor.chat.offers import follow_ups
from tutor.chat.runs import trouble
from tutor.chat.state import Draft, State
from tutor.chat.tellings import siblings
from tutor.chat.turn import Turn
from tutor.curriculum.tree import Branch, Node, Show
from tutor.errors import LearnerError
from tutor.experiments.base import Run
from tutor.understanding.types import Understood

_NUMBER = re.compile(r"[<>]?-?\d[\d.,]*%?")


def finish(state: State, question: str, understood: Understood, draft: Draft) -> Turn:
    """Carry out what the draft asks for; the state then stands after this turn."""
    runs = list(draft.runs)
    narration = [_narrated(state, run, (), draft) for run in draft.runs]
    broken = False
    for show in draft.shows if state.live else ():
        try:
            show, run = fresh_run(state, show, draft)
        except (LearnerError, ModelError) as error:
            narration.append(trouble(error))
            broken = True
            break
        if run is None and draft.again:
            run = state.runner.peek(show, state.sentence)
        if run is None and draft.stays:
            break
        if run is None:
            narration += [] if state.memory.times("run out") > 1 else [replies.RUN_OUT]
            break
        state.memory.times(f"shown {show.experiment}")
        runs.append(run)
        narration.append(_narrated(state, run, show.narrate, draft))
    paragraphs = draft.paragraphs if draft.small else _unsaid(state, draft, bool(runs))
    offers = follow_ups(state, draft)
    turn = Turn(
        question=question,
        sentence=state.sentence,
        understood=understood,
        node_id=draft.node.id if draft.node else "",
        paragraphs=tuple(paragraphs),
        narrations=tuple(narration),
        runs=tuple(runs),
        follow_ups=tuple(offer.text for offer in offers),
        outside=draft.outside,
        command=draft.command,
        leave=draft.leave,
        unpictured=draft.unpictured,
        whole=draft.whole,
        broken=broken,
    )
    state.offers = offers
    state.asked_back = draft.asks_back
    state.memory.print((*turn.paragraphs, *turn.narrations))
    state.last_run = runs[-1] if runs else state.last_run
    state.last_belief = draft.belief
    state.remember(understood, draft.node)
    return turn


def fresh_run(state: State, show: Show, draft: Draft) -> tuple[Show, Run | None]:
    """A run that has not been shown, and what it shows.

    What the answer shows next; else the same on another head or word of the sentence in force; else what another
    answer about the same thing shows, if that is new; else none: a sentence that nobody chose would only surprise.
    """
    sentence = state.sentence
    also = draft.node.also if draft.node else ()
    in_turn = (show, *also)
    for tried, vary in (*((one, False) for one in in_turn), *((one, True) for one in in_turn)):
        with suppress(LearnerError) if tried is not show else nullcontext():
            run, new = state.runner.run(tried, sentence, vary=vary)
            if new:
                return tried, run
    nearby = list(_shows_nearby(state, draft.node)) if draft.node else []
    counted = {near.experiment: state.memory.count(f"shown {near.experiment}") for near in (show, *nearby)}
    others = [(near, sentence) for near in nearby if near.experiment == show.experiment or not counted[near.experiment]]
    for tried, on in others:
        with suppress(LearnerError):  # a word of one sentence need not be in another
            run, new = state.runner.run(tried, on)
            if new:
                return tried, run
    return show, None


def _shows_nearby(state: State, node: Node) -> Iterator[Show]:
    """What the other answers about the same thing show."""
    for other in siblings(state.library, node):
        if other.show and not other.other:
            yield replace(other.show, narrate=())  # those words belong to that answer


def _unsaid(state: State, draft: Draft, shown: bool) -> list[str]:
    """The draft's paragraphs that have not been read; where none is left, that all of it has been told."""
    unsaid = state.memory.unprinted(draft.paragraphs)
    if unsaid and any(text.startswith("`") for text in unsaid):
        return draft.paragraphs  # a program stays whole, whichever of its lines another one shares
    if unsaid or (shown and not draft.paragraphs):
        return unsaid
    if draft.node:
        return [told_all_line(state, draft.node)]
    return [] if shown else [state.memory.reply("nothing new")]


def _narrated(state: State, run: Run, branches: tuple[Branch, ...], draft: Draft) -> str:
    """What the run shows, in words that have not been read; beside an answer, other numbers alone are not enough."""
    for told in dict.fromkeys((branches, ())):
        text = state.runner.narrate(run, told)
        alike = _NUMBER.sub("0", text)
        seen = state.memory.was_printed(alike if draft.paragraphs and not draft.again else text)
        if draft.small or not seen:
            state.memory.cover([alike])
            return text
    return ""
