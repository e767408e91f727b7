"""The commands beside chat, lesson, `ask` and `show`: traces, the lessons' linter, the models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.console import ANSWERED, BROKEN, one_line, say, waiting
from tutor.errors import AuthorError, LearnerError, TutorError

if TYPE_CHECKING:
    from tutor.curriculum.problem import Problem


def trace(parsed: argparse.Namespace) -> int:
    """Save every intermediate tensor, or name them all."""
    from tutor.start import open_models
    from tutor.text.clean import clean
    from tutor.tracing import save_trace, trace_names

    if parsed.list:
        with waiting("loading the model …"):
            names = trace_names(open_models(), parsed.model, parsed.names)
        wide = max(len(path) for path, _, _ in names)
        print("\n".join(f"{path:{wide}}  {axes:26}{means}".rstrip() for path, axes, means in names))
        return ANSWERED
    if not parsed.sentence or not clean(parsed.sentence) or not parsed.out:
        parsed.parser.error("a sentence and --out FILE.npz are needed, as in: trace 'The cat sleeps.' --out cat.npz")
    check_free(parsed.out, parsed.force)
    with waiting("running the model on your sentence …"):
        count = save_trace(
            open_models(),
            clean(parsed.sentence),
            parsed.out,
            gradients=parsed.gradients,
            model=parsed.model,
            names=parsed.names,
        )
    say(f"wrote {count} arrays to {parsed.out}")
    return ANSWERED


def check_free(file: Path, force: bool) -> None:
    """Raise `LearnerError` where something would be written over."""
    if file.is_file() and not force:
        raise LearnerError(f"{file}: exists already; name another file, or add --force to write over it")


@contextmanager
def named(file: Path) -> Iterator[None]:
    """A file that was named and cannot be used is a fault of what was typed."""
    try:
        yield
    except OSError as error:
        raise LearnerError(f"{file}: {(error.strerror or str(error)).lower()}; name another file") from error


def lessons_check(parsed: argparse.Namespace) -> int:
    """Print every problem of the lessons, with file, line and fix."""
    from tutor.curriculum.linter import check
    from tutor.curriculum.own import check_files
    from tutor.text.clean import clean

    files = _own_files(parsed.path) if parsed.path else []
    problems = list(check_files(files)) if files else check(parsed.path)
    if parsed.runs:
        problems += _tried(files, parsed.path)
    for problem in problems:
        fix = f"; {problem.fix}" if problem.fix else ""
        print(clean(f"{problem.where}: {problem.code} {problem.message}{fix}"))
    say(f"{len(problems)} problems" if len(problems) != 1 else "1 problem")
    return BROKEN if problems else ANSWERED


def _own_files(path: Path) -> list[Path]:
    """Lessons that stand alone: a file, or those at the top of a folder; none where it is a whole library."""
    from tutor.curriculum.own import lesson_files

    if path.is_file() and path.suffix == ".yaml":
        return [path]
    if not path.is_dir():
        raise LearnerError(f"{path}: is no lesson and no folder; name a lesson (NN-name.yaml) or a folder of lessons")
    if any(path.glob("*/**/*.yaml")):
        return []
    return lesson_files(path)


def _tried(files: list[Path], root: Path | None) -> list[Problem]:
    """What shows only when the model runs, on thirty sentences."""
    from tutor.curriculum.course import load_course, load_lesson
    from tutor.curriculum.syllabus import load_sentences
    from tutor.curriculum.trial import HARDER, try_out
    from tutor.experiments.registry import run
    from tutor.start import open_models

    models = open_models()
    done: dict[tuple[str, str, str], Any] = {}

    def runner(experiment: str, sentence: str, options: Mapping[str, Any]) -> Any:
        key = (experiment, sentence, repr(sorted(options.items())))
        if key not in done:
            done[key] = run(experiment, models, sentence, options).result
        return done[key]

    found: list[Problem] = []
    for lesson in [load_lesson(file) for file in files] if files else load_course(root):
        with waiting(f"trying {lesson.title} on thirty sentences …"):
            found += try_out(lesson, (*load_sentences(), *HARDER), runner)
    return found


def lessons_new(parsed: argparse.Namespace) -> int:
    """Write a lesson to begin with."""
    from tutor.curriculum.own import write_skeleton

    path = write_skeleton(parsed.name, parsed.folder)
    say(f"wrote {path}; take it with `attention-tutor lessons try {path}`")
    return ANSWERED


def lessons_try(parsed: argparse.Namespace) -> int:
    """Take one lesson from a file, after its problems are named; nothing is kept."""
    from tutor.curriculum.course import load_lesson
    from tutor.curriculum.own import check_files
    from tutor.terminal.repl import try_lesson

    if not parsed.file.is_file():
        raise LearnerError(f"{parsed.file}: there is no such file; name a lesson, as in 16-my-lesson.yaml")
    lesson = load_lesson(parsed.file)
    for problem in check_files([parsed.file]):
        say(str(problem))
    return try_lesson(lesson)


def lessons_list(parsed: argparse.Namespace) -> int:
    """The guided lessons and the topics."""
    from tutor.curriculum.loader import load_library
    from tutor.curriculum.own import whole_course
    from tutor.layout import terminal_width, two_columns
    from tutor.text.clean import clean

    broken: list[AuthorError] = []
    width = terminal_width()
    lessons, library = whole_course(complain=broken.append), load_library(complain=broken.append)
    print(two_columns([(lesson.id, lesson.title) for lesson in lessons], 30, width))
    print("\nTopics that you can ask about:")
    print(two_columns([(concept.id, concept.title) for concept in library.concepts.values()], 30, width))
    for error in broken:
        say(clean(f"left out: {error}"))
    return BROKEN if broken else ANSWERED


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


def doctor(parsed: argparse.Namespace) -> int:
    """What is installed, found, damaged, slow: a line each, as soon as it is known; on a terminal wrapped to fit."""
    from tutor.doctor import DAMAGED, examine
    from tutor.layout import paragraphs, terminal_width

    damaged = 0
    for found in examine():
        print(paragraphs([found.line], terminal_width()) if sys.stdout.isatty() else found.line, flush=True)
        damaged += found.state == DAMAGED
    return BROKEN if damaged else ANSWERED
