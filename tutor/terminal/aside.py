"""A question or request in the middle of a lesson: answered in short, about the lesson's own head, its point kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tutor.curriculum.engine import Session
from tutor.curriculum.screens import Deed
from tutor.dialogue.conversation import EXPLAIN
from tutor.dialogue.stands import whose
from tutor.dialogue.types import Answer, Status
from tutor.terminal.leaning import LeaningReader

if TYPE_CHECKING:
    from tutor.curriculum.tree import Node
    from tutor.dialogue.conversation import Conversation
    from tutor.experiments.base import Run
    from tutor.terminal.session import Chat

LONGEST = 480
"""Characters of an answer in words: what is more stands in the chat."""
INSTEAD = {"/lesson": "lessons", "/quiz": "another"}
"""Commands that an answer may ask for, and the wish that is meant by them inside a lesson."""


def aside(chat: Chat, session: Session, line: str, *, why: bool = False) -> str:
    """Answer `line`; the wish of the lesson that it turns out to be, or nothing.

    A bare 'why?' asks what the step is about, until that was told; then it goes on from there.
    """
    conversation = chat.conversation
    node = _about(conversation, session)
    if not why and _named_on_screen(session, line):
        with _beside(conversation, session):
            answer = conversation.act("screen", line)
        chat.show_answer(shortened(answer))
        return ""
    with _beside(conversation, session, node if why else None), chat.busy("answering"):
        if why and node and not conversation.state.was_told(node.id) and node.facet == "why":
            answer = conversation.turn(node.ask)
        else:
            answer = conversation.act("why", line) if why else conversation.turn(line)
    if answer.status is Status.LEAVING:
        return "stop"
    if answer.command.partition(" ")[0] in INSTEAD:
        return INSTEAD[answer.command.partition(" ")[0]]
    chat.show_answer(shortened(answer))
    return ""


def explains(chat: Chat, session: Session) -> bool:
    """Tell what the picture on the screen shows, where nothing is asked; whether there was one."""
    screen = session.screen()
    if screen.prompt or screen.run is None:
        return False
    with _beside(chat.conversation, session):
        answer = chat.conversation.turn(EXPLAIN)
    chat.show_answer(answer)
    return True


def _named_on_screen(session: Session, line: str) -> bool:
    """Whether a question is about a number that stands on the screen and is somebody's in what was run."""
    if session.finished or not line.endswith("?"):
        return False
    live = session.live()
    return bool(live and whose(line, live.result))


def deed(chat: Chat, session: Session, line: str) -> tuple[Deed, bool]:
    """Do what a request says and show it; what came of it, and whether it asked rather than did something."""
    before = chat.conversation.state.changes
    with _beside(chat.conversation, session), chat.busy("running it"):
        answer = chat.conversation.turn(line)
    chat.show_answer(answer if answer.intent and answer.intent.act != "question" else shortened(answer))
    shown = tuple((run.experiment, _settled(run)) for run in answer.runs)
    after = chat.conversation.state.changes
    asked = bool(answer.intent and answer.intent.act == "question") or (after == before and bool(after))
    return Deed(tuple(change.short for change in after), shown), asked


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


def _about(conversation: Conversation, session: Session) -> Node | None:
    """The answer to the question that the step would have the learner study; else what its concept is."""
    if session.finished:
        return None
    step, nodes = session.here()[0], conversation.library.nodes
    named = next((one for one in nodes.values() if step.study and one.ask == step.study), None)
    return named or next((nodes[f"{name}.what"] for name in step.concepts if f"{name}.what" in nodes), None)


@contextmanager
def _beside(conversation: Conversation, session: Session, told: Node | None = None) -> Iterator[None]:
    """Meanwhile the part, layer and head of the step are in force, and `told` was told last, unless more was since."""
    before, reader, shown = conversation.runner.place, conversation.reader, conversation.state.last_run
    conversation.reader = LeaningReader(reader, conversation.library, session)
    pictured = _run_of(session) or shown
    conversation.state = replace(conversation.state, last_run=pictured)
    step = None if session.finished else session.here()[0]
    place = _place(step.use.options if step and step.use else {})
    if step and place:
        conversation.runner.place = before | place
    since = conversation.library.nodes.get(conversation.state.node)
    if told and not (since and since.concept == told.concept):
        conversation.state = replace(conversation.state, node=told.id)
    try:
        yield
    finally:
        conversation.runner.place, conversation.reader = before, reader
        if conversation.state.last_run is pictured:
            conversation.state = replace(conversation.state, last_run=shown)


def _run_of(session: Session) -> Run | None:
    """What the step has run, as the chat would have run it."""
    from tutor.experiments.base import Run, make_options
    from tutor.experiments.registry import find

    live = session.live()
    use = None if session.finished else session.here()[0].use
    if live is None or use is None:
        return None
    return Run(use.experiment, session.state.sentence, make_options(find(use.experiment), use.options), live.result)


def _place(options: Mapping[str, Any]) -> dict[str, Any]:
    from tutor.dialogue.runner import PLACES

    return {name: options[name] for name in PLACES if name in options}


def undo_all(conversation: Conversation) -> bool:
    """Put the model as it was trained, which a lesson's own numbers come from; whether anything was changed."""
    changed = bool(conversation.state.changes)
    conversation.state = replace(conversation.state, changes=(), before=())
    return changed


def nothing_to_undo(chat: Chat, session: Session) -> bool:
    """Whether the step asks to put the model as it was, and it is: after leaving, or once that was done."""
    question = None if session.finished else session.here()[0].question
    wants = question.wants if question else None
    return bool(wants and wants.changes == () and not chat.conversation.state.changes)
