"""Carrying out a plan: the only place that runs the model, and that moves the conversation on."""

from __future__ import annotations

from dataclasses import replace

from model.errors import CheckpointError, ModelError
from tutor.curriculum.tree import Library
from tutor.dialogue.absent import absent
from tutor.dialogue.programs import printed_by
from tutor.dialogue.runner import EFFECT, Runner, proves, told
from tutor.dialogue.tell import program
from tutor.dialogue.types import DEFAULT_SENTENCE, Answer, Plan, Shown, State, Status, Wanted
from tutor.errors import LearnerError, TutorError
from tutor.experiments.base import Run
from tutor.experiments.changes import Change
from tutor.experiments.changes import told as told_changes
from tutor.experiments.places import ENGLISH
from tutor.understanding.intent import Intent

ABOUT_THE_PICTURE = ("legend", "checked")
"""Tellings after which the picture still is what is spoken of."""
ASKED = 0.1
"""Probability from which a turn may have been a question: what it may have asked is kept, for a correction."""
KEPT = 100
"""Sentences, changes that can be taken back, and answers of a conversation that are remembered."""
YOURS = "your sentence"
"""How the evidence of a node speaks of the sentence that it was run on."""
ELSEWHERE = "Your sentence does not show it, another does. "


def carry_out(
    plan: Plan, question: str, intent: Intent | None, state: State, library: Library, runner: Runner
) -> tuple[Answer, State]:
    """The answer, and the state after it. What goes wrong while running is told in a line; nothing is lost."""
    sentence = plan.sentence or state.sentence
    changes = state.changes if plan.changes is None else plan.changes
    shown: list[Shown] = []
    notes: list[str] = []
    broken = plan.broken
    for wanted in plan.wanted:
        if wanted.evidence:
            try:
                found = _proof(wanted, sentence, runner, own=bool(plan.sentence) or len(state.sentences) > 1)
            except CheckpointError as error:
                notes.append(f"I could not show this on a model: {error}")
                continue
            if found and changes:
                found = replace(found, told=f"{found.told} (Measured on the model as it was trained.)")
            shown += [replace(found, pictured=not _stands(found.run, state))] if found else []
            continue
        try:
            run = runner.run(wanted.show, wanted.sentence or sentence, changes)
        except (LearnerError, ModelError) as error:
            notes.append(_why_not(wanted, sentence, state, runner) or f"I could not run this: {error}")
            # What cannot be read or made does not come into force.
            broken, sentence, changes = True, state.sentence, state.changes
            continue
        if changes and run.experiment != EFFECT:
            notes.append(_in_force(run, changes))
        notes += unplaced(run)
        shown.append(Shown(run, _told_of(run, wanted, runner), whole=plan.whole))
    paragraphs = plan.paragraphs if not (broken and (plan.sentence or plan.changes)) else ()
    if plan.code_of:
        try:
            paragraphs = (*paragraphs, *runner.code_of(plan.code_of))
        except (LearnerError, ModelError) as error:
            notes.append(f"I cannot show the code of this: {error}")
    if plan.prints:
        paragraphs = (*paragraphs, program(printed_by(plan.prints)))
    node = library.nodes.get(plan.node)
    answer = Answer(
        question=question,
        intent=intent,
        status=Status.REFUSED if broken and not shown and plan.status is Status.SMALL else plan.status,
        sentence=sentence,
        node=plan.node,
        telling=plan.telling,
        concepts=_concepts(plan, intent, library),
        facet=node.facet if node else "",
        paragraphs=paragraphs,
        shown=tuple(shown),
        notes=tuple(notes),
        offers=plan.offers,
        command=plan.command,
        broken=broken,
    )
    return answer, _after(answer, plan, state, changes)


def _told_of(run: Run, wanted: Wanted, runner: Runner) -> str:
    """What the run shows, and what the plan wants told of it."""
    told = [runner.narrate(run), *runner.said_of(run, wanted.says)]
    return " ".join(reversed(told) if wanted.first else told)


def _why_not(wanted: Wanted, sentence: str, state: State, runner: Runner) -> str:
    """What is told where a word is not there; '' where something else went wrong."""
    on = wanted.sentence or sentence
    try:
        return absent(wanted.show.options, on, runner.translation(on), state.sentences)
    except (LearnerError, ModelError):
        return ""


def unplaced(run: Run) -> list[str]:
    """That the place which was chosen means nothing in a picture, and how to end the choice."""
    line = f"There is no {run.unplaced} in this picture, so it chose its own; `/auto` forgets it."
    return [line] if run.unplaced else []


def _in_force(run: Run, changes: tuple[Change, ...]) -> str:
    """What was otherwise in the model while this was run, and how to end it."""
    if run.changes:
        part, layer, head = (getattr(run.result, name, None) for name in ("part", "layer", "head"))
        off = any(one.covers(Change("head", part or "", layer or 0, head or 0)) for one in changes)
        own = " The picture shows where it would look; what it hands on is zero." if off else ""
        return f"In force: {run.changes}.{own} “undo” takes it back."
    return f"As trained: that {told_changes(changes)} touches nothing in this picture."


def _proof(wanted: Wanted, sentence: str, runner: Runner, *, own: bool) -> Shown | None:
    """The run that proves the point: on the learner's `own` sentence, else on one of ours, named as such, else none.

    Raises `CheckpointError`: that a file is damaged is told, whatever else can go wrong leaves the proof out.
    """
    evidence = wanted.evidence
    assert evidence is not None
    for on in dict.fromkeys((sentence, evidence.sentence)):
        if not on:
            continue
        try:
            run = runner.run(evidence.show, on)
            if proves(evidence, run):
                line = told(evidence, run)
                if on != sentence:
                    line = _named(line, f"“{on.rstrip('.')}”", "that sentence")
                    return Shown(run, ELSEWHERE + line if own else line)
                if not own:
                    line = _named(line, f"the example sentence “{on.rstrip('.')}”", "the example sentence")
                return Shown(run, line)
        except CheckpointError:
            raise
        except (TutorError, ModelError):  # an answer in words is whole without it
            continue
    return None


def _named(line: str, first: str, later: str) -> str:
    """The line with the sentence called by its words at first, and then by what it is."""
    return line.replace(YOURS, first, 1).replace(YOURS, later)


def _stands(run: Run, state: State) -> bool:
    return run in state.runs


def _concepts(plan: Plan, intent: Intent | None, library: Library) -> tuple[str, ...]:
    names = [plan.node, *plan.also]
    names += [entry.id for entry in intent.nodes[:3]] if intent and intent.act == "question" else []
    nodes = [library.nodes[name] for name in names if name in library.nodes]
    return tuple(dict.fromkeys(concept for node in nodes for concept in (node.concept, node.other) if concept))


def _after(answer: Answer, plan: Plan, state: State, changes: tuple[Change, ...]) -> State:
    said = dict(state.said)
    for kind in (*plan.replied, *(["quiz"] if plan.quiz else [])):
        said[kind] = said.get(kind, 0) + 1
    marks = {(plan.node, plan.telling)} if plan.node else set()
    marks |= {(name, "line") for name in plan.also}
    moved = bool(plan.node) and answer.status is not Status.ASKED_BACK
    known = answer.sentence in state.sentences
    moved_on = (answer.sentence, changes) != (state.sentence, state.changes)
    before = state.before[:-1] if plan.undone else (*state.before, (state.sentence, state.changes))
    if state.sentence == DEFAULT_SENTENCE and not (plan.edited or plan.undone or changes != state.changes):
        before = state.before  # our example is nothing to go back to
    of_picture = answer.status in (Status.REFUSED, Status.ASKED_BACK) or plan.telling in ABOUT_THE_PICTURE
    small = (answer.status is Status.SMALL or of_picture) and not plan.node
    stays = of_picture and not plan.node and state.picture_last
    sentences = state.sentences if known else (*state.sentences, answer.sentence)
    return replace(
        state,
        sentence=answer.sentence,
        sentences=(*sentences[:1], *sentences[1:][-KEPT:]),
        changes=changes,
        before=(before if moved_on else state.before)[-KEPT:],
        told=state.told | marks,
        path=(*state.path, plan.node)[-KEPT:] if moved else state.path,
        node=plan.node if moved else state.node,
        telling=plan.telling if moved else state.telling,
        runs=answer.runs if answer.runs or not small else state.runs,
        last_run=answer.runs[-1] if answer.runs else state.last_run,
        place=_place(answer.runs) or state.place,
        head=_head(answer.runs) if _place(answer.runs) else state.head,
        picture_last=(bool(answer.runs) and not plan.node) or stays,
        whole=answer.shown[-1].whole if answer.shown else state.whole,
        translation=_translation(answer) or (state.translation if answer.sentence == state.sentence else ""),
        sum=plan.sum or (None if answer.runs or plan.node else state.sum),
        last_sum=plan.sum or state.last_sum,
        offers=answer.offers or (state.offers if small else ()),
        rivals=_rivals(answer) if answer.intent and answer.intent.of_act("question") >= ASKED else state.rivals,
        quiz=plan.quiz,
        register=state.register if plan.register is None else plan.register,
        said=said,
    )


def _translation(answer: Answer) -> str:
    """The French of the sentence in force, where one of the runs shows what the model as it was trained writes."""
    of_sentence = (run for run in answer.runs if run.sentence == answer.sentence and not run.changes)
    french = (run.result for run in of_sentence if getattr(run.result, "part", "") != ENGLISH)
    return next((found for result in french if (found := getattr(result, "translation", ""))), "")


def _place(runs: tuple[Run, ...]) -> tuple[str, int] | None:
    """Part and layer of the last run that shows a head of its own."""
    found = ((getattr(run.result, "part", ""), getattr(run.result, "layer", 0)) for run in reversed(runs))
    return next((place for place in found if all(place)), None)


def _head(runs: tuple[Run, ...]) -> int:
    """The head of the last run that shows one of its own; 0 where it shows none."""
    return next((run.result.head for run in reversed(runs) if getattr(run.result, "head", 0)), 0)


def _rivals(answer: Answer) -> tuple[str, ...]:
    return tuple(entry.id for entry in answer.intent.nodes[:5] if entry.id != answer.node) if answer.intent else ()
