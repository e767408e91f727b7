"""Lessons from disk: YAML into the typed tree.

The loader refuses what it cannot read; whether the lessons make sense together is the linter's business.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tutor.curriculum.document import Fields, read_document
from tutor.curriculum.tree import (
    FACETS,
    FLOORS,
    Analogy,
    Branch,
    Case,
    Concept,
    Evidence,
    LeftOut,
    Library,
    Mark,
    Narration,
    Node,
    Show,
)
from tutor.errors import AuthorError
from tutor.text.clean import clean

CONCEPT_KEYS = ("concept", "title", "names", "shows", "nodes")
NODE_KEYS = (
    *("id", "facet", "other", "ask", "asked", "line", "say", "simpler", "analogy", "math", "code", "evidence"),
    *("case", "below", "floor", "next"),
)
EVIDENCE_KEYS = ("run", "options", "claim", "when", "say", "sentence")
CASE_KEYS = ("numbers", "given", "let", "narrate")
NARRATION_KEYS = ("experiment", "title", "ask", "narrate", "legend", "next")
REPLIES, WISHES = "replies/*.yaml", "wishes.yaml"

_T = TypeVar("_T")
Complain = Callable[[AuthorError], None]


def lessons_root() -> Path:
    """Where the bundled lessons are."""
    import lessons

    return Path(next(iter(lessons.__path__)))


def load_library(root: Path | None = None, complain: Complain | None = None) -> Library:
    """Everything under `root`. Raises `AuthorError`, or with `complain` hands it on and leaves that file out."""
    root = root or lessons_root()
    concepts = {one.id: one for one in load_each(root, "concepts/*/*.yaml", load_concept, complain)}
    nodes = {node.id: node for concept in concepts.values() for node in concept.nodes}
    narrations = {one.experiment: one for one in load_each(root, "experiments/*.yaml", load_narration, complain)}
    replies = {kind: told for held in load_each(root, REPLIES, load_replies, complain) for kind, told in held.items()}
    wishes = {kind: told for held in load_each(root, WISHES, load_replies, complain) for kind, told in held.items()}
    return Library(concepts, nodes, narrations, replies, wishes)


def open_library(root: Path | None = None) -> Library:
    """Everything under `root` that can be used; what cannot is named in `left_out`."""
    left_out: list[LeftOut] = []
    library = load_library(root, lambda error: left_out.append(_left_out(error)))
    return dataclasses.replace(library, left_out=tuple(left_out))


def open_narration(experiment: str, root: Path | None = None) -> Library:
    """A library of what is said of one experiment, and nothing else. Raises `AuthorError`."""
    told = load_each(root or lessons_root(), f"experiments/{experiment}.yaml", load_narration)
    return Library({}, {}, {one.experiment: one for one in told})


def _left_out(error: AuthorError) -> LeftOut:
    return LeftOut(error.file.stem if error.file else "", clean(str(error)))


def load_each(
    root: Path, pattern: str, load: Callable[[Path, Path], _T], complain: Complain | None = None
) -> Iterator[_T]:
    """What `load` makes of each file, in their order; raises and hands on as `load_library` does."""
    for path in sorted(root.glob(pattern)):
        try:
            yield load(path, root)
        except AuthorError as error:
            error.file = path
            if complain is None:
                raise
            complain(error)


def shown_path(path: Path, root: Path) -> str:
    """How messages name a file: from the lessons folder on."""
    return str(Path(root.name) / path.relative_to(root))


def load_concept(path: Path, root: Path) -> Concept:
    """One concept file. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root))
    held.only(CONCEPT_KEYS)
    concept = held.text("concept")
    return Concept(
        id=concept,
        subject=path.parent.name,
        title=held.text("title"),
        names=held.texts("names"),
        shows=held.texts("shows"),
        nodes=tuple(_node(fields, concept) for fields in held.parts("nodes")),
        where=held.where,
    )


def load_narration(path: Path, root: Path) -> Narration:
    """The narration and the legend of one experiment. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root))
    held.only(NARRATION_KEYS)
    return Narration(
        experiment=held.text("experiment"),
        title=held.text("title"),
        ask=held.text("ask"),
        branches=branches(held),
        legend=tuple(_mark(fields) for fields in held.parts("legend")),
        next=held.texts("next"),
        where=held.where,
    )


def load_replies(path: Path, root: Path) -> dict[str, tuple[str, ...]]:
    """Wordings by what they are for: replies by occasion, wishes of a learner. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root))
    return {kind: held.texts(kind) for kind in held}


def _mark(fields: Fields) -> Mark:
    fields.only(("of", "asked", "means"))
    return Mark(fields.text("of"), fields.texts("asked"), fields.text("means"))


def _node(fields: Fields, concept: str) -> Node:
    fields.only(NODE_KEYS)
    facet = fields.text("facet")
    if facet not in FACETS:
        raise AuthorError(f"{fields.at('facet')}: unknown facet '{facet}'; one of {', '.join(FACETS)}")
    floor = fields.text("floor", "")
    if floor and floor not in FLOORS:
        raise AuthorError(f"{fields.at('floor')}: unknown floor '{floor}'; one of {', '.join(FLOORS)}")
    say = fields.texts("say")
    if not say:
        raise AuthorError(f"{fields.at('say')}: 'say' is missing; an answer needs at least one paragraph")
    return Node(
        id=fields.text("id"),
        concept=concept,
        facet=facet,
        other=fields.text("other", ""),
        ask=fields.text("ask"),
        asked=fields.texts("asked"),
        line=fields.text("line"),
        say=say,
        simpler=fields.text("simpler", ""),
        analogies=tuple(_analogies(fields)),
        math=fields.texts("math"),
        code=fields.text("code", ""),
        evidence=_evidence(fields.part("evidence")),
        case=_case(fields.part("case")),
        below=fields.text("below", ""),
        floor=floor,
        next=fields.texts("next"),
        where=fields.where,
    )


def _analogies(fields: Fields) -> Iterator[Analogy]:
    held = fields.get("analogy")
    for entry in fields.parts("analogy") if isinstance(held, list) else filter(None, [fields.part("analogy")]):
        entry.only(("say", "breaks"))
        yield Analogy(entry.text("say"), entry.text("breaks"))


def _evidence(fields: Fields | None) -> Evidence | None:
    if fields is None:
        return None
    fields.only(EVIDENCE_KEYS)
    return Evidence(
        show=Show(fields.text("run"), dict(fields.part("options") or {})),
        claim=fields.text("claim"),
        when=fields.text("when", ""),
        say=fields.text("say"),
        sentence=fields.text("sentence", ""),
    )


def _case(fields: Fields | None) -> Case | None:
    if fields is None:
        return None
    fields.only(CASE_KEYS)
    numbers: dict[str, Any] = dict(fields.part("numbers") or {})
    given: dict[str, Any] = dict(fields.part("given") or {})
    made: dict[str, Any] = dict(fields.part("let") or {})
    for name, value in given.items():
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise AuthorError(f"{fields.at('given')}: '{name}' takes a number")
    return Case(
        numbers={name: tuple(value) if isinstance(value, list) else (str(value),) for name, value in numbers.items()},
        given={name: float(value) for name, value in given.items()},
        made={name: str(value) for name, value in made.items()},
        branches=branches(fields),
    )


def show(fields: Fields, key: str = "show") -> Show | None:
    """The experiment at `key`: a name, or a name with options."""
    held: Any = fields.get(key)
    if held is None:
        return None
    if isinstance(held, str):
        return Show(held)
    if not isinstance(held, Fields):
        raise AuthorError(f"{fields.at(key)}: '{key}' takes an experiment's name, or experiment: and options:")
    held.only(("experiment", "options"))
    return Show(held.text("experiment"), dict(held.part("options") or {}))


def branches(fields: Fields) -> tuple[Branch, ...]:
    """The narration at 'narrate'."""
    found = []
    for entry in fields.parts("narrate"):
        entry.only(("when", "otherwise", "say"))
        if ("when" in entry) == ("otherwise" in entry):
            raise AuthorError(f"{entry.where}: a branch has either 'when: condition' or 'otherwise: true'")
        found.append(Branch(entry.text("when", ""), entry.text("say")))
    return tuple(found)
