"""The commands beside chat, lesson, `ask` and `show`: traces, the lessons' linter, progress, the models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tutor.console import ANSWERED, BROKEN, USAGE, one_line, say, waiting
from tutor.errors import AuthorError, LearnerError, TutorError


def trace(parsed: argparse.Namespace) -> int:
    """Save every intermediate tensor, or name them all."""
    from tutor.start import open_models
    from tutor.text.clean import clean
    from tutor.tracing import save_trace, trace_names

    if parsed.list:
        with waiting("loading the model …"):
            names = trace_names(open_models(), parsed.model)
        wide = max(len(path) for path, _, _ in names)
        print("\n".join(f"{path:{wide}}  {axes:26}{means}".rstrip() for path, axes, means in names))
        return ANSWERED
    if not parsed.sentence or not clean(parsed.sentence) or not parsed.out:
        parsed.parser.error("a sentence and --out FILE.npz are needed, as in: trace 'The cat sleeps.' --out cat.npz")
    _check_free(parsed.out, parsed.force)
    with waiting("running the model on your sentence …"):
        count = save_trace(
            open_models(), clean(parsed.sentence), parsed.out, gradients=parsed.gradients, model=parsed.model
        )
    say(f"wrote {count} arrays to {parsed.out}")
    return ANSWERED


def _check_free(file: Path, force: bool) -> None:
    """Raise `LearnerError` where something would be written over."""
    if file.is_file() and not force:
        raise LearnerError(f"{file}: exists already; name another file, or add --force to write over it")


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """A file that was named and cannot be used is a fault of what was typed."""
    try:
        yield
    except OSError as error:
        raise LearnerError(f"{file}: {(error.strerror or str(error)).lower()}; name another file") from error


def lessons_check(parsed: argparse.Namespace) -> int:
    """Print every problem of the lessons, with file, line and fix."""
    from tutor.curriculum.linter import check
    from tutor.text.clean import clean

    if parsed.path and not parsed.path.is_dir():
        raise LearnerError(f"{parsed.path}: there is no such folder; name a folder of lessons")
    if parsed.path and not any(parsed.path.glob("*/**/*.yaml")):
        raise LearnerError(f"{parsed.path}: holds no lessons; name a folder that has concepts/ or course/ in it")
    problems = check(parsed.path)
    for problem in problems:
        fix = f"; {problem.fix}" if problem.fix else ""
        print(clean(f"{problem.where}: {problem.code} {problem.message}{fix}"))
    say(f"{len(problems)} problems" if len(problems) != 1 else "1 problem")
    return BROKEN if problems else ANSWERED


def lessons_list(parsed: argparse.Namespace) -> int:
    """The guided lessons and the topics."""
    from tutor.curriculum.course import load_course
    from tutor.curriculum.loader import load_library
    from tutor.layout import terminal_width, two_columns
    from tutor.text.clean import clean

    broken: list[AuthorError] = []
    width = terminal_width()
    lessons, library = load_course(complain=broken.append), load_library(complain=broken.append)
    print(two_columns([(lesson.id, lesson.title) for lesson in lessons], 30, width))
    print("\nTopics that you can ask about:")
    print(two_columns([(concept.id, concept.title) for concept in library.concepts.values()], 30, width))
    for error in broken:
        say(clean(f"left out: {error}"))
    return BROKEN if broken else ANSWERED


def progress_show(parsed: argparse.Namespace) -> int:
    """What the learner has mastered."""
    from tutor.learner.progress import progress_text

    print(progress_text())
    return ANSWERED


def progress_export(parsed: argparse.Namespace) -> int:
    """Everything about the learner as JSON."""
    from tutor.learner.progress import export_json

    if parsed.file:
        _check_free(parsed.file, parsed.force)
        with _named(parsed.file):
            parsed.file.write_text(export_json() + "\n", encoding="utf-8")
        say(f"wrote {parsed.file}")
    else:
        print(export_json())
    return ANSWERED


def progress_import(parsed: argparse.Namespace) -> int:
    """Take over an export."""
    from tutor.learner.progress import import_json

    with _named(parsed.file):
        text = parsed.file.read_text(encoding="utf-8", errors="replace")
    say(import_json(text))
    return ANSWERED


def progress_reset(parsed: argparse.Namespace) -> int:
    """Forget a lesson, or everything."""
    from tutor.learner.progress import reset

    what = parsed.lesson or "everything"
    if not parsed.yes:
        if not sys.stdin.isatty():
            say("nothing was reset; add --yes")
            return USAGE
        if input(f"Forget {what}? Type yes: ").strip().casefold() not in ("y", "yes"):
            say("nothing was reset")
            return ANSWERED
    reset(parsed.lesson or "")
    say(f"forgot {what}")
    return ANSWERED


def model(parsed: argparse.Namespace) -> int:
    """What is bundled, as text or as the model card."""
    from tutor.about import about_models, model_card
    from tutor.layout import terminal_width

    if parsed.markdown:
        print(model_card())
        return ANSWERED
    damaged: list[TutorError] = []
    print(about_models(terminal_width(), damaged.append))
    for error in damaged:
        say(one_line(error))
    return BROKEN if damaged else ANSWERED
