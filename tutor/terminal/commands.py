"""Everything that starts with a slash. Commands enter themselves here, and `/help` is made from the table."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from tutor.experiments.base import Run
    from tutor.terminal.session import Chat

Action = Callable[["Chat", str], None]


@dataclass(frozen=True)
class Command:
    """One slash command."""

    name: str
    arguments: str
    """As `/help` shows them."""
    help: str
    group: str
    action: Action
    aliases: tuple[str, ...] = ()


_COMMANDS: dict[str, Command] = {}


def command(name: str, arguments: str, help: str, *aliases: str, group: str = "Look") -> Callable[[Action], Action]:
    """Enter a function into the table of commands."""

    def register(action: Action) -> Action:
        _COMMANDS[name] = Command(name, arguments, help, group, action, aliases)
        return action

    return register


def commands() -> Mapping[str, Command]:
    """All commands by name, in the order of `/help`."""
    return _COMMANDS


def find_command(name: str) -> Command | None:
    """The command of that name or alias."""
    if name in _COMMANDS:
        return _COMMANDS[name]
    return next((found for found in _COMMANDS.values() if name in found.aliases), None)


def run_command(chat: Chat, line: str) -> None:
    """Carry out a line such as '/layer 2'. Raises `LearnerError` for what is no command."""
    name, _, arguments = line[1:].strip().partition(" ")
    name = name.casefold()
    found = find_command(name)
    if found:
        found.action(chat, arguments.strip())
        return
    from tutor.experiments.registry import registered

    if name in registered():  # `/attention` is short for `/show attention`
        _show(chat, f"{name} {arguments}")
        return
    known = [*_COMMANDS, *(alias for entry in _COMMANDS.values() for alias in entry.aliases), *registered()]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean /{near[0]}?" if near else "/help lists them all"
    raise LearnerError(f"there is no command /{name}; {hint}")


def help_text(width: int = 80) -> str:
    """What `/help` prints, out of the table."""
    import textwrap

    def put(text: str, first: str = "", later: str = "") -> list[str]:
        return textwrap.wrap(text, max(20, width - 1), initial_indent=first, subsequent_indent=later)

    entries = [(f"/{entry.name} {entry.arguments}".strip(), entry.help, entry.group) for entry in _COMMANDS.values()]
    wide = min(max(len(usage) for usage, _, _ in entries), max(12, width // 2 - 4)) + 2
    lines = put("Type a question, a sentence to look at, the number of an offer, or:")
    for group in dict.fromkeys(group for _, _, group in entries):
        lines += ["", group]
        for usage, text, own in entries:
            if own == group and len(usage) < wide:
                lines += put(text, f"  {usage:{wide}}", " " * (wide + 2))
            elif own == group:
                lines += [f"  {usage}", *put(text, " " * 6, " " * 6)]
    return "\n".join([*lines, "", *put("Tab completes, Ctrl-C stops what runs or clears the line, Ctrl-D leaves.")])


# --- looking ------------------------------------------------------------------------------------------


@command("show", "EXPERIMENT [--OPTION VALUE]", "run an experiment; alone, list them all", "experiments", "run")
def _show(chat: Chat, arguments: str) -> None:
    import shlex

    from tutor.terminal.show_words import list_experiments, read_show

    try:
        words = shlex.split(arguments)
    except ValueError:  # a lone quotation mark
        words = arguments.split()
    given = read_show(words)
    if not given.words or "list" in given.options:
        chat.raw(list_experiments(chat.width()))
        return
    with chat.busy("running it"):
        answer = chat.conversation.show(given.words[0], given.options, " ".join(given.words[1:]))
    chat.show_answer(answer)


@command("sentence", "TEXT", "put a sentence in force; alone, say which one is")
def _sentence(chat: Chat, arguments: str) -> None:
    if not arguments:
        chat.say(f"In force: *{chat.conversation.sentence}*")
        return
    with chat.busy("reading it"):
        answer = chat.conversation.use_sentence(arguments)
    chat.show_answer(answer)


@command("layer", "N", "look at layer N from now on")
def _layer(chat: Chat, arguments: str) -> None:
    _put(chat, layer=_number("layer", arguments))


@command("head", "N", "look at head N from now on")
def _head(chat: Chat, arguments: str) -> None:
    _put(chat, head=_number("head", arguments))


@command("part", "encoder|decoder|cross", "look at that part from now on")
def _part(chat: Chat, arguments: str) -> None:
    _put(chat, part=arguments)


@command("change", "CHANGE", "change the model until you undo it: encoder.1.2 (that head off), mask, forbid it>dog")
def _change(chat: Chat, arguments: str) -> None:
    with chat.busy("changing it"):
        answer = chat.conversation.change(arguments)
    chat.show_answer(answer)


@command("undo", "", "take the last change of the model or the sentence back")
def _undo(chat: Chat, arguments: str) -> None:
    with chat.busy("taking it back"):
        answer = chat.conversation.undo()
    chat.show_answer(answer)


@command("auto", "", "let each answer choose its own layer and head again")
def _auto(chat: Chat, arguments: str) -> None:
    chat.conversation.runner.place.clear()
    chat.say("Each answer now looks where there is most to see.")


def _put(chat: Chat, **place: Any) -> None:
    with chat.busy("looking there"):
        chat.conversation.set_place(**place)
        answer = chat.conversation.show("attention", dict(chat.conversation.runner.place))
    chat.show_answer(answer)


def _number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise LearnerError(f"/{name} takes a number, as in /{name} 2")
    return int(text)


@command("numbers", "[on|off]", "the last picture as plain numbers; `on` for every picture")
def _numbers(chat: Chat, arguments: str) -> None:
    if arguments in ("on", "off"):
        chat.wants_numbers = arguments == "on"
        chat.say(f"Numbers under every picture: {arguments}.")
        return
    chat.show_numbers(_last_run(chat))


def _last_run(chat: Chat) -> Run:
    if chat.conversation.state.last_run:
        return chat.conversation.state.last_run
    raise LearnerError("nothing has been run yet; try /show attention")


@command("ascii", "[on|off]", "draw with plain ASCII, for terminals and readers that need it")
def _ascii(chat: Chat, arguments: str) -> None:
    chat.ascii = {"on": True, "off": False}.get(arguments, not chat.ascii)
    chat.say(f"Plain ASCII pictures: {'on' if chat.ascii else 'off'}.")


# --- asking -------------------------------------------------------------------------------------------


def _acting(name: str, act: str) -> Action:
    def action(chat: Chat, arguments: str) -> None:
        with chat.busy("answering"):
            answer = chat.conversation.act(act, f"/{name}")
        chat.show_answer(answer)

    return action


for _name, _act, _told, _aliases in (
    ("simpler", "simpler", "tell the last answer more simply", ()),
    ("shorter", "shorter", "the last answer in one sentence", ("short",)),
    ("why", "why", "one why further down", ()),
    ("more", "deeper", "go on with the last answer", ("deeper",)),
    ("formula", "exact", "the mathematics of the last answer", ("math",)),
    ("code", "code", "the last answer as a program", ()),
    ("example", "example", "an example of the last answer", ()),
    ("again", "again", "the last answer once more", ()),
    ("summary", "summary", "what was told so far, a line each", ("recap",)),
    ("quiz", "quiz", "be asked instead of asking", ("test",)),
):
    command(_name, "", _told, *_aliases, group="Ask")(_acting(_name, _act))


@command("understood", "", "what was understood of your last question, and from which words", group="Ask")
def _understood(chat: Chat, arguments: str) -> None:
    from tutor.output.understood import understood_text

    conversation = chat.conversation
    read = [answer.intent for answer in conversation.answers if answer.intent]
    chat.raw(understood_text(read[-1] if read else None, conversation.library))


@command("topics", "", "what you can ask about", group="Ask")
def _topics(chat: Chat, arguments: str) -> None:
    from tutor.terminal.topics import topics_text

    chat.raw(topics_text(chat.conversation))


# --- learning and the rest ----------------------------------------------------------------------------


@command("lesson", "[NAME]", "start a guided lesson, or go on where you left", "learn", "lessons", group="Learn")
def _lesson(chat: Chat, arguments: str) -> None:
    from tutor.terminal.lesson import play

    play(chat, arguments)


@command("review", "[CONCEPT]", "exercises that are due again, or some on one concept", group="Learn")
def _review(chat: Chat, arguments: str) -> None:
    from tutor.terminal.review import review

    review(chat, arguments)


@command("map", "", "the course as a tree: what is mastered, begun, skipped, and where you are", group="Learn")
def _map(chat: Chat, arguments: str) -> None:
    from tutor.terminal.course_map import map_text

    chat.raw(map_text(chat.width(), ascii=chat.ascii))


@command("progress", "", "what you have mastered", group="Learn")
def _progress(chat: Chat, arguments: str) -> None:
    from tutor.learner.progress import progress_text

    chat.raw(progress_text())


@command(
    "save",
    "FILE.md|.html|.txt|.svg|.png",
    "write this conversation to a file; as .svg or .png, the last answer",
    group="Other",
)
def _save(chat: Chat, arguments: str) -> None:
    from tutor.output.files import PICTURES, save

    answers = chat.conversation.answers
    save(arguments, answers)
    turns = "1 turn" if len(answers) == 1 else f"{len(answers)} turns"
    what = "the last answer" if arguments.endswith(PICTURES) else turns
    chat.raw(f"wrote {what} to {arguments}")


@command("model", "", "what is bundled: sizes, data, licence, measured quality", "about", group="Other")
def _model(chat: Chat, arguments: str) -> None:
    from tutor.about import about_models

    chat.raw(about_models(chat.width(), lambda error: chat.line(str(error))))


@command("clear", "", "clear the screen", group="Other")
def _clear(chat: Chat, arguments: str) -> None:
    if chat.spinner:
        chat.raw("\x1b[2J\x1b[H")


@command("help", "[COMMAND]", "this list", "h", "?", "commands", group="Other")
def _help(chat: Chat, arguments: str) -> None:
    if not arguments:
        chat.raw(help_text(chat.width()))
        return
    found = find_command(arguments.lstrip("/"))
    if not found:
        raise LearnerError(f"there is no command /{arguments.lstrip('/')}; /help lists them all")
    also = f" Also: {', '.join('/' + alias for alias in found.aliases)}." if found.aliases else ""
    chat.line(f"/{found.name} {found.arguments}".strip() + f": {found.help}.{also}")


@command("quit", "", "leave; Ctrl-D does the same", "exit", "bye", "q", group="Other")
def _quit(chat: Chat, arguments: str) -> None:
    from tutor.terminal.session import Leave

    raise Leave
