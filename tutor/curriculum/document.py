"""YAML as lessons use it: every key remembers its line, and what YAML would swallow in silence is refused.

What could act on a terminal is taken out of every text here, where it enters.

Two equal keys, a bare `no` read as False where words are meant, a file that is not a mapping: each is an
`AuthorError` that names file and line.
"""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tutor.errors import AuthorError
from tutor.text.clean import harmless

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is ten times faster where it is built
_YAML = "tag:yaml.org,2002:"
LARGEST, MOST_ENTRIES, DEEPEST = 1_000_000, 50_000, 30
"""Bytes, entries and levels that a lesson file may have."""


class Fields(dict[str, Any]):
    """A YAML mapping that knows its file, its line and the line of each key."""

    def __init__(self, file: str, line: int) -> None:
        super().__init__()
        self.file = file
        self.line = line
        self.lines: dict[str, int] = {}

    @property
    def where(self) -> str:
        """'file:line' of the mapping."""
        return f"{self.file}:{self.line}"

    def at(self, key: str) -> str:
        """'file:line' of `key`, or of the mapping where the key is missing."""
        return f"{self.file}:{self.lines.get(key, self.line)}"

    def only(self, known: Iterable[str]) -> None:
        """Refuse keys that mean nothing here."""
        names = list(known)
        for key in self:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(names)}"
                raise AuthorError(f"{self.at(key)}: unknown key '{key}'; {hint}")

    def text(self, key: str, default: str | None = None) -> str:
        """The words at `key`. Without a default the key must be there."""
        if key not in self:
            if default is None:
                raise AuthorError(f"{self.where}: '{key}' is missing; add it")
            return default
        return _text(self[key], key, self.at(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Words or a list of words at `key`; none where it is missing."""
        held = self.get(key)
        if held is None:
            return ()
        entries = held if isinstance(held, list) else [held]
        return tuple(_text(entry, key, self.at(key)) for entry in entries)

    def parts(self, key: str) -> Iterator[Fields]:
        """The mappings listed at `key`; none where it is missing."""
        held = self.get(key)
        if held is None:
            return
        if not isinstance(held, list):
            raise AuthorError(f"{self.at(key)}: '{key}' must be a list; begin each entry with '- '")
        for entry in held:
            if not isinstance(entry, Fields):
                raise AuthorError(f"{self.at(key)}: each entry of '{key}' must have keys, not just words")
            yield entry

    def part(self, key: str) -> Fields | None:
        """The mapping at `key`, if there is one."""
        held = self.get(key)
        if held is not None and not isinstance(held, Fields):
            raise AuthorError(f"{self.at(key)}: '{key}' must have keys of its own")
        return held


def _text(value: Any, key: str, where: str) -> str:
    if isinstance(value, bool):
        raise AuthorError(f"{where}: YAML reads this {key} as {value}; put it in quotes")
    if isinstance(value, Fields | list) or value is None:
        raise AuthorError(f"{where}: '{key}' must be words")
    words = str(value).rstrip()
    # The spaces before the first of several lines set a worked example apart, as those before the others do.
    return words.lstrip("\n") if "\n" in words.strip() else words.strip()


def read_document(path: Path, shown_as: str) -> Fields:
    """Read one YAML file. Raises `AuthorError` with file and line for whatever is wrong with it."""
    loader = _Loader(_source(path, shown_as))
    try:
        held = _Builder(loader, shown_as).built(loader.get_single_node())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise AuthorError(f"{shown_as}:{line}: {error.problem}; check quotes, colons and indentation") from error
    except yaml.YAMLError as error:
        raise AuthorError(f"{shown_as}:1: {' '.join(str(error).split())}; remove that character") from error
    except RecursionError as error:
        raise AuthorError(f"{shown_as}:1: lists in lists go too deep; check brackets") from error
    finally:
        loader.dispose()
    if not isinstance(held, Fields):
        raise AuthorError(f"{shown_as}:1: a lesson file begins with a key, such as 'concept:'")
    return held


def _source(path: Path, shown_as: str) -> str:
    try:
        held = path.stat()
        if not stat.S_ISREG(held.st_mode):
            raise AuthorError(f"{shown_as}: is no ordinary file; remove it or give it another ending")
        if held.st_size > LARGEST:
            raise AuthorError(f"{shown_as}: has {held.st_size:,} bytes and may have {LARGEST:,}; divide it")
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise AuthorError(f"{shown_as}: is no UTF-8 text ({error.reason}); put the original back") from error
    except OSError as error:
        raise AuthorError(f"{shown_as}: cannot be read ({error.strerror}); check the file") from error


class _Builder:
    """Turns YAML nodes into fields, lists and plain values, and stops where a file grows beyond all measure.

    An alias is built anew wherever it stands, so that a few lines of aliases could fill the memory.
    """

    def __init__(self, loader: Any, file: str) -> None:
        self._loader = loader
        self._file = file
        self._count = 0

    def built(self, node: Any, depth: int = 0) -> Any:
        if node is None:
            return None
        where = f"{self._file}:{node.start_mark.line + 1}"
        self._count += 1
        if self._count > MOST_ENTRIES:
            raise AuthorError(f"{where}: the file has more than {MOST_ENTRIES:,} entries, aliases counted; divide it")
        if depth > DEEPEST:
            raise AuthorError(f"{where}: more than {DEEPEST} levels deep; check brackets and aliases")
        if isinstance(node, yaml.MappingNode):
            return self._fields(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.built(entry, depth + 1) for entry in node.value]
        return self._value(node, where)

    def _fields(self, node: yaml.MappingNode, depth: int) -> Fields:
        fields = Fields(self._file, node.start_mark.line + 1)
        for key_node, value_node in node.value:
            key, line = harmless(str(key_node.value)), key_node.start_mark.line + 1
            if key in fields:
                raise AuthorError(f"{self._file}:{line}: '{key}' stands here twice; YAML would keep only the last")
            fields[key] = self.built(value_node, depth + 1)
            fields.lines[key] = line
        return fields

    def _value(self, node: yaml.ScalarNode, where: str) -> Any:
        """A number, a truth value, nothing, or words; what YAML would take for a date is words."""
        kind = node.tag.removeprefix(_YAML)
        if kind in ("str", "timestamp"):
            return harmless(node.value)
        if kind not in ("int", "float", "bool", "null"):
            raise AuthorError(f"{where}: '{node.tag.replace(_YAML, '!!')}' means nothing here; leave the tag out")
        try:
            return self._loader.construct_object(node)
        except (ValueError, KeyError) as error:
            raise AuthorError(f"{where}: '{node.value[:40]}' is no {kind}; put it in quotes") from error
