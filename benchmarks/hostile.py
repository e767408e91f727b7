"""Random and hostile turns, requests and commands against the whole program: `python -m benchmarks.hostile [TURNS]`.

Turns are what people typed (`training/data/`), whole, spoilt or joined; commands have random and absurd options; a
tenth is run live. After each it is checked that nothing was raised, that nothing which acts on a terminal was printed,
that a question left the sentence and the changes as they were, and that no result holds a number that is none. At the
end: how many there were, what went wrong, with the turn that did it, and how the memory grew. Exits with 1 if anything
went wrong.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.terminal.session import Chat

ROOT = Path(__file__).parent.parent
LIVE = 0.1
"""Share of turns that may run the model."""
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SLOT = re.compile(r"\{\w+:([^}]*)\}")
"""Marks of the training data around the words of a slot."""
NASTY = (
    *("\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x1bPq\x1b\\", "\x00", "\r", "\x07", "\u202e", "\u2066", "\ud800"),
    *("\ufeff", "\u200b", "\u0301" * 30, "👩\u200d👧", "ﷺ", "ß", "İ", "漢字", "עברית", "%s%n", "{0}", "{x.__class__}"),
    *("\\", "'", '"', "`", "*", "[red]", "[/]", "<b>", "$(id)", "../../etc/passwd", "NaN", "inf", "1e999", "-0"),
    *("9" * 400, "١٢٣", "½", "²", "0x1f", "--"),
)
VALUES = (
    *("0", "1", "2", "3", "4", "-1", "99", "1.5", "nan", "inf", "1e-40", "1e40", "9" * 30, "", "encoder", "decoder"),
    *("cross", "english", "cat", "mat", "the", ".", "‹end›", "tapis", "x" * 300, "true", "The dog sleeps.", "mask"),
    "encoder.1.2",
)
SENTENCES = (
    *("The cat is on the mat.", "I gave the book to my sister.", "Go!", "the the the the the", "He said, “no”.", "?"),
    *("My brother, who lives in Rome, reads a lot of books.", "antidisestablishmentarianism", "😀 😀", "Il pleut."),
    *("1 2 3", "a"),
)


def material() -> list[str]:
    """What people typed, from every file of turns in the tree."""
    found = []
    for path in sorted((ROOT / "training/data").glob("*/*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            found += [SLOT.sub(r"\1", cell) for cell in line.split("\t") if " " in cell]
    return found


class Typist:
    """Draws what is typed."""

    def __init__(self, seed: int) -> None:
        from tutor.experiments.registry import registered
        from tutor.terminal.commands import commands

        self.random = random.Random(seed)
        self.turns = material()
        self.experiments = registered()
        self.commands = [name for name in commands() if name not in ("quit", "clear")]

    def turn(self) -> str:
        """A turn in words."""
        pick = self.random
        text = pick.choice(SENTENCES) if pick.random() < 0.15 else pick.choice(self.turns)
        if pick.random() < 0.25:
            text = self.spoilt(text)
        if pick.random() < 0.1:
            text = f"{text} {pick.choice(self.turns)}"
        if pick.random() < 0.05:
            text = pick.choice(("1", "2", "3", "9", "?", "why?", "yes", "no", "undo", "", " ", "." * 50, text * 40))
        return text

    def spoilt(self, text: str) -> str:
        """The text with something put in, taken out, or turned round."""
        pick = self.random
        for _ in range(pick.randint(1, 4)):
            at = pick.randint(0, len(text))
            change = pick.random()
            if change < 0.5:
                text = text[:at] + pick.choice(NASTY) + text[at:]
            elif change < 0.8:
                text = text[:at] + text[at + pick.randint(1, 5) :]
            else:
                text = text[at:] + text[:at]
        return text

    def command(self) -> str:
        """A slash command, most with arguments that it cannot use."""
        pick = self.random
        if pick.random() < 0.5:
            name = pick.choice(list(self.experiments))
            words = [f"/{name}", *([json.dumps(pick.choice(SENTENCES), ensure_ascii=False)] * (pick.random() < 0.4))]
            fields = list(vars(self.experiments[name].options)["__dataclass_fields__"])
            for field in pick.sample(fields, pick.randint(0, min(3, len(fields)))):
                words += [f"--{field.replace('_', '-')}", pick.choice((*VALUES, *VALUES, *NASTY)) or "''"]
            return " ".join(words)
        arguments = pick.choice(("", "", *VALUES, *NASTY, self.turn(), "forbid it>dog", "encoder.1.2, mask"))
        return f"/{pick.choice(self.commands)} {arguments}"


def numbers_in(value: Any) -> Iterator[float]:
    """Every float of plain values."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from numbers_in(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from numbers_in(entry)


class Trial:
    """One chat, and what was found wrong with it."""

    def __init__(self, seed: int) -> None:
        from tutor.start import new_conversation
        from tutor.terminal.session import Chat

        self.typist = Typist(seed)
        self.printed: list[str] = []
        self.wrong: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.live = 0
        self._width = 80
        self.chat: Chat = Chat(
            new_conversation, write=self.printed.append, read=self._read, width=lambda: self._width
        )
        self.chat.conversation.reader.read("why?", self.chat.conversation.context)

    def _read(self, prompt: str) -> str:
        """What is typed inside a lesson, until it is left."""
        if self.typist.random.random() < 0.2:
            raise EOFError
        return self.typist.random.choice(("", "1", "/hint", "/skip", "/back", self.typist.turn()))

    def step(self) -> None:
        """One turn or command, and all checks on it."""
        pick = self.typist.random
        live = pick.random() < LIVE
        self.live += live
        self._width = pick.choice((20, 32, 40, 80, 120))
        self.chat.ascii = pick.random() < 0.2
        self.printed.clear()
        command = live and pick.random() < 0.6
        typed = self.typist.command() if command else self.typist.turn()
        try:
            if command:
                self.chat.handle(typed)
            else:
                self._turn(typed, live)
        except Exception as error:
            if type(error).__name__ != "Leave":
                where = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{Path(where.filename).name}:{where.lineno}"
                self._note(f"{type(error).__name__}: {str(error)[:60]} at {place}", typed)
        for text in self.printed:
            if found := ACTING.search(text):
                self._note(f"{found[0]!r} was printed", typed)

    def _turn(self, typed: str, live: bool) -> None:
        from tutor.output.markdown import answer_markdown

        conversation = self.chat.conversation
        before = (conversation.state.sentence, conversation.state.changes)
        answer = conversation.turn(typed, live=live)
        self.chat.show_answer(answer)
        self.printed += [json.dumps(answer.plain(), ensure_ascii=False), answer_markdown(answer)]
        told = answer.node and answer.intent and answer.intent.act == "question"
        if told and (conversation.state.sentence, conversation.state.changes) != before:
            self._note("a question changed the sentence", typed)
        if any(math.isnan(number) for run in answer.runs for number in numbers_in(vars(run.result))):
            self._note("a result is no number", typed)

    def _note(self, what: str, typed: str) -> None:
        self.wrong[what] += 1
        self.examples.setdefault(what, typed)


def resident_mb() -> float:
    """Memory of this process in megabytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    """Run the trial and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("turns", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop after so long")
    options = parser.parse_args()
    os.environ["ATTENTION_TUTOR_DEBUG"] = "1"  # what is raised comes here, instead of being told in a line
    say: Callable[..., None] = lambda *words: print(*words, flush=True)  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTENTION_TUTOR_HOME"] = folder
        os.chdir(folder)
        trial, begun, count = Trial(options.seed), time.monotonic(), 0
        every = max(1, options.turns // 10)
        while count < options.turns and time.monotonic() - begun < options.seconds:
            trial.step()
            count += 1
            if count % every == 0:
                say(f"{count:7} turns, {trial.live} live, {resident_mb():.0f} MB, {sum(trial.wrong.values())} wrong")
        os.chdir(ROOT)
    spent = time.monotonic() - begun
    say(f"{count} turns ({trial.live} live) in {spent:.0f} s, seed {options.seed}; {resident_mb():.0f} MB")
    for what, times in trial.wrong.most_common():
        say(f"{times:5} {what}\n      after {trial.examples[what]!r}")
    return 1 if trial.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
