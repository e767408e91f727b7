"""The course as a tree: its parts, their lessons, how each stands, and where the learner is."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.curriculum.way import position_of
from tutor.errors import AuthorError, LearnerError
from tutor.learner.standing import Standing, Status
from tutor.terminal.lesson_screen import strip_of
from tutor.text.clean import clean

MARKS = {
    Status.MASTERED: "*",
    Status.TAKEN: "+",
    Status.BEGUN: "~",
    Status.SKIPPED: "-",
    Status.OPEN: "o",
    Status.AHEAD: " ",
}
_MEANS = {"*": "mastered", "+": "taken", "~": "begun", "-": "skipped", "o": "open", ">": "you are here"}
WIDE = 60
"""Columns from which there is room for a word beside each lesson."""


def map_text(width: int, *, ascii: bool = False) -> str:
    """The whole course on one screen, from the learner's record; without one, from the course alone."""
    from tutor.curriculum.own import whole_course
    from tutor.curriculum.syllabus import in_parts, load_syllabus
    from tutor.layout import paragraphs
    from tutor.learner.standing import standings
    from tutor.learner.store import Store

    broken: list[AuthorError] = []
    course, syllabus = whole_course(complain=broken.append), load_syllabus(complain=broken.append)
    notice = ""
    try:
        with Store() as store:
            notice = store.notice
            found = standings(course, syllabus, store)
    except LearnerError as error:
        notice = str(error)
        found = standings(course, syllabus, None)
    by_id = {one.lesson.id: one for one in found}
    lines = [notice] if notice else []
    for title, lessons in in_parts(syllabus, course):
        lines.append(title)
        for lesson in lessons:
            lines += _entry(by_id[lesson.id], width, last=lesson is lessons[-1], ascii=ascii)
    left_out = [paragraphs([clean(f"left out: {error}")], width - 1) for error in broken]
    return "\n".join([*lines, *_legend(found, width), *left_out])


def _entry(one: Standing, width: int, *, last: bool, ascii: bool) -> Iterator[str]:
    """A lesson, and below the one where the learner is, its steps as marks."""
    stem = ("`- " if last else "|- ") if ascii else ("└ " if last else "├ ")
    mark = ">" if one.here else MARKS[one.status]
    beside = _beside(one) if width >= WIDE else ""
    left = f"{stem}{mark} {one.number:2} {one.lesson.title}"
    room = width - 1 - (len(beside) + 2 if beside else 0)
    if len(left) > room:
        left = left[: max(8, room - 3)] + "..."
    yield f"{left:{min(46, room)}}  {beside}".rstrip() if beside else left
    if one.here and one.state:
        trunk = (" " if last else "|" if ascii else "│").ljust(len(stem) + 5)
        yield f"{trunk}{strip_of(one.lesson, one.state)}"[: width - 1]


def _beside(one: Standing) -> str:
    ideas = f"{one.mastered} of {one.concepts} ideas mastered"
    if one.state:
        return f"step {position_of(one.lesson, one.state.at)} of {one.lesson.total}"
    if one.status is Status.MASTERED:
        return "mastered"
    if one.status is Status.TAKEN:
        return f"taken, {ideas}"
    if one.status is Status.AHEAD:
        return f"after {', '.join(str(number) for number in one.missing)}"
    return "skipped" if one.status is Status.SKIPPED else ""


def _legend(found: list[Standing], width: int) -> list[str]:
    import textwrap

    used = {">" if one.here else MARKS[one.status] for one in found} - {" "}
    steps = any(one.here and one.state for one in found)
    told = ", ".join(f"{mark} {means}" for mark, means in _MEANS.items() if mark in used)
    return textwrap.wrap(told + ("; of its steps, x passed, - skipped" if steps else ""), max(20, width - 1))
