"""The page that a view writes on: finished lines that fit its width, with bars, tables and notes.

Nothing is left to wrap by itself. What a learner typed goes in as data: no markup is ever parsed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from tutor.views.lettering import in_ascii, one_cell_for_one, pad, wrap

Part = str | tuple[str, str] | Text
"""Text, text with a style, or text with its styles already in it."""

_BLOCKS = "▏▎▍▌▋▊▉"

NARROW = 60
"""Narrower pages have little room beside their labels."""
SMALLEST = 20
"""Narrower pages are laid out as if they were this wide."""


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart."""

    label: str
    value: float
    shown: str
    """The number as text."""
    marked: bool = False
    note: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    head: str
    cells: Sequence[str]
    right: bool = True
    """Numbers stand to the right, words to the left."""
    style: str = ""
    styles: Sequence[str] = ()
    """One a cell, instead of `style`."""


class Page:
    """Lines under construction, all at most `width` cells wide.

    A `brief` page stands inside an answer: it keeps to what the answer is about, in at most `tallest` lines, and says
    where the rest is.
    """

    def __init__(self, width: int, ascii: bool = False, brief: bool = False) -> None:
        self.width = max(SMALLEST, width)
        self.ascii = ascii
        self.brief = brief
        self.lines: list[Text] = []

    def clean(self, text: str) -> str:
        """`text` on one line, without control characters and, for ASCII, with its signs spelt out."""
        text = "".join(" " if c in "\t\n\r" else c for c in text)
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
        if self.ascii:
            text = in_ascii(text)
        return text

    def text(self, *parts: Part) -> Text:
        """One line's worth of parts."""
        line = Text(no_wrap=True, overflow="ignore")
        for part in parts:
            if isinstance(part, Text):
                line.append_text(part)
            elif isinstance(part, str):
                line.append(self.clean(part))
            else:
                line.append(self.clean(part[0]), part[1])
        return line

    def line(self, *parts: Part) -> None:
        """Add one line as it is. It must fit; on a page too narrow for it, it goes on in the next line."""
        line = self.text(*parts)
        line.rstrip()
        while line.cell_len > self.width:
            fitting = next(n for n in range(len(line), 0, -1) if cell_len(line.plain[:n]) <= self.width)
            first, line = line.divide([fitting])
            self.lines.append(first)
        self.lines.append(line)

    def blank(self) -> None:
        """Add an empty line, unless there is one already."""
        if self.lines and self.lines[-1].plain:
            self.lines.append(Text())

    @property
    def tallest(self) -> int:
        """Lines that a brief page may have."""
        return 8 if self.width >= NARROW else 10

    @property
    def left(self) -> int:
        """Lines that a brief page still has room for."""
        return self.tallest - len(self.lines)

    def title(self, text: str, *shorter: str) -> None:
        """Add what the picture is, in bold; on a brief page in one line, in the first wording that fits it."""
        if self.brief:
            self.short(text, *shorter, style="view.title")
        else:
            self.say(text, "view.title")

    def short(self, *wordings: str, style: str = "view.note", indent: int = 0) -> None:
        """Add one line: the first wording that fits it, or else the last one, cut."""
        room = self.width - indent
        texts = [" ".join(self.clean(wording).split()) for wording in wordings]
        fitting = next((text for text in texts if cell_len(text) <= room), pad(texts[-1], room))
        self.line(" " * indent, (fitting, style))

    def rest_at(self, experiment: str, what: str, **place: str | int) -> None:
        """Close a brief page by saying what the whole picture of this very `place` adds."""
        command = f"/show {experiment}" + "".join(f" --{name} {value}" for name, value in place.items())
        told = f"{command} adds {what}."
        self.note(told if cell_len(self.clean(told)) <= self.width else f"More: {command}")

    def say(self, text: str, style: str = "", indent: int = 0) -> None:
        """Add a sentence, wrapped."""
        for piece in wrap(self.clean(text), self.width - indent):
            self.line(" " * indent, (piece, style))

    def note(self, text: str, indent: int = 0) -> None:
        """Add an explanation, faint and wrapped."""
        self.say(text, "view.note", indent)

    def label(self, text: str, width: int) -> str:
        """`text` in exactly `width` cells, cut with an ellipsis where it is too long."""
        return pad(self.clean(text), width)

    def bar(self, share: float, width: int) -> str:
        """A bar filling `share` (0 to 1) of `width`, padded to it. What is not zero is never invisible."""
        return self._drawn(min(1.0, max(0.0, share)) * width).ljust(width)

    def _drawn(self, cells: float, leftwards: bool = False) -> str:
        """So many cells of bar; the end is thinner where less than a cell is left."""
        if self.ascii:
            drawn = "#" * round(cells) or (":" if cells > 0 else "")
        elif leftwards:
            # There are only two thin blocks that stand at the right of their cell.
            halves = round(cells * 2) or (1 if cells > 0 else 0)
            thin = "▕" if cells < 0.25 else "▐"
            drawn = (thin if halves % 2 else "") + "█" * (halves // 2)
        else:
            eighths = round(cells * 8) or (1 if cells > 0 else 0)
            drawn = "█" * (eighths // 8) + (_BLOCKS[eighths % 8 - 1] if eighths % 8 else "")
        return drawn

    def signed_bar(self, value: float, lowest: float, highest: float, width: int) -> Text:
        """A bar to the right of a zero line for what is above zero, to the left for what is below."""
        lowest, highest = min(0.0, lowest), max(0.0, highest)
        room = width - 1
        left = round(room * -lowest / (highest - lowest)) if highest > lowest else room // 2
        left = min(max(left, 1 if lowest else 0), room - 1 if highest else room)
        # One scale for both sides.
        scale = min((reach / end for reach, end in ((left, -lowest), (room - left, highest)) if end), default=0.0)
        reach = left if value < 0 else room - left
        bar = self._drawn(min(reach, abs(value) * scale), leftwards=value < 0)
        drawn = Text()
        drawn.append((bar if value < 0 else "").rjust(left), "view.negative")
        drawn.append("|" if self.ascii else "│", "view.note")
        drawn.append((bar if value > 0 else "").ljust(room - left), "view.positive")
        return drawn

    def mark(self, marked: bool) -> tuple[str, str]:
        """Two cells at the start of a row: the pointer, or nothing."""
        return ("► ", "view.mark") if marked else ("  ", "")

    def bars(
        self,
        rows: Sequence[Bar],
        largest: float | None = None,
        label_width: int = 0,
    ) -> None:
        """Rows of label, number and bar. All bars share one scale, from 0 to `largest`."""
        if not rows:
            return
        top = max(row.value for row in rows) if largest is None else largest
        below = any(row.value < 0 for row in rows)
        numbers = max(cell_len(self.clean(row.shown)) for row in rows)
        longest = label_width or max(cell_len(self.clean(row.label)) for row in rows)
        notes = max(cell_len(self.clean(row.note)) for row in rows)
        notes += 1 if notes else 0
        room = self.width - 2 - numbers - 2 - notes
        apart = longest > max(10, room - 10)
        """Labels too long to stand beside their bars get a line of their own."""
        labels = 0 if apart else longest
        width = max(1, min(40, room - labels))
        for row in rows:
            if apart:
                style = "view.mark" if row.marked else "view.label"
                self.line(self.mark(row.marked), (self.label(row.label, self.width - 2), style))
            drawn: Part = (
                self.signed_bar(row.value, min(r.value for r in rows), top, width)
                if below
                else (self.bar(row.value / top if top else 0.0, width), "view.bar")
            )
            self.line(
                self.mark(row.marked and not apart),
                (self.label(row.label, labels), "view.mark" if row.marked else "view.label") if labels else "",
                " " if labels else "",
                (self.clean(row.shown).rjust(numbers), "view.number"),
                " ",
                drawn,
                (f" {row.note}", "view.note") if row.note else "",
            )

    def table(self, columns: Sequence[Column], marked: int | None = None, gap: int = 2) -> None:
        """Columns side by side. Where they do not all fit, the rest follow below under the first one repeated."""
        first, rest = columns[0], list(columns[1:])
        widths = {id(column): self._width_of(column) for column in columns}
        others = [widths[id(column)] for column in rest]
        if gap > 1 and 2 + widths[id(first)] + sum(others) + gap * len(others) > self.width:
            gap = 1
        left = self.width - 2 - sum(others) - gap * len(others)
        if left < min(widths[id(first)], 10):
            # They cannot all stand side by side: leave the first at most half of the line.
            left = max(6, min(self.width // 2 - 2, self.width - 2 - gap - max(others, default=0)))
        widths[id(first)] = min(widths[id(first)], left)
        while True:
            taken, room = [first], self.width - 2 - widths[id(first)]
            while rest and widths[id(rest[0])] + gap <= room:
                room -= widths[id(rest[0])] + gap
                taken.append(rest.pop(0))
            if rest and len(taken) == 1:
                widths[id(rest[0])] = room - gap
                continue
            self._write_table(taken, widths, marked, gap)
            if not rest:
                return
            self.blank()

    def _width_of(self, column: Column) -> int:
        return max(cell_len(self.clean(text)) for text in (column.head, *column.cells))

    def _write_table(self, columns: Sequence[Column], widths: dict[int, int], marked: int | None, gap: int) -> None:
        if any(column.head for column in columns):
            heads = [pad(self.clean(column.head), widths[id(column)], column.right) for column in columns]
            self.line("  ", ((" " * gap).join(heads), "view.head"))
        for index in range(len(columns[0].cells)):
            parts: list[Part] = [self.mark(index == marked)]
            for place, column in enumerate(columns):
                style = column.styles[index] if column.styles else ("view.mark" if index == marked else column.style)
                text = pad(self.clean(column.cells[index]), widths[id(column)], column.right)
                parts += [" " * gap if place else "", (text, style)]
            self.line(*parts)

    def finish(self) -> Text:
        """All lines as one renderable."""
        while self.lines and not self.lines[-1].plain:
            self.lines.pop()
        if self.ascii:
            for line in self.lines:
                line.plain = one_cell_for_one(line.plain)
        whole = Text("\n", no_wrap=True, overflow="crop").join(self.lines)
        whole.no_wrap, whole.overflow = True, "crop"
        return whole


def listing(page: Page, entries: Iterable[str], separator: str = " · ", indent: int = 2) -> list[str]:
    """Entries side by side, in lines that break only between entries and leave room for `indent`."""
    lines: list[str] = []
    for entry in entries:
        text = pad(page.clean(entry), min(cell_len(page.clean(entry)), page.width - indent)).rstrip()
        if lines and cell_len(lines[-1]) + len(separator) + cell_len(text) <= page.width - indent:
            lines[-1] += page.clean(separator) + text
        else:
            lines.append(text)
    return lines
