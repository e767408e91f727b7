"""A question or request in the middle of a lesson: answered in short, about the lesson's own head, its point kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tutor.curriculum.engine import Session
from tutor.curriculum.screens import Deed
from tutor.dialogue.types import Answer, Status

if TYPE_CHECKING:
    from tutor.dialogue.conversation import Conversation
    from tutor.experiments.base import Run
    from tutor.terminal.session import Chat

LONGEST = 480
"""Characters of an answer in words: what is more stands in the chat."""
INSTEAD = {"/lesson": "lessons", "/quiz": "another"}
"""Commands that an answer may ask for, and the wish that is meant by them inside a lesson."""


def aside(chat: Chat, session: Session, line: str) -> str:
    """Answer `line`; the wish of the lesson that it turns out to be, or nothing."""
    with _beside(chat.conversation, session), chat.busy("answering"):
        answer = chat.conversation.turn(_leaning(chat.conversation, session, line))
    if answer.status is Status.LEAVING:
        return "stop"
    if answer.command in INSTEAD:
        return INSTEAD[answer.command]
    chat.show_answer(shortened(answer))
    return ""


def deed(chat: Chat, session: Session, line: str) -> Deed:
    """Do what a request says and show it; what came of it."""
    with _beside(chat.conversation, session), chat.busy("running it"):
        answer = chat.conversation.turn(line)
    chat.show_answer(answer if answer.intent and answer.intent.act != "question" else shortened(answer))
    shown = tuple((run.experiment, _settled(run)) for run in answer.runs)
    return Deed(tuple(change.short for change in chat.conversation.state.changes), shown)


def _settled(run: Run) -> dict[str, Any]:
    """The options of a run, and what the experiment chose where they left it open."""
    options = vars(run.options)
    return {name: getattr(run.result, name, value) for name, value in options.items()}


def shortened(answer: Answer) -> Answer:
    """An answer in words cut to its first paragraphs, its picture left to the sentence that tells it."""
    kept: list[str] = []
    for text in answer.paragraphs:
        if kept and sum(map(len, kept)) + len(text) > LONGEST:
            break
        kept.append(text)
    shown = tuple(one if one.whole or not answer.node else replace(one, pictured=False) for one in answer.shown)
    return replace(answer, paragraphs=tuple(kept), shown=shown)


def _leaning(conversation: Conversation, session: Session, line: str) -> str:
    """A bare 'why?' at a step asks what the step is about, until that was told; then it goes on from there."""
    study = "" if session.finished else session.here()[0].study
    node = next((one for one in conversation.library.nodes.values() if study and one.ask == study), None)
    if node is None or conversation.state.node == node.id:
        return line
    act = conversation.reader.read(line, conversation.context).act
    return study if act == "why" and node.facet == "why" and not conversation.state.was_told(node.id) else line


@contextmanager
def _beside(conversation: Conversation, session: Session) -> Iterator[None]:
    """Meanwhile the part, layer and head of the step are in force, and what it is about was told last."""
    before = conversation.runner.place
    step = None if session.finished else session.here()[0]
    place = _place(step.use.options if step and step.use else {})
    if step and place:
        conversation.runner.place = before | place
    node = next((one for one in conversation.library.nodes.values() if step and one.ask == step.study), None)
    if node:
        conversation.state = replace(conversation.state, node=node.id)
    try:
        yield
    finally:
        conversation.runner.place = before


def _place(options: Mapping[str, Any]) -> dict[str, Any]:
    from tutor.dialogue.runner import PLACES

    return {name: options[name] for name in PLACES if name in options}


def undo_all(conversation: Conversation) -> bool:
    """Put the model as it was trained, which a lesson's own numbers come from; whether anything was changed."""
    changed = bool(conversation.state.changes)
    conversation.state = replace(conversation.state, changes=(), before=())
    return changed
