"""The lesson linter: what an author forgot, by file and line, with what to do about it.

Each check has a code, listed in `problem.CODES` and explained in `docs/writing-lessons.md`. Loading refuses what
cannot be read at all (L001); everything here is about lessons that can be read and still would not work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tutor.curriculum.case_linter import check_case
from tutor.curriculum.conditions import names_in, unknown_field
from tutor.curriculum.course import COURSE, load_lesson
from tutor.curriculum.forms import check_forms
from tutor.curriculum.lesson_linter import check_lesson
from tutor.curriculum.loader import lessons_root, load_each, load_library, shown_path
from tutor.curriculum.narration import fill, names_in_template
from tutor.curriculum.own import check_numbers, check_study
from tutor.curriculum.problem import Problem, file_and_line, near, problem, stand_ins, unreadable
from tutor.curriculum.syllabus import check_syllabus, load_syllabus
from tutor.curriculum.tree import Branch, Concept, Evidence, Library, Narration, Node, Show
from tutor.errors import AuthorError, LearnerError
from tutor.experiments import registry
from tutor.experiments.base import make_options

LONGEST_ASK, LONGEST_LINE, LONGEST_SAY, WIDEST_CODE = 60, 25, 240, 78
"""Characters of an offer, words of an answer in one sentence and of a whole one, characters of a line of code."""
_OF_THE_MODEL = re.compile(r"\b(this|our|bundled) (model|translator)\b|\byour (sentence|words?)\b", re.IGNORECASE)
_MEASURED = re.compile(r"(?<![\w.,])0?\.\d{2,}(?![\d.]*\w)|\b\d{1,3}\.\d{2,}\b")


def check(root: Path | None = None) -> list[Problem]:
    """Everything that is wrong under `root`, the bundled lessons by default, by file and line."""
    root = root or lessons_root()
    problems: list[Problem] = []

    def complain(error: AuthorError) -> None:
        problems.append(unreadable(error))

    library = load_library(root, complain)
    for concept in library.concepts.values():
        problems += _check_concept(concept, library)
    for narration in library.narrations.values():
        problems += _check_narration(narration)
    problems += _check_whole(library)
    course = list(load_each(root, COURSE, load_lesson, complain))
    for lesson in course:
        problems += check_lesson(lesson, library.concepts)
        problems += check_study(lesson, [node.ask for node in library.nodes.values()])
    problems += check_numbers(list(root.glob(COURSE)), lambda path: shown_path(path, root))
    try:
        problems += check_syllabus(load_syllabus(root), course)
    except AuthorError as error:
        complain(error)
    problems += check_forms(root, course, complain)
    return sorted(problems, key=lambda found: (file_and_line(found.where), found.code))


# --- one concept ---------------------------------------------------------------------------------------------


def _check_concept(concept: Concept, library: Library) -> Iterator[Problem]:
    file = Path(file_and_line(concept.where)[0])
    if file.stem != concept.id:
        yield Problem(concept.where, "L016", f"concept '{concept.id}' is in a file called '{file.name}'", "rename one")
    if not concept.names:
        yield Problem(concept.where, "L014", "no names: nobody can ask for this concept", "add 'names:'")
    if not concept.nodes:
        yield Problem(concept.where, "L014", "no nodes: there is nothing to answer", "add 'nodes:'")
    for name in concept.shows:
        yield from _check_show(Show(name), concept.where)
    for node in concept.nodes:
        yield from _check_node(node, library)


def _check_node(node: Node, library: Library) -> Iterator[Problem]:
    if not node.id.startswith(node.concept + "."):
        yield Problem(
            node.where, "L003", f"id '{node.id}' is in concept '{node.concept}'", f"begin it '{node.concept}.'"
        )
    if node.other and node.other not in library.concepts:
        yield Problem(node.where, "L020", f"no concept '{node.other}'", near(node.other, library.concepts))
    for name in (*node.next, *([node.below] if node.below else [])):
        if name not in library.nodes:
            yield Problem(node.where, "L004", f"({node.id}) no node '{name}'", near(name, library.nodes))
    if node.facet == "why" and not node.below and not node.floor:
        yield Problem(node.where, "L007", f"'{node.id}' leads nowhere", "add 'below:' or 'floor:'")
    if node.below and node.floor:
        yield Problem(node.where, "L008", f"'{node.id}' is called the floor and has a why below it", "remove one")
    if _in_circle(node, library):
        yield Problem(
            node.where, "L005", f"asking why from '{node.id}' comes back to it", "end the chain with 'floor:'"
        )
    if len(node.ask) > LONGEST_ASK:
        yield Problem(node.where, "L015", f"'ask' has {len(node.ask)} characters", f"keep it to {LONGEST_ASK}")
    if len(node.line.split()) > LONGEST_LINE:
        yield Problem(node.where, "L015", f"'line' has {len(node.line.split())} words", f"keep it to {LONGEST_LINE}")
    count = sum(len(text.split()) for text in node.say)
    if count > LONGEST_SAY:
        yield Problem(node.where, "L006", f"'{node.id}' says {count} words", f"keep it to {LONGEST_SAY}")
    if not node.next:
        yield Problem(node.where, "L014", f"'{node.id}' offers nothing to go on with", "add 'next:'")
    if not node.asked:
        yield Problem(node.where, "L014", f"'{node.id}' lists no wording", "add 'asked:'")
    if node.facet == "code" and not node.code:
        yield Problem(node.where, "L014", f"'{node.id}' has no program", "add 'code:'")
    if not all((*node.say, *node.math)):
        yield Problem(node.where, "L014", f"'{node.id}' has an empty paragraph", "fill it or remove it")
    if any(len(text) > WIDEST_CODE for text in node.code.splitlines()):
        yield Problem(node.where, "L019", f"a line of code in '{node.id}' is too long", f"keep to {WIDEST_CODE}")
    yield from _check_prose(node.where, [node.line, *node.say, node.simpler])
    if node.evidence:
        yield from _check_evidence(node.evidence, node.where)
    if node.case:
        yield from check_case(node.case, node.where)


def _check_evidence(evidence: Evidence, where: str) -> Iterator[Problem]:
    yield from _check_show(evidence.show, where)
    branches = [Branch(evidence.when, evidence.say)] if evidence.when else []
    yield from _check_branches((*branches, Branch("", evidence.say)), evidence.show.experiment, where)


def _in_circle(node: Node, library: Library) -> bool:
    seen, below = {node.id}, node.below
    while below in library.nodes and below not in seen:
        seen.add(below)
        below = library.nodes[below].below
    return below == node.id


def _check_prose(where: str, paragraphs: Iterable[str]) -> Iterator[Problem]:
    for paragraph in paragraphs:
        # A worked example may calculate with any numbers; what is said of the model must come from a run.
        for sentence in re.split(r"(?<=[.!?])\s", paragraph):
            found = _MEASURED.search(sentence)
            if not found or not _OF_THE_MODEL.search(sentence):
                continue
            yield Problem(where, "L012", f"'{found[0]}' stands in prose", "make it a {field} of a narration")


def _check_show(show: Show | None, where: str) -> Iterator[Problem]:
    if show is None:
        return
    try:
        make_options(registry.find(show.experiment), show.options)
    except LearnerError as error:
        yield problem(where, "L010", error, "see `attention-tutor show --list`")


# --- narrations ----------------------------------------------------------------------------------------------


def _check_narration(narration: Narration) -> Iterator[Problem]:
    if narration.experiment not in registry.registered():
        fix = near(narration.experiment, registry.registered())
        yield Problem(narration.where, "L010", f"no experiment '{narration.experiment}'", fix)
        return
    if not narration.next:
        yield Problem(narration.where, "L014", "nothing to try next", "add 'next:'")
    if not narration.legend:
        yield Problem(narration.where, "L014", "no legend: its marks are not explained", "add 'legend:'")
    for mark in narration.legend:
        yield from _check_branches((Branch("", mark.means),), narration.experiment, narration.where)
    yield from _check_branches(narration.branches, narration.experiment, narration.where)


def _check_branches(branches: tuple[Branch, ...], experiment: str, where: str) -> Iterator[Problem]:
    if experiment not in registry.registered():
        return  # said already
    if not branches or branches[-1].when:
        yield Problem(
            where, "L009", "the narration does not end in an otherwise-branch", "add '- {otherwise: true, …}'"
        )
    if any(not branch.when for branch in branches[:-1]):
        yield Problem(where, "L009", "branches after 'otherwise' are never reached", "move 'otherwise' to the end")
    fields = stand_ins(registry.find(experiment).result)
    for branch in branches:
        try:
            for name in (*names_in(branch.when or "1"), *names_in_template(branch.say)):
                if name not in fields:
                    raise unknown_field(name, fields)
            fill(branch.say, fields)
        except AuthorError as error:
            yield problem(where, "L011", error, "correct the text")


# --- all files together --------------------------------------------------------------------------------------


def _check_whole(library: Library) -> Iterator[Problem]:
    nodes = [node for concept in library.concepts.values() for node in concept.nodes]
    by_id: dict[str, list[Node]] = defaultdict(list)
    by_paragraph: dict[str, list[Node]] = defaultdict(list)
    by_wording: dict[str, dict[str, Node]] = defaultdict(dict)
    for node in nodes:
        by_id[node.id].append(node)
        for paragraph in {_folded(text) for text in node.say}:
            by_paragraph[paragraph].append(node)
        for wording in {_folded(text) for text in node.wordings}:
            by_wording[wording].setdefault(node.id, node)
    for same in by_id.values():
        for node in same[1:]:
            yield Problem(node.where, "L002", f"id '{node.id}' stands at {same[0].where} too", "choose another")
    for same in by_paragraph.values():
        for node in same[1:]:
            yield Problem(
                node.where, "L017", f"a paragraph of '{node.id}' stands at {same[0].where} too", "say it once"
            )
    for wording, asked_by in by_wording.items():
        if len(asked_by) > 1:
            one, two = sorted(asked_by)[:2]
            yield Problem(asked_by[two].where, "L013", f"'{wording}' asks for '{one}' and '{two}'", "keep it with one")
    for name in registry.registered():
        if name not in library.narrations and library.narrations:
            yield Problem(f"lessons/experiments/{name}.yaml:1", "L018", f"'{name}' is not narrated", "write this file")


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[\w√·/]+", text.casefold()))
