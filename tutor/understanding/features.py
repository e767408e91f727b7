"""What the trained readings look at in a text: stems, pairs, word classes, pieces of words, names and cues."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from tutor.understanding.naming import Hit
from tutor.understanding.text import stem

Feature = tuple[str, float]
_REACH = 3
"""Content words this far apart still make a pair."""
_PAIR, _NEXT, _PIECE, _FIRST = 0.6, 0.6, 0.4, 0.8
_PIECE_LENGTH = 4


class Features:
    """Turns corrected words into weighted features; `benchmarks/train_reader.py` and the reader share it."""

    def __init__(self, classes: Mapping[str, tuple[str, ...]], stop: frozenset[str]) -> None:
        self._stop = stop
        grouped: defaultdict[str, list[str]] = defaultdict(list)
        for name, members in classes.items():
            for member in members:
                grouped[stem(member)].append("@" + name)
        self._classes = {key: tuple(dict.fromkeys(tags)) for key, tags in grouped.items()}

    def concepts(self, words: Sequence[str], hits: Iterable[Hit], hinted: Mapping[str, float]) -> dict[str, float]:
        """For the concept that is asked about."""
        stems = [stem(word) for word in words]
        found = dict.fromkeys(("s:" + one for one in stems), 1.0)
        for a, b in itertools.pairwise(stems):
            found[f"b:{a} {b}"] = _NEXT
        content = [one for word, one in zip(words, stems, strict=True) if word not in self._stop]
        kinds = [self._classes.get(one, ()) for one in content]
        for at, one in enumerate(content):
            for tag in kinds[at]:
                found["c:" + tag] = 1.0
            kind = kinds[at][0] if kinds[at] else one
            for other, tags in zip(content[at + 1 : at + 1 + _REACH], kinds[at + 1 : at + 1 + _REACH], strict=True):
                found[f"p:{one} {other}" if one < other else f"p:{other} {one}"] = _PAIR
                if kinds[at] or tags:
                    second = tags[0] if tags else other
                    found[f"p:{kind} {second}" if kind < second else f"p:{second} {kind}"] = _PAIR
        for word in {word for word in words if word not in self._stop and len(word) > 3}:
            padded = f"<{word}>"
            for start in range(len(padded) - _PIECE_LENGTH + 1):
                found["g:" + padded[start : start + _PIECE_LENGTH]] = _PIECE
        for hit in hits:
            found[("n:" if hit.weight >= 0.6 else "w:") + hit.concept] = 1.0
            if hit.place:
                found["nl:" + hit.concept] = 1.0
            if hit.focus:
                found["nf:" + hit.concept] = 1.0
        for concept, strength in hinted.items():
            found["h:" + concept] = 1.5 * strength
        return found

    def facets(
        self, words: Sequence[str], masked: str, cues: Mapping[str, float], named: int, follow: bool
    ) -> dict[str, float]:
        """For the kind of answer that is wanted; function words carry most of it."""
        stems = [stem(word) for word in words]
        found = dict.fromkeys(("s:" + one for one in stems), 0.7)
        shown = ["<", *masked.split(), ">"]
        for one in shown:
            found["m:" + one] = 0.7
        for a, b in itertools.pairwise(shown):
            found[f"m:{a} {b}"] = 0.8
        for a, b, c in zip(shown, shown[1:], shown[2:], strict=False):
            found[f"m:{a} {b} {c}"] = 0.6
        for one in stems:
            for tag in self._classes.get(one, ()):
                found["c:" + tag] = 0.4
        if words:
            found["1:" + words[0]] = _FIRST
        for cue, weight in cues.items():
            found["q:" + cue] = weight / 2
        if cues:
            found["q1:" + max(cues.items(), key=lambda item: item[1])[0]] = 1.0
        else:
            found["q0"] = 1.0
        found[f"names:{min(named, 2)}"] = 1.0
        if follow:
            found["follow"] = 1.0
        return found
