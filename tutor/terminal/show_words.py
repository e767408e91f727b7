"""The words of a `show` command, on the command line and in the chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.errors import LearnerError
from tutor.layout import two_columns
from tutor.text.clean import clean


@dataclass(frozen=True)
class ShowWords:
    """Words and `--name value` pairs of a `show` command."""

    words: list[str]
    options: dict[str, str]


FLAGS = ("json", "list", "help")


def read_show(arguments: Sequence[str]) -> ShowWords:
    """Split `attention "My cat." --layer 2 --head=3` into words and options. Raises `LearnerError`.

    What could act on a terminal is taken out of the values: a run tells of them.
    """
    words: list[str] = []
    options: dict[str, str] = {}
    waiting_for = ""
    for argument in arguments:
        if waiting_for:
            options[waiting_for], waiting_for = argument, ""
        elif argument in ("-h", "--help"):
            options["help"] = "yes"
        elif argument.startswith("--") and len(argument) > 2:
            name, equals, value = argument[2:].partition("=")
            if equals:
                options[name] = value
            elif name in FLAGS:
                options[name] = "yes"
            else:
                waiting_for = name
        elif argument != "--":
            words.append(argument)
    if waiting_for:
        raise LearnerError(f"--{waiting_for} needs a value, as in `--{waiting_for} 2`")
    return ShowWords(words, {name: clean(value) for name, value in options.items()})


def list_experiments(width: int = 80) -> str:
    """All experiments with their options."""
    import dataclasses

    from tutor.experiments.registry import registered

    rows = []
    for name, found in registered().items():
        rows.append((name, found.summary))
        for option in dataclasses.fields(found.options):
            default = f" [{option.default}]" if option.default not in ("", None) else ""
            rows.append((f"  --{option.name.replace('_', '-')}", f"{option.metadata.get('help', '')}{default}"))
    return two_columns(rows, 18, width)
