"""Completion in the shell: a script that shtab makes of the parser, with the names of experiments and lessons."""

from __future__ import annotations

import argparse

from tutor.errors import LearnerError


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """What a shell reads to complete `attention-tutor`. Raises `LearnerError` where shtab is not installed."""
    try:
        import shtab
    except ImportError:
        raise LearnerError("completion needs shtab; install it with `pip install shtab`") from None
    _name_what_may_follow(parser)
    made: str = shtab.complete(parser, shell=shell)
    return made


def _name_what_may_follow(parser: argparse.ArgumentParser) -> None:
    """Experiments after `show`, lessons after `learn`: names that only the lessons and the registry know."""
    from tutor.curriculum.course import load_course
    from tutor.experiments.registry import NAMES

    course = load_course(complain=lambda error: None)
    choices = {"show": ("rest", NAMES), "learn": ("lesson", tuple(lesson.id for lesson in course))}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command, (place, names) in choices.items():
                for argument in action.choices[command]._actions:
                    if argument.dest == place:
                        argument.choices, argument.nargs = names, "?"
