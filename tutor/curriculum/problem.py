"""What a linter says: where, with which code, what is wrong, what to do."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tutor.errors import TutorError

CODES: Mapping[str, str] = {
    "L001": "a file cannot be read: YAML, an unknown or doubled key, a missing key, true or false where words belong",
    "L002": "two nodes have the same id",
    "L003": "a node's id does not begin with its concept and a dot",
    "L004": "next or below names a node that does not exist",
    "L005": "the whys go round in a circle",
    "L006": "an answer that is too long for a screen",
    "L007": "a why that neither has a why below it nor is called the floor",
    "L008": "a node has both a why below it and a floor",
    "L009": "a narration has no otherwise-branch, or not at its end",
    "L010": "an experiment that does not exist, or an option that it does not have",
    "L011": "a text or condition names a field that the result does not have, or in a form it cannot take",
    "L012": "a measured-looking number in prose; numbers about the model come from a run",
    "L013": "the same wording asks for two different things",
    "L014": "words missing where there must be some",
    "L015": "a question or an answer in one sentence that is too long",
    "L016": "a concept's id, its file and the name inside it disagree",
    "L017": "the same paragraph stands in two places",
    "L018": "an experiment has no narration of its own",
    "L019": "a program with lines that would be wrapped",
    "L020": "a relation, comparison or guided step names a concept that has no file",
    "L021": "a guided step gives its answer away",
    "L022": "an explanation is checked wrongly: what should pass fails, or the other way round",
    "L023": "a choice of which none is right",
    "L024": "the course file names a lesson that does not exist, or leaves one out",
    "L025": "a form of the test before or after the course is unlike the other, or asks what a lesson asks",
    "L026": "a question for the chat that no answer there has",
    "L027": "a step that cannot be made of some sentence that the lesson takes (--runs)",
    "L028": "an equation that is false as it is printed (--runs)",
    "L029": "no right answer, several, or one that the solution never comes to (--runs)",
    "L030": "a bet with one answer that is right on more than four of five sentences (--runs)",
    "L031": "two lessons with one number",
    "L032": "smaller numbers that leave out what the worked solution names, or that it comes out wrong with",
    "L033": "a number that comes out otherwise from the numbers that stand on the screen (--runs)",
    "L034": "a choice that is right by digits that are not printed (--runs)",
    "L035": "a case with a quantity that has no name, or an equation that is false on some numbers",
}


@dataclass(frozen=True)
class Problem:
    """One thing to put right."""

    where: str
    """'file:line'."""
    code: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.where}: {self.code} {self.message}; {self.fix}"


def problem(where: str, code: str, error: TutorError, fix: str, prefix: str = "") -> Problem:
    """The problem that an error tells of; `fix` where it does not say what to do."""
    message, _, told = str(error).partition("; ")
    return Problem(where, code, prefix + message, told or fix)


def unreadable(error: TutorError) -> Problem:
    """The problem of a file that could not be read; the error begins with the place."""
    place, _, rest = str(error).partition(": ")
    where, _, step = place.partition(" ")
    message, _, fix = rest.rpartition("; ")
    return Problem(where, "L001", f"{step} {message or rest}".strip(), fix if message else "see the line")


def file_and_line(where: str) -> tuple[str, int]:
    """'file:line' in two, for sorting."""
    file, _, line = where.rpartition(":")
    return (file, int(line)) if line.isdigit() else (where, 0)


def near(name: str, known: Iterable[str]) -> str:
    """What to do about a name that is not known."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean '{found[0]}'?" if found else "write it, or take the name out"


def stand_ins(result: type) -> dict[str, Any]:
    """A value of the right kind for each scalar field of a result, to try texts on without a model."""
    kinds = {"str": "word", "int": 2, "float": 0.5, "bool": True}
    return {field.name: kinds[str(field.type)] for field in dataclasses.fields(result) if str(field.type) in kinds}
