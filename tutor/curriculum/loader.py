"""Lessons from disk: YAML into the typed tree.

The loader refuses what it cannot read; whether the lessons make sense together is the linter's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tutor.curriculum.document import Fields, read_document
from tutor.curriculum.tree import (
    FACETS,
    FLOORS,
    Analogy,
    Branch,
    Concept,
    Library,
    Misconception,
    Narration,
    Node,
    Show,
)
from tutor.errors import AuthorError

CONCEPT_KEYS = ("concept", "title", "names", "asks", "nodes", "relations", "comparisons", "misconceptions")
NODE_KEYS = (
    *("id", "facet", "with", "ask", "say", "simpler", "analogy", "math", "show", "narrate", "also"),
    *("why_below", "floor", "next", "phrased"),
)
MISCONCEPTION_KEYS = ("belief", "phrased", "refute", "simpler", "show", "narrate")
NARRATION_KEYS = ("experiment", "title", "intro", "narrate", "next")

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
    return Library(concepts, nodes, narrations)


def load_each(
    root: Path, pattern: str, load: Callable[[Path, Path], _T], complain: Complain | None = None
) -> Iterator[_T]:
    """What `load` makes of each file, in their order; raises and hands on as `load_library` does."""
    for path in sorted(root.glob(pattern)):
        try:
            yield load(path, root)
        except AuthorError as error:
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
    asks = held.part("asks")
    if asks is not None:
        asks.only(FACETS)
    nodes = [_node(fields, concept, "") for fields in held.parts("nodes")]
    nodes += [_node(fields, concept, "relation") for fields in held.parts("relations")]
    nodes += [_node(fields, concept, "compare") for fields in held.parts("comparisons")]
    return Concept(
        id=concept,
        subject=path.parent.name,
        title=held.text("title"),
        names=held.texts("names"),
        asks={facet: asks.texts(facet) for facet in asks} if asks is not None else {},
        nodes=tuple(nodes),
        misconceptions=tuple(_misconception(fields) for fields in held.parts("misconceptions")),
        where=held.where,
    )


def load_narration(path: Path, root: Path) -> Narration:
    """The narration of one experiment. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root))
    held.only(NARRATION_KEYS)
    return Narration(
        experiment=held.text("experiment"),
        title=held.text("title"),
        intro=held.text("intro"),
        branches=branches(held),
        next=held.texts("next"),
        where=held.where,
    )


def _node(fields: Fields, concept: str, implied: str) -> Node:
    fields.only(NODE_KEYS)
    facet = fields.text("facet", implied) if implied else fields.text("facet")
    if facet not in FACETS:
        raise AuthorError(f"{fields.at('facet')}: unknown facet '{facet}'; one of {', '.join(FACETS)}")
    floor = fields.text("floor", "")
    if floor and floor not in FLOORS:
        raise AuthorError(f"{fields.at('floor')}: unknown floor '{floor}'; one of {', '.join(FLOORS)}")
    analogy = fields.part("analogy")
    if analogy is not None:
        analogy.only(("say", "breaks"))
    say = fields.texts("say")
    if not say:
        raise AuthorError(f"{fields.at('say')}: 'say' is missing; an answer needs at least one paragraph")
    return Node(
        id=fields.text("id"),
        concept=concept,
        facet=facet,
        other=fields.text("with", "" if not implied else None),
        ask=fields.text("ask"),
        say=say,
        simpler=fields.texts("simpler"),
        analogy=Analogy(analogy.text("say"), analogy.text("breaks")) if analogy is not None else None,
        math=fields.texts("math"),
        show=_narrated(fields, show(fields)),
        also=tuple(_also(entry) for entry in fields.parts("also")),
        why_below=fields.text("why_below", ""),
        floor=floor,
        next=fields.texts("next"),
        phrased=fields.texts("phrased"),
        where=fields.where,
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


def _also(fields: Fields) -> Show:
    fields.only(("experiment", "options", "narrate"))
    return Show(fields.text("experiment"), dict(fields.part("options") or {}), branches(fields))


def _narrated(fields: Fields, shown: Show | None) -> Show | None:
    told = branches(fields)
    if told and not shown:
        raise AuthorError(f"{fields.at('narrate')}: 'narrate' tells what came out of an experiment; add 'show:'")
    return replace(shown, narrate=told) if shown else None


def branches(fields: Fields) -> tuple[Branch, ...]:
    """The narration at 'narrate'."""
    found = []
    for entry in fields.parts("narrate"):
        entry.only(("when", "otherwise", "say"))
        if ("when" in entry) == ("otherwise" in entry):
            raise AuthorError(f"{entry.where}: a branch has either 'when: condition' or 'otherwise: true'")
        found.append(Branch(entry.text("when", ""), entry.text("say")))
    return tuple(found)


def _misconception(fields: Fields) -> Misconception:
    fields.only(MISCONCEPTION_KEYS)
    return Misconception(
        belief=fields.text("belief"),
        phrased=fields.texts("phrased"),
        refute=fields.text("refute"),
        show=_narrated(fields, show(fields)),
        where=fields.where,
        simpler=fields.texts("simpler"),
    )
