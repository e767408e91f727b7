"""`show`: one experiment on a sentence, as a picture, JSON or CSV, and into a file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from tutor.console import ANSWERED, say, waiting
from tutor.errors import AuthorError
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.experiments.base import Run
    from tutor.terminal.show_words import ShowWords

FORMATS = ("text", "json", "csv")


def show(parsed: argparse.Namespace) -> int:
    """Run one experiment and print or save what it shows."""
    from tutor.terminal.show_words import list_experiments, read_show

    words = read_show(parsed.rest)
    if "help" in words.options:
        parsed.parser.print_help()
        return ANSWERED
    if parsed.list or "list" in words.options:
        from tutor.layout import terminal_width

        print(list_experiments(terminal_width()))
        return ANSWERED
    form, file = _form_and_file(parsed, words)
    done = _run(parsed, words)
    narration, fault = "", None
    if form == "text" or file:
        try:
            narration = _narration(done)
        except AuthorError as error:  # the picture is whole without it
            fault = error
    _print(done, form, narration)
    if file:
        from tutor.output.files import save_run

        save_run(file, done, narration)
        say(f"wrote {file}")
    if fault:
        raise fault
    return ANSWERED


def _form_and_file(parsed: argparse.Namespace, words: ShowWords) -> tuple[str, str]:
    """What to print and where to save, taken out of the options; said before anything runs where it cannot be."""
    form = words.options.pop("format", parsed.format)
    form = "json" if parsed.json or words.options.pop("json", "") else form
    file = words.options.pop("save", parsed.save or "")
    if form not in FORMATS:
        parsed.parser.error(f"--format takes {', '.join(FORMATS)}, not '{form}'")
    if file:
        from tutor.output.files import check_ending

        check_ending(file)
    return form, file


def _run(parsed: argparse.Namespace, words: ShowWords) -> Run:
    import dataclasses

    from tutor.dialogue.types import DEFAULT_SENTENCE
    from tutor.experiments.registry import find, run
    from tutor.start import open_models, preferred_place

    if not words.words:
        parsed.parser.error("which experiment? `attention-tutor show --list` names them all")
    if len(words.words) > 2:
        parsed.parser.error("put the sentence in quotation marks")
    name, sentence = words.words[0], clean(words.words[1] if len(words.words) > 1 else DEFAULT_SENTENCE)
    if not sentence:
        parsed.parser.error("the sentence is empty; put one in quotation marks, or leave it out for ours")
    known = {field.name for field in dataclasses.fields(find(name).options)}
    options = {key: value for key, value in preferred_place().items() if key in known} | words.options
    with waiting("running the model on your sentence …"):
        return run(name, open_models(), sentence, options)


def _print(done: Run, form: str, narration: str) -> None:
    if form == "json":
        import json

        from tutor.output.stream import in_ascii

        print(json.dumps(done.plain(), ensure_ascii=in_ascii()))
    elif form == "csv":
        from tutor.output.table import run_csv

        print(run_csv(done))
    else:
        _draw(done, narration)


def _narration(done: Run) -> str:
    from tutor.curriculum.loader import open_narration
    from tutor.curriculum.narration import narrate_run

    return narrate_run(open_narration(done.experiment), done)


def _draw(done: Run, narration: str) -> None:
    from tutor.output.stream import in_ascii, in_colour, output_width
    from tutor.output.text import prose_text, run_text

    look: dict[str, Any] = {"width": output_width(), "color": in_colour(), "ascii": in_ascii()}
    print(run_text(done, **look))
    if narration:
        print("\n" + prose_text(narration, **look))
