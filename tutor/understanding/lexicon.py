"""What the reader knows: names and phrasings per concept, cues per facet and act, foreign topics; read from YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

_CONCEPT_FILES = ("embeddings", "prediction", "attention", "architecture", "learning")


@dataclass(frozen=True)
class Name:
    """A noun phrase for a concept; `weight` is 1 for one that means nothing else."""

    text: str
    concept: str
    weight: float


@dataclass(frozen=True)
class Ask:
    """A question as people word it."""

    text: str
    concept: str
    facet: str


class Pattern:
    """A regular expression that is compiled at its first use."""

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.source)

    def match(self, text: str) -> bool:
        """It fits from the start of the text."""
        return self._compiled.match(text) is not None

    def search(self, text: str) -> bool:
        """It fits somewhere in the text."""
        return self._compiled.search(text) is not None


@dataclass(frozen=True)
class Cue:
    """A pattern over corrected words that speaks for a facet."""

    facet: str
    weight: float
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when first asked for: a prompt need not wait for it."""
        return re.compile(self.source)


@dataclass(frozen=True)
class Lexicon:
    """Everything under `lessons/understanding/`."""

    names: tuple[Name, ...]
    asks: tuple[Ask, ...]
    cues: tuple[Cue, ...]
    whole_acts: Mapping[str, tuple[Pattern, ...]]
    part_acts: Mapping[str, tuple[Pattern, ...]]
    neighbours: tuple[str, ...]
    """Topics of the same trade that are not taught."""
    topics: frozenset[str]
    beside: Mapping[str, frozenset[str]]
    """One of our words -> words beside which it belongs to another trade."""
    foreign_asks: tuple[str, ...]
    short_forms: Mapping[str, str]
    classes: Mapping[str, tuple[str, ...]]
    stop: frozenset[str]
    known: frozenset[str]
    hints: tuple[tuple[str, tuple[str, ...]], ...]
    """(concept, words that together hint at it)."""


def default_root() -> Path:
    """Where the lexicon is installed."""
    import lessons

    return Path(str(lessons.__file__)).parent / "understanding"


def load_lexicon(root: Path | None = None) -> Lexicon:
    """Read the lexicon from `root`, or from the installed lessons."""
    root = root or default_root()
    names: list[Name] = []
    asks: list[Ask] = []
    for stem in _CONCEPT_FILES:
        for concept, entry in read_yaml(root / f"{stem}.yaml").items():
            for line in _lines(entry.get("names", "")):
                text, _, weight = line.partition(" = ")
                names.append(Name(text.strip(), concept, float(weight or 1)))
            for facet, block in entry.get("asks", {}).items():
                asks.extend(Ask(line, concept, facet) for line in _lines(block))
    for concept, block in read_yaml(root / "described.yaml").items():
        asks.extend(Ask(text, concept, facet) for facet, text in _pairs(block))
    acts = read_yaml(root / "acts.yaml")
    scope = read_yaml(root / "scope.yaml")
    words = read_yaml(root / "words.yaml")
    return Lexicon(
        names=tuple(names),
        asks=tuple(asks),
        cues=tuple(_cues(read_yaml(root / "facets.yaml"))),
        whole_acts={act: _patterns(entry.get("whole", ""), whole=True) for act, entry in acts.items()},
        part_acts={act: _patterns(entry.get("part", ""), whole=False) for act, entry in acts.items()},
        neighbours=tuple(_lines(scope["neighbours"])),
        topics=frozenset(scope["topics"].split()),
        beside={key.strip(): frozenset(rest.split()) for key, rest in _pairs(scope["beside"])},
        foreign_asks=tuple(_lines(scope["asks"])),
        short_forms=dict(_pairs(words["short_forms"])),
        classes={key: tuple(rest.split()) for key, rest in _pairs(words["classes"])},
        stop=frozenset(words["stop"].split()),
        known=frozenset(read_yaml(root / "known-words.yaml")["known"].split()),
        hints=tuple(
            (concept, tuple(hint.split("+")))
            for concept, block in read_yaml(root / "clues.yaml").items()
            for hint in block.split()
        ),
    )


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a file."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    return loaded if isinstance(loaded, dict) else {}


def _lines(block: str) -> Iterator[str]:
    return (line.strip() for line in block.splitlines() if line.strip())


def _pairs(block: str) -> Iterator[tuple[str, str]]:
    for line in _lines(block):
        key, _, rest = line.partition(":")
        yield key.strip(), rest.strip()


def _cues(entries: Mapping[str, str]) -> Iterator[Cue]:
    for facet, block in entries.items():
        for line in _lines(block):
            weight, _, pattern = line.partition(" ")
            yield Cue(facet, float(weight), pattern)


def _patterns(block: str, *, whole: bool) -> tuple[Pattern, ...]:
    return tuple(Pattern(f"(?:{line})$" if whole else line) for line in _lines(block))
