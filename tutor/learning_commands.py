"""The commands of the course and of what the learner has done in it: `learn`, `review`, `map`, `progress`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.console import ANSWERED, USAGE, say
from tutor.side_commands import check_free, named

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[Any]


def enter_course(commands: Commands) -> None:
    """Add `learn`, `review` and `map` to the parser."""
    learn = commands.add_parser("learn", help="guided lessons; goes on where you left")
    learn.add_argument("lesson", nargs="?", metavar="LESSON", help="name of a lesson; see `lessons list`")
    sitting = learn.add_mutually_exclusive_group()
    sitting.add_argument("--pretest", action="store_true", help="twenty questions before the course, for yourself")
    sitting.add_argument("--posttest", action="store_true", help="twenty others after it, and what you gained")
    learn.set_defaults(run=_learn, parser=learn)
    take_lessons(learn)

    review = commands.add_parser("review", help="exercises that are due again, on new sentences")
    review.add_argument("concept", nargs="?", metavar="CONCEPT", help="some on one concept, due or not")
    review.set_defaults(run=_review)
    take_lessons(review)

    course = commands.add_parser("map", help="the course as a tree: what is mastered, and where you are")
    course.set_defaults(run=_map)
    take_lessons(course)


def take_lessons(parser: argparse.ArgumentParser) -> None:
    """Let a command take lessons of one's own."""
    told = "a folder of lessons of your own, beside the course"
    parser.add_argument("--lessons", type=Path, metavar="FOLDER", dest="own", default=argparse.SUPPRESS, help=told)


def use_lessons(parsed: argparse.Namespace) -> None:
    """Enter the folder that was named. Raises `LearnerError` where it holds no lesson."""
    folder = getattr(parsed, "own", None)
    if folder is not None:
        from tutor.curriculum.own import FOLDER, lesson_files

        lesson_files(folder)
        os.environ[FOLDER] = str(folder.resolve())


def enter_progress(commands: Commands) -> None:
    """Add `progress` to the parser."""
    progress = commands.add_parser("progress", help="what you have mastered; export, import, reset")
    actions = progress.add_subparsers(metavar="ACTION", required=True)
    actions.add_parser("show", help="what you have mastered").set_defaults(run=progress_show)
    export = actions.add_parser("export", help="everything about you as JSON")
    export.add_argument("file", nargs="?", type=Path, metavar="FILE", help="by default standard output")
    export.add_argument("--force", action="store_true", help="write over a file that exists")
    export.set_defaults(run=progress_export)
    read = actions.add_parser("import", help="take over an export")
    read.add_argument("file", type=Path, metavar="FILE")
    read.set_defaults(run=progress_import)
    reset = actions.add_parser("reset", help="forget a lesson, or everything")
    reset.add_argument("lesson", nargs="?", metavar="LESSON", help="by default everything")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(run=progress_reset)


def _learn(parsed: argparse.Namespace) -> int:
    from tutor.terminal import repl

    if parsed.pretest or parsed.posttest:
        if parsed.lesson:
            parsed.parser.error("a test is of the whole course; leave the lesson out")
        return repl.measure("pretest" if parsed.pretest else "posttest")
    return repl.learn(parsed.lesson or "")


def _review(parsed: argparse.Namespace) -> int:
    from tutor.terminal.repl import review

    return review(parsed.concept or "")


def _map(parsed: argparse.Namespace) -> int:
    """The course as a tree."""
    from tutor.layout import terminal_width
    from tutor.output.stream import in_ascii
    from tutor.terminal.course_map import map_text

    print(map_text(terminal_width(), ascii=in_ascii()))
    return ANSWERED


def progress_show(parsed: argparse.Namespace) -> int:
    """What the learner has mastered."""
    from tutor.learner.progress import progress_text

    print(progress_text())
    return ANSWERED


def progress_export(parsed: argparse.Namespace) -> int:
    """Everything about the learner as JSON."""
    from tutor.learner.progress import export_json

    if parsed.file:
        check_free(parsed.file, parsed.force)
        with named(parsed.file):
            parsed.file.write_text(export_json() + "\n", encoding="utf-8")
        say(f"wrote {parsed.file}")
    else:
        print(export_json())
    return ANSWERED


def progress_import(parsed: argparse.Namespace) -> int:
    """Take over an export."""
    from tutor.learner.progress import import_json

    with named(parsed.file):
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
