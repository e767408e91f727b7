"""What a line typed inside a lesson is: an answer to the open question, a question to the tutor, a wish of the lesson.

What can be graded as it stands is an answer. About everything else the reader is asked, the same as in the chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tutor.curriculum.answers import grade
from tutor.curriculum.choices import chosen_plainly, options_of
from tutor.curriculum.engine import Session
from tutor.curriculum.own_words import meant_by
from tutor.curriculum.words import keeps, said_yes
from tutor.understanding.intent import Context, Intent

if TYPE_CHECKING:
    from tutor.dialogue.conversation import ReadsTurns

WISH = 0.64
"""Nearness to a wording of a wish from which it is one, where no node is clearly nearer."""
PLAIN = 0.74
"""The same where a sentence is wanted."""
ABOUT = 0.05
"""By how much a node may be nearer than a wish that still is meant: some nodes are about the lessons, too."""
OWN_WORDS = 0.97
"""Nearness from which a line is one of the wordings of a wish, also where a request is waited for."""
ASKED, NAMED = 0.55, 0.85
"""Nearness to a node's wording from which a line at a question asks rather than answers; the same for a statement
where an explanation is wanted, which is as near to what it explains as a question."""
SURE = 0.5
"""Probability from which an act is taken to be meant."""
CLEAR = 0.9
"""Probability of a run from which a line at a question is a request and no answer."""
TELLING = ("read", "sentence", "end")
"""Screens at which nothing is asked that could be answered wrongly."""
PERHAPS = 0.85
"""Probability from which a line is taken for a sentence where one may be typed."""
FEW = 3
"""Words up to which a line that can be read as the answer is it."""
RATHER = 0.27
"""By how much a line must be nearer to a question that is known than to every choice, to be a question."""
OF_THE_TALK = frozenset(
    {"why", "deeper", "shorter", "simpler", "exact", "code", "example", "analogy", "screen", "summary"}
)
"""Acts that want something told."""


WANTING = ("question", "objection", "calculate")
"""Acts that are answered also where nothing is asked."""
TAKE_BACK = ("undo", "undo it", "take it back", "put it back")
GO_BACK = ("back", "go back", "the step before", "previous screen")
"""Two wishes that share their words."""


@dataclass(frozen=True)
class Heard:
    """A line as it is meant."""

    kind: str
    """answer, command, aside (a question or request to the tutor), which (of two choices: ask), sentence (perhaps one:
    ask), nothing."""
    line: str
    taken: str = ""
    """The choice for which the line was taken, where it says that in other words."""
    between: tuple[str, ...] = ()
    """The two choices that may be meant."""
    why: bool = False
    """For an aside: a bare 'why?', which asks what the step is about."""


def heard(session: Session, line: str, reader: ReadsTurns, *, between: bool = False) -> Heard:
    """What `line`, which is no command, means at this screen, or `between` two, where nothing is asked."""
    kind = "read" if between else session.screen().kind
    wordless = not any(map(str.isalnum, line)) and "?" not in line
    if _answers(session, kind, line) or (wordless and kind not in (*TELLING, "request")):
        return Heard("answer", line)
    wish = reader.wish(line)
    intent = reader.read(line, Context())
    if kind == "choice" and (found := _chooses(session, line, reader, intent, wish.probability)):
        return found
    if kind == "request" and _requests(intent, SURE) and wish.probability < OWN_WORDS:
        return Heard("aside", line)
    # Where a sentence is wanted, "I love you." is one, however near to "I want to leave".
    if wish.id == "back" and _requests(intent) and _nearer(line, TAKE_BACK, GO_BACK, reader):
        return Heard("aside", line)
    if wish.probability >= max(PLAIN if kind == "sentence" else WISH, intent.likeness - ABOUT):
        return Heard("command", f"/{wish.id}")
    if intent.act == "lesson" and intent.acts[0].probability >= SURE:
        return Heard("command", "/lessons")
    if intent.act == "menu" and intent.acts[0].probability >= SURE and kind != "sentence":
        return Heard("command", "/lost")  # "how do I do that?" is about the step, not about the tutor
    if kind == "request":
        return Heard("aside", line)
    return Heard(_at(kind, session, line, intent), line, why=intent.act == "why")


def which_of(choices: Sequence[str], between: Sequence[str]) -> str:
    """The question which of two choices is meant."""
    named = " or ".join(f"{choices.index(say) + 1} “{say}”" for say in between)
    return f"Which of them do you mean: {named}? Its number will do."


def _answers(session: Session, kind: str, line: str) -> bool:
    """Whether the line is as it stands an answer to what is asked."""
    if kind in TELLING:
        return keeps(line)
    if kind == "yes-no":
        return said_yes(line) is not None
    step, fields = session.here()
    if kind == "request" or step.question is None:
        return False
    if kind == "choice" and chosen_plainly(line, options_of(step.question, fields)):
        return True
    outcome = session.graded(line)
    if outcome.right or kind == "free":
        return bool(outcome.right)
    few = len(line.split()) <= (FEW if kind in ("number", "shape") else FEW - 1)
    return outcome.right is not None and few and not line.endswith("?")


def _chooses(session: Session, line: str, reader: ReadsTurns, intent: Intent, wish: float) -> Heard | None:
    """The choice that a line says in other words, or the two that it may say; None where it says none of them.

    It competes: with the wishes of a lesson, and with the questions that are known.
    """
    step, fields = session.here()
    if step.question is None:
        return None
    meant = meant_by(line, options_of(step.question, fields), reader.likeness)
    asks = line.endswith("?") or intent.likeness - meant.nearness > RATHER
    if not meant.options or (asks and meant.nearness < 1) or (wish >= WISH and wish > meant.nearness):
        return None
    if grade(step.question, line, fields).right is not None:
        return Heard("answer", line)
    first, *others = (option.say for option in meant.options)
    return Heard("which", line, between=(first, *others)) if others else Heard("answer", first, taken=first)


def _at(kind: str, session: Session, line: str, intent: Intent) -> str:
    """What a line is that can be taken for an answer only by what the reader makes of it."""
    sure = bool(intent.acts) and intent.acts[0].probability >= SURE
    asks = (intent.act in OF_THE_TALK and sure) or (intent.act == "question" and intent.likeness >= ASKED)
    if kind == "sentence":
        return _gives(intent, line)
    if kind in ("read", "yes-no"):
        wants = asks or line.endswith("?") or _requests(intent) or (sure and intent.act in WANTING)
        return "aside" if wants else "nothing"
    if kind == "free":
        return _explains(session, line, intent, sure)
    step, fields = session.here()
    readable = step.question is not None and grade(step.question, line, fields).right is not None
    if readable and not asks:
        return "answer"
    return "aside" if asks or line.endswith("?") or _requests(intent) else "answer"


def _requests(intent: Intent, least: float = CLEAR) -> bool:
    """Whether something is clearly to be run: 'switch head 2 of layer 1 off', where a number is wanted."""
    return intent.act in ("request", "calculate") and bool(intent.runs) and intent.runs[0].probability >= least


def _nearer(line: str, these: Sequence[str], those: Sequence[str], reader: ReadsTurns) -> bool:
    """Whether a line says one of these rather than one of those."""
    return max(reader.likeness(line, these)) > max(reader.likeness(line, those))


def _gives(intent: Intent, line: str) -> str:
    """A sentence to work on, perhaps one, or a question, where a sentence may be typed: anything may be a sentence."""
    if intent.of_act("set_sentence") >= PERHAPS:
        return "answer"
    talks = intent.act in OF_THE_TALK and intent.acts[0].probability >= CLEAR
    asks = intent.act == "question" and (intent.likeness >= ASKED or line.endswith("?"))
    return "aside" if talks or asks else "sentence"


def _explains(session: Session, line: str, intent: Intent, sure: bool) -> str:
    """An explanation that does not pass, or a question about what it is to explain."""
    asks = line.endswith("?") or (intent.act in OF_THE_TALK and sure)
    return "aside" if asks or intent.likeness >= NAMED else "answer"
