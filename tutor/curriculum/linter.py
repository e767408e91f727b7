"""The lesson linter: what an author forgot, by file and line, with what to do about it.

Each check has a code, listed in `problem.CODES` and explained in `docs/writing-lessons.md`. Loading refuses what
cannot be read at all (L001); everything here is about lessons that can be read and still would not work.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tutor.curriculum.conditions import names_in, unknown_field
from tutor.curriculum.course import COURSE, load_lesson
from tutor.curriculum.lesson_linter import check_lesson
from tutor.curriculum.loader import lessons_root, load_each, load_library
from tutor.curriculum.narration import fill, names_in_template
from tutor.curriculum.problem import Problem, file_and_line, near, problem, stand_ins, unreadable
from tutor.curriculum.tree import Branch, Concept, Library, Narration, Node, Show
from tutor.errors import AuthorError, LearnerError
from tutor.experiments import registry
from tutor.experiments.base import make_options

LONGEST_ASK = 60
_OF_THE_MODEL = re.compile(r"\b(this|the|our|bundled) (model|translator)\b|\byour (sentence|words?)\b", re.IGNORECASE)
_MEASURED = re.compile(r"(?<![\w.,])0?\.\d{2,}(?![\d.]*\w)|\b\d{1,3}\.\d{2,}\b")


def check(root: Path | None = None) -> list[Problem]:
    """Everything that is wrong under `root`, the bundled lessons by default, by file and line."""
    root = root or lessons_root()
    problems: list[Problem] = []

    def complain(error: AuthorError) -> None:
        problems.append(unreadable(error))

    library = load_library(root, complain)
    for concept in library.concepts.values():
        problems += _check_concept(concept, library, root)
    for narration in library.narrations.values():
        problems += _check_narration(narration)
    problems += _check_whole(library)
    for lesson in load_each(root, COURSE, load_lesson, complain):
        problems += check_lesson(lesson, library.concepts)
    return sorted(problems, key=lambda found: (file_and_line(found.where), found.code))


# --- one concept ---------------------------------------------------------------------------------------------


def _check_concept(concept: Concept, library: Library, root: Path) -> Iterator[Problem]:
    file = Path(file_and_line(concept.where)[0])
    if file.stem != concept.id:
        yield Problem(concept.where, "L016", f"concept '{concept.id}' is in a file called '{file.name}'", "rename one")
    if not concept.names:
        yield Problem(concept.where, "L014", "no names: nobody can ask for this concept", "add 'names:'")
    if not concept.nodes:
        yield Problem(concept.where, "L014", "no nodes: there is nothing to answer", "add 'nodes:'")
    for node in concept.nodes:
        yield from _check_node(node, library)
    for belief in concept.misconceptions:
        if not belief.phrased:
            yield Problem(belief.where, "L014", "no wording to recognise the belief by", "add 'phrased:'")
        yield from _check_show(belief.show, belief.where)
        yield from _check_prose(belief.where, [belief.refute, *belief.simpler])


def _check_node(node: Node, library: Library) -> Iterator[Problem]:
    if not node.id.startswith(node.concept + "."):
        yield Problem(
            node.where, "L003", f"id '{node.id}' is in concept '{node.concept}'", f"begin it '{node.concept}.'"
        )
    if node.other and node.other not in library.concepts:
        yield Problem(node.where, "L020", f"no concept '{node.other}'", near(node.other, library.concepts))
    for name in (*node.next, *([node.why_below] if node.why_below else [])):
        if name not in library.nodes:
            yield Problem(node.where, "L004", f"({node.id}) no node '{name}'", near(name, library.nodes))
    if node.facet == "why" and not node.why_below and not node.floor:
        yield Problem(node.where, "L007", f"'{node.id}' leads nowhere", "add 'why_below:' or 'floor:'")
    if node.why_below and node.floor:
        yield Problem(node.where, "L008", f"'{node.id}' is called the floor and has a why below it", "remove one")
    if _in_circle(node, library):
        yield Problem(
            node.where, "L005", f"asking why from '{node.id}' comes back to it", "end the chain with 'floor:'"
        )
    if len(node.ask) > LONGEST_ASK:
        yield Problem(node.where, "L015", f"'ask' has {len(node.ask)} characters", f"keep it to {LONGEST_ASK}")
    if not node.next:
        yield Problem(node.where, "L014", f"'{node.id}' offers nothing to go on with", "add 'next:'")
    if not all((*node.say, *node.simpler, *node.math)):
        yield Problem(node.where, "L014", f"'{node.id}' has an empty paragraph", "fill it or remove it")
    yield from _check_prose(node.where, [*node.say, *node.simpler])
    for show in (node.show, *node.also):
        yield from _check_show(show, node.where)
    if node.also and not node.show:
        yield Problem(node.where, "L019", f"'{node.id}' has 'also:' and no 'show:'", "put the first run into 'show:'")


def _in_circle(node: Node, library: Library) -> bool:
    seen, below = {node.id}, node.why_below
    while below in library.nodes and below not in seen:
        seen.add(below)
        below = library.nodes[below].why_below
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
    if show.narrate:
        yield from _check_branches(show.narrate, show.experiment, where)


# --- narrations ----------------------------------------------------------------------------------------------


def _check_narration(narration: Narration) -> Iterator[Problem]:
    if narration.experiment not in registry.registered():
        fix = near(narration.experiment, registry.registered())
        yield Problem(narration.where, "L010", f"no experiment '{narration.experiment}'", fix)
        return
    if not narration.next:
        yield Problem(narration.where, "L014", "nothing to try next", "add 'next:'")
    yield from _check_prose(narration.where, [narration.intro])
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
    by_wording: dict[str, set[str]] = defaultdict(set)
    places: dict[str, str] = {}
    for node in nodes:
        by_id[node.id].append(node)
        for paragraph in (*node.say, *node.simpler):
            by_paragraph[_folded(paragraph)].append(node)
        for wording in {_folded(text) for text in (node.ask, *node.phrased)}:
            by_wording[wording].add(node.id)
            places.setdefault(wording + node.id, node.where)
    for concept in library.concepts.values():
        for facet, wordings in concept.asks.items():
            for wording in {_folded(text) for text in wordings}:
                meant = f"{concept.id}.{facet}"
                by_wording[wording].add(meant)
                places.setdefault(wording + meant, concept.where)
    for same in by_id.values():
        for node in same[1:]:
            yield Problem(node.where, "L002", f"id '{node.id}' stands at {same[0].where} too", "choose another")
    for same in by_paragraph.values():
        for node in same[1:]:
            yield Problem(
                node.where, "L017", f"a paragraph of '{node.id}' stands at {same[0].where} too", "say it once"
            )
    for wording, meant_by in by_wording.items():
        if len({_main(name) for name in meant_by}) > 1:
            one, two = sorted(meant_by)[:2]
            yield Problem(
                places[wording + two], "L013", f"'{wording}' asks for '{one}' and '{two}'", "keep it with one"
            )
    yield from _check_reachable(library, nodes)
    for name in registry.registered():
        if name not in library.narrations and library.narrations:
            yield Problem(f"lessons/experiments/{name}.yaml:1", "L018", f"'{name}' is not narrated", "write this file")


def _main(name: str) -> str:
    """Concept and facet: wordings may be shared between a facet and the node that answers it."""
    return ".".join(name.split(".")[:2])


def _check_reachable(library: Library, nodes: list[Node]) -> Iterator[Problem]:
    led_to = {name for node in nodes for name in (*node.next, node.why_below)}
    for node in nodes:
        found_by_facet = node.other or node.id == f"{node.concept}.{node.facet}"
        if not found_by_facet and node.id not in led_to and not node.phrased:
            yield Problem(node.where, "L006", f"nothing leads to '{node.id}'", "name it in a 'next:' or 'why_below:'")


def _folded(text: str) -> str:
    return " ".join(re.findall(r"[\w√·/]+", text.casefold()))
