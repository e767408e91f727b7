"""Deciding: from what a turn asks for, and where the conversation stands, to a plan. Pure: the same gives the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tutor.curriculum.tree import Library
from tutor.dialogue import alter, choice, programs, social, talk
from tutor.dialogue.actions import request
from tutor.dialogue.calculate import calculate, once_more, with_own_numbers
from tutor.dialogue.case import case_again
from tutor.dialogue.checked import checked
from tutor.dialogue.corrections import corrected
from tutor.dialogue.offers import with_exercise
from tutor.dialogue.own_words import asked_about
from tutor.dialogue.question import question
from tutor.dialogue.quiz import grade
from tutor.dialogue.screen import explained, marks_with, screen
from tutor.dialogue.sentence import set_sentence
from tutor.dialogue.stands import whose
from tutor.dialogue.types import Offer, Plan, State, Status
from tutor.understanding import values
from tutor.understanding.intent import CALCULATIONS, CHANGING, Intent, Ranked

Policy = Callable[[Library, Intent, State], Plan]

POLICIES: Mapping[str, Policy] = {
    "question": with_own_numbers,
    "screen": screen,
    "request": request,
    "calculate": calculate,
    "set_sentence": set_sentence,
    "why": talk.why,
    "deeper": talk.deeper,
    "shorter": talk.shorter,
    "simpler": talk.simpler,
    "exact": talk.exact,
    "code": talk.code,
    "example": talk.example,
    "analogy": talk.analogy,
    "again": talk.again,
    "back": talk.back,
    "summary": talk.summary,
    "not_asked": talk.not_asked,
    "objection": talk.objection,
    "feedback": social.feedback,
    "greet": social.greet,
    "thanks": social.thanks,
    "bye": social.bye,
    "stop": social.stop,
    "yes": social.yes,
    "no": social.no,
    "menu": social.menu,
    "lesson": social.lesson,
    "quiz": social.quiz,
    "out_of_scope": social.outside,
}
"""What is done about each act."""
OF_A_PICTURE = frozenset({"simpler", "shorter"})
"""What, said after a picture, asks to have the picture explained."""
TAUGHT, CERTAIN = 0.75, 0.97
"""Likeness to a known wording from which a turn is not taken for another subject, unless that is as good as certain."""


LOST = 0.35
"""Probability from which a remark is heard as a cry for simpler words."""
COUNTED, NUMBERS = frozenset({"shapes", "parameters", "cost"}), 2
"""Runs that show sizes of the model here: from so many numbers on, those of the learner's own model are meant."""
WANTING = ("request", "calculate", "set_sentence")
"""Acts that want something run."""
A_QUESTION, ALIKE = 0.3, 0.85
"""Probability from which a turn may be a question, and likeness from which it is nearly a known one."""
BACK = frozenset({"undo", "reset"})
"""What is likelier to be meant while something is changed."""
ASKED = 0.5
"""Probability of a run below which a question after a picture is heard as one about the picture."""
ORDERED = 0.75
"""Probability of a run from which a turn with a number in it wants that run, though a quiz is open."""
A_MARK = 0.6
"""Cosine with a mark of the picture from which a question is about that mark."""
RUN_MEANT, RUN_NOT_MEANT, SURE = 0.6, 0.05, 0.9
"""Probability of a run from which a turn that is not surely another act wants it; below which none is wanted; and
probability of an act from which it is sure. Chosen on kept-back writers."""


def heard(intent: Intent, *, changed: bool = False) -> str:
    """The act, where the reading of what to run speaks too; what is `changed` may be what is to be taken back."""
    if intent.is_sentence and intent.act in WANTING:
        return "set_sentence"
    if not intent.runs or intent.act == "set_sentence":
        return intent.act
    run = intent.runs[0]
    if intent.act == "feedback" and intent.of_act("simpler") >= LOST:
        return "simpler"
    if intent.act == "request" and _is_known(intent) and run.probability < RUN_MEANT:
        return "question"
    unsure = intent.acts[0].probability < RUN_MEANT
    if run.id in BACK and changed and unsure and run.probability >= choice.EVERYTHING:
        return "request"
    if run.id in COUNTED and intent.act in WANTING and len(intent.texts("number")) >= NUMBERS:
        return "calculate"
    if intent.act in WANTING:
        others = (entry.id for entry in intent.acts if entry.id not in WANTING)
        return next(others, intent.act) if run.probability < RUN_NOT_MEANT else intent.act
    if run.probability >= RUN_MEANT and intent.acts[0].probability < SURE:
        return "calculate" if run.id in CALCULATIONS else "request"
    return intent.act


def _is_known(intent: Intent) -> bool:
    """Whether a turn that may be a question is nearly a known one, and surely that one."""
    maybe = intent.of_act("question") >= A_QUESTION
    return maybe and bool(intent.nodes) and intent.nodes[0].probability >= SURE and intent.likeness >= ALIKE


def asks_of_picture(library: Library, intent: Intent, act: str, state: State) -> bool:
    """Whether a question was read as a request that is not sure, with nothing named in it, while a picture stands.

    A number that stands in the picture is spoken of there, where what was read has no use for it.
    """
    unsure = act == "question" and (
        intent.acts[0].probability < SURE or (intent.nodes and intent.nodes[0].probability < ASKED)
    )
    if not (unsure or act in ("request", "feedback", "objection")) or not (state.runs and state.last_run):
        return False
    top = intent.runs[0] if intent.runs else Ranked("", 0.0)
    ordered = top.id in CHANGING and act != "question"
    of_else = ordered or (top.id in CHANGING | {*CALCULATIONS} and top.probability >= ASKED)
    if not of_else and not intent.slot("temperature"):
        if whose(intent.text, state.last_run.result) or marks_with(library, intent, state.last_run):
            return True
    asks = act == "request" and intent.text.rstrip().endswith("?") and not intent.slots
    marked = bool(intent.marks) and intent.marks[0].probability >= A_MARK and top.id not in CHANGING
    return asks and (top.probability < ASKED or marked) and not choice.of_what_is_changed(intent, state)


def decide(library: Library, intent: Intent, state: State) -> Plan:
    """What to do about this turn; what is weak is offered as an exercise."""
    return with_exercise(library, _decided(library, intent, state), state)


def _decided(library: Library, intent: Intent, state: State) -> Plan:
    if state.quiz:
        graded = grade(state.quiz, intent.text)
        wants = intent.act in WANTING and bool(intent.runs) and intent.runs[0].probability >= ORDERED
        if graded and not wants:
            again = Offer("Ask me another", command="/quiz")
            return Plan(Status.SMALL, paragraphs=(graded,), offers=(again, *state.offers[:2]))
        if intent.act in ("no", "simpler", "feedback"):
            reveal = f"It is number {state.quiz.right + 1}. *{state.quiz.choices[state.quiz.right]}*"
            return Plan(Status.SMALL, paragraphs=(reveal,), offers=state.offers)
    if intent.picked:
        return social.taken(library, state, state.offers[intent.picked - 1])
    if cut := alter.as_told(intent, state):
        return cut
    if verdict := checked(intent, state):
        return verdict
    if worked_again := once_more(library, intent, state):
        return worked_again
    if of_case := case_again(library, intent, state):
        return of_case
    act = heard(intent, changed=bool(state.changes or state.before))
    if asks_of_picture(library, intent, act, state):
        act = "screen"
    if act == "out_of_scope" and intent.runs and intent.runs[0].id == "save" and values.file(intent.text):
        act = "request"
    if put_right := corrected(library, intent, state, act):
        return put_right
    if programs.meant(library, intent, state):
        return programs.prints(library, intent, state)
    if of_words := asked_about(library, intent, state, act):
        return of_words
    if state.picture_last and act in OF_A_PICTURE:
        return explained(library, state)
    if act == "out_of_scope" and intent.likeness >= TAUGHT and intent.of_act("out_of_scope") < CERTAIN:
        return question(library, intent, state)
    return POLICIES[act](library, intent, state)
