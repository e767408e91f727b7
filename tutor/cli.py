"""The command line: every way in, each loading only what it needs.

Standard output carries the answer, standard error the narration. Exit codes: 0 answered, 3 understood to be
outside what the tutor knows, 2 bad usage, 1 anything else.
"""

from __future__ import annotations

import argparse
import codecs
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from tutor import learning_commands, side_commands
from tutor.console import ANSWERED, BROKEN, DEBUG, OUTSIDE, USAGE, explain, say, waiting
from tutor.settings import settings
from tutor.show_command import FORMATS
from tutor.text.clean import clean

if TYPE_CHECKING:
    from tutor.dialogue.types import Answer

COMMANDS = ("learn", "review", "map", "ask", "show", "trace", "lessons", "progress", "model", "doctor")
SHELLS = ("bash", "zsh")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Whatever goes wrong is one line on standard error."""
    if not _open_streams():
        say("standard output is closed, so nothing can be printed; open it or send it to a file")
        return BROKEN
    _lenient_streams()
    # The model is so small that a second thread costs more than it brings.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        parsed = build_parser().parse_args(arguments)
        for complaint in settings().complaints:
            say(clean(complaint))
        learning_commands.use_lessons(parsed)
        command: Callable[[argparse.Namespace], int] = parsed.run
        code = command(parsed)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader has gone, as in `... | head`. Nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except KeyboardInterrupt:
        say("stopped")
        return BROKEN
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return explain(error)


def _open_streams() -> bool:
    """Streams that the caller has closed read and write nothing; False where there is nowhere to print."""
    printing = sys.stdout is not None
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))
    return printing


def _lenient_streams() -> None:
    """No byte of input and no character of output may end the program; what output cannot carry is spelt out."""
    codecs.register_error("spelt", _spelt)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace" if stream is sys.stdin else "spelt")


def _spelt(error: UnicodeError) -> tuple[str, int]:
    """What stands for characters that an encoding lacks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    from tutor.views.lettering import in_ascii

    # Pictures that must keep their width are spelt before they come here; prose may grow.
    lost = error.object[error.start : error.end].replace("…", "...").replace("→", "->")
    return in_ascii(lost).encode("ascii", "replace").decode("ascii"), error.end


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, as every other part of the program does."""

    def error(self, message: str) -> NoReturn:

        say(clean(f"{message}; `{self.prog} --help` says how"))
        self.exit(USAGE)


def build_parser() -> argparse.ArgumentParser:
    """The parser, with one function behind each command."""
    parser = _Parser(
        prog="attention-tutor",
        description="Understand attention by watching it work. Without a command: the chat.",
        epilog="Everything runs on this machine; nothing is sent anywhere.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the versions of program, torch and models")
    parser.add_argument(
        "--print-completion", action=_Completion, choices=SHELLS, metavar="SHELL", help="what bash or zsh reads"
    )
    learning_commands.take_lessons(parser)
    parser.set_defaults(run=_chat)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    learning_commands.enter_course(commands)

    ask = commands.add_parser("ask", help="questions and answers without the chat")
    ask.add_argument("turns", nargs="*", metavar="TURN", help="one turn each; without any, one a line is read")
    form = ask.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a line, one for each turn")
    form.add_argument("--markdown", action="store_true", help="Markdown")
    form.add_argument("--plain", action="store_true", help="plain text, no colour")
    ask.add_argument("--sentence", metavar="S", default="", help="the example sentence in force")
    ask.add_argument("--no-live", action="store_true", help="answer without running the model")
    ask.set_defaults(run=_ask, parser=ask)

    show = commands.add_parser(
        "show",
        help="one experiment on a sentence",
        usage="attention-tutor show EXPERIMENT [SENTENCE] [--OPTION VALUE …] [--json]\n"
        "       attention-tutor show --list",
    )
    show.add_argument("--list", action="store_true", help="name all experiments and their options")
    show.add_argument("--json", action="store_true", help="the result as one JSON object")
    show.add_argument("--format", choices=FORMATS, default="text", help="text, json, or csv: a number a line")
    show.add_argument("--save", metavar="FILE", help="into a new .svg, .png, .txt, .md, .html, .csv or .json")
    show.add_argument("rest", nargs=argparse.REMAINDER, metavar="EXPERIMENT [SENTENCE] [--OPTION VALUE …]")
    show.set_defaults(run=_show, parser=show)

    trace = commands.add_parser("trace", help="save every intermediate tensor, and every gradient")
    trace.add_argument("sentence", nargs="?", metavar="SENTENCE")
    trace.add_argument("--out", metavar="FILE.npz", type=Path)
    trace.add_argument("--force", action="store_true", help="write over a file that exists")
    trace.add_argument("--gradients", action="store_true", help="the gradient of the loss by every one of them, too")
    trace.add_argument("--model", choices=("translator", "next-word"), default="translator")
    trace.add_argument("--names", choices=("own", "transformerlens"), default="own", help="what the arrays are called")
    trace.add_argument("--list", action="store_true", help="name all tensors instead")
    trace.set_defaults(run=side_commands.trace, parser=trace)

    lessons = commands.add_parser("lessons", help="check or list the lessons, write one, try one")
    actions = lessons.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser("check", help="the lesson linter")
    check.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help="a lesson or a folder of lessons; by default the bundled ones",
    )
    check.add_argument("--runs", action="store_true", help="also try every step on thirty sentences; takes minutes")
    check.set_defaults(run=side_commands.lessons_check)
    new = actions.add_parser("new", help="write a lesson of your own to begin with")
    new.add_argument("name", metavar="NAME", help="in small letters with hyphens, as in my-lesson")
    new.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="FOLDER", help="by default this one")
    new.set_defaults(run=side_commands.lessons_new)
    attempt = actions.add_parser("try", help="take one lesson from a file; nothing is kept")
    attempt.add_argument("file", type=Path, metavar="FILE")
    attempt.set_defaults(run=side_commands.lessons_try)
    actions.add_parser("list", help="the guided lessons and the topics").set_defaults(run=side_commands.lessons_list)

    learning_commands.enter_progress(commands)

    about = commands.add_parser("model", help="what is bundled: sizes, data, licence, measured quality")
    about.add_argument("--markdown", action="store_true", help="the model card, as in docs/models.md")
    about.set_defaults(run=side_commands.model)

    commands.add_parser("doctor", help="what is installed, found, damaged, slow").set_defaults(run=side_commands.doctor)
    return parser


class _Version(argparse.Action):
    """`--version`, which looks versions up only when asked for them."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any, **__: Any) -> None:
        from tutor.doctor import versions

        print("\n".join(versions()))
        parser.exit()


class _Completion(argparse.Action):
    """`--print-completion SHELL`, made by shtab from the parser itself."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, value: Any, __: str | None = None) -> None:
        from tutor.completion import script

        print(script(parser, value))
        parser.exit()


# --- the commands ---------------------------------------------------------------------------------------


def _chat(parsed: argparse.Namespace) -> int:
    from tutor.terminal.repl import chat

    return chat()


def _ask(parsed: argparse.Namespace) -> int:
    from tutor.dialogue.types import Status
    from tutor.start import new_conversation

    if not all(map(clean, parsed.turns)):
        parsed.parser.error("an empty turn asks nothing; type a question or a sentence")
    conversation = new_conversation(parsed.sentence)
    if conversation.library.fault:
        say(clean(conversation.library.fault))
    code = ANSWERED
    for count, text in enumerate(parsed.turns or _lines()):
        with waiting("running the model on your sentence …"):
            answer = conversation.turn(text, live=not parsed.no_live)
        _print_answer(answer, parsed, first=count == 0)
        code = exit_code(answer)
        if answer.status is Status.LEAVING:
            break
    if not conversation.answers:
        parsed.parser.error("nothing was asked on standard input; type a question or a sentence")
    return code


def _lines() -> Iterator[str]:
    """Turns from standard input, one a line; empty lines are no turns."""

    for line in sys.stdin:
        if clean(line):
            yield line


def exit_code(answer: Answer) -> int:
    """0 answered, 3 outside what the tutor knows, 1 where a run was asked for and could not be made."""
    from tutor.dialogue.types import Status

    return OUTSIDE if answer.status is Status.OUTSIDE else BROKEN if answer.broken else ANSWERED


def _print_answer(answer: Answer, parsed: argparse.Namespace, first: bool) -> None:
    if parsed.json:
        import json

        from tutor.output.stream import in_ascii

        print(json.dumps(answer.plain(), ensure_ascii=in_ascii()), flush=True)
        return
    from tutor.output.markdown import answer_markdown
    from tutor.output.stream import in_ascii, in_colour, output_height, output_width
    from tutor.output.text import answer_text

    if not first:
        print()
    if parsed.markdown:
        print(answer_markdown(answer), flush=True)
    else:
        color = in_colour() and not parsed.plain
        text = answer_text(answer, width=output_width(), height=output_height(), color=color, ascii=in_ascii())
        print(text, flush=True)


def _show(parsed: argparse.Namespace) -> int:
    from tutor.show_command import show

    return show(parsed)


if __name__ == "__main__":
    from tutor.program import program

    program()
