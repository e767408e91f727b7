"""Guided lessons from disk: `lessons/course/NN-slug.yaml` into typed steps. The form is in docs/writing-lessons.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tutor.curriculum.document import Fields, read_document
from tutor.curriculum.loader import branches, lessons_root, show, shown_path
from tutor.curriculum.tree import Branch, Show
from tutor.errors import AuthorError

KINDS = ("say", "show", "predict", "observe", "check", "exercise", "branch", "detour")
CHECKS = ("choice", "number", "word", "free", "sentence")
ASKING = ("predict", "check", "exercise", "detour")
STEP_KEYS = (
    *("id", "kind", "say", "show", "uses", "narrate", "ask", "check", "choices", "choices_from", "answer", "accept"),
    *("tolerance", "needs", "mistakes", "hints", "right", "solution", "concepts", "when", "goto", "more"),
)


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that can be computed: what a learner gets who does this one thing wrong."""

    name: str
    value: str
    """An expression over the fields of the step's run; words in quotes for choices."""
    reply: str


@dataclass(frozen=True)
class Step:
    """One screen of a guided lesson."""

    id: str
    kind: str
    say: tuple[str, ...]
    show: Show | None
    """Run, shown, and its fields can be named."""
    uses: Show | None
    """Run for its fields, not shown."""
    narrate: tuple[Branch, ...]
    ask: str
    check: str
    choices: tuple[str, ...]
    choices_from: str
    """A field of the run that lists words, such as `key_tokens`."""
    answer: str
    """Number: an expression. Choice and word: the text, or a field as {key_token}."""
    accept: tuple[str, ...]
    tolerance: float
    needs: tuple[str, ...]
    """Free text: for each entry, one of its words 'a|b|c' must begin a word of the answer."""
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    right: str
    solution: str
    concepts: tuple[str, ...]
    when: str
    goto: str
    more: tuple[str, ...]
    """Detour: what is told to a learner who says yes."""
    where: str


@dataclass(frozen=True)
class GuidedLesson:
    """One lesson of the course."""

    id: str
    title: str
    about: str
    sentence: str
    tries: int
    """Wrong answers after which the solution is offered."""
    steps: tuple[Step, ...]
    where: str


def load_course(root: Path | None = None) -> tuple[GuidedLesson, ...]:
    """All guided lessons in the order of their file names. Raises `AuthorError`."""
    root = root or lessons_root()
    return tuple(load_lesson(path, root) for path in sorted((root / "course").glob("*.yaml")))


def load_lesson(path: Path, root: Path) -> GuidedLesson:
    """One guided lesson. Raises `AuthorError`."""
    held = read_document(path, shown_path(path, root))
    held.only(("lesson", "title", "about", "sentence", "tries", "steps"))
    steps = tuple(_step(fields) for fields in held.parts("steps"))
    if not steps:
        raise AuthorError(f"{held.where}: 'steps' is missing; add at least one")
    ids = {step.id for step in steps}
    for index, step in enumerate(steps):
        if step.id in {earlier.id for earlier in steps[:index]}:
            raise AuthorError(f"{step.where} (step {step.id}): this id stands here twice; choose another")
        if step.goto and step.goto not in ids:
            raise AuthorError(f"{step.where} (step {step.id}): no step '{step.goto}'; name a step of this lesson")
    return GuidedLesson(
        id=held.text("lesson"),
        title=held.text("title"),
        about=held.text("about", ""),
        sentence=held.text("sentence", ""),
        tries=int(_number(held, "tries", 3)),
        steps=steps,
        where=held.where,
    )


def _step(fields: Fields) -> Step:
    fields.only(STEP_KEYS)
    kind, check = fields.text("kind"), fields.text("check", "")
    for key, value, known in (("kind", kind, KINDS), ("check", check, (*CHECKS, ""))):
        if value not in known:
            names = ", ".join(name for name in known if name)
            raise AuthorError(f"{fields.at(key)} (step {fields.text('id')}): unknown {key} '{value}'; one of {names}")
    if kind in ("predict", "check", "exercise"):
        for key in ("ask", "check"):
            fields.text(key)
    if kind == "branch":
        fields.text("when")
        fields.text("goto")
    return Step(
        id=fields.text("id"),
        kind=kind,
        say=fields.texts("say"),
        show=show(fields),
        uses=_uses(fields),
        narrate=branches(fields),
        ask=fields.text("ask", "Would you like that? (yes or no)" if kind == "detour" else ""),
        check=check,
        choices=fields.texts("choices"),
        choices_from=fields.text("choices_from", ""),
        answer=fields.text("answer", ""),
        accept=fields.texts("accept"),
        tolerance=_number(fields, "tolerance", 0.02),
        needs=fields.texts("needs"),
        mistakes=tuple(Mistake(m.text("name"), m.text("value"), m.text("reply")) for m in fields.parts("mistakes")),
        hints=fields.texts("hints"),
        right=fields.text("right", ""),
        solution=fields.text("solution", ""),
        concepts=fields.texts("concepts"),
        when=fields.text("when", ""),
        goto=fields.text("goto", ""),
        more=fields.texts("more"),
        where=fields.where,
    )


def _uses(fields: Fields) -> Show | None:
    held = Fields(fields.file, fields.line)
    if "uses" in fields:
        held["show"] = fields["uses"]
    return show(held)


def _number(fields: Fields, key: str, default: float) -> float:
    try:
        return float(fields.text(key, str(default)))
    except ValueError:
        raise AuthorError(f"{fields.at(key)}: '{key}' takes a number, not '{fields[key]}'") from None
