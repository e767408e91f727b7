"""Trained linear readings, kept in one small file and evaluated without any library.

The file is zlib-compressed: a line of JSON, then for each head its features and its weights. The JSON is
`{"heads": [{"name", "labels", "features", "power"}], "words": {word: count}, "asks": [crc32, ...]}`. For a head come
`features` names, each ended by a newline; the labels' biases as float32; one float32 scale a feature; and a row of
int8 a feature, one for each label, which times the scale is the weight. Numbers are little-endian.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = "readings.bin"


@dataclass(frozen=True)
class Head:
    """One classifier: features to a probability for each label."""

    labels: tuple[str, ...]
    power: float
    """Features are divided by their length to this power."""
    index: Mapping[str, int]
    bias: Sequence[float]
    scales: Sequence[float]
    rows: memoryview

    def logits(self, features: Mapping[str, float]) -> list[float]:
        """A score for each label."""
        known = [(self.index[name], value) for name, value in features.items() if name in self.index]
        totals = list(self.bias)
        if not known:
            return totals
        length = math.sqrt(sum(value * value for _, value in known)) ** self.power
        n = len(self.labels)
        for row, value in known:
            factor = self.scales[row] * value / length
            totals = [t + factor * w for t, w in zip(totals, self.rows[row * n : row * n + n], strict=True)]
        return totals

    def logs(self, features: Mapping[str, float]) -> dict[str, float]:
        """Log-probability for each label."""
        totals = self.logits(features)
        top = max(totals)
        whole = top + math.log(sum(math.exp(t - top) for t in totals))
        return {label: total - whole for label, total in zip(self.labels, totals, strict=True)}

    def why(self, features: Mapping[str, float], label: str, most: int = 3) -> list[str]:
        """The features that spoke most for a label, strongest first."""
        if label not in self.labels:
            return []
        at, n = self.labels.index(label), len(self.labels)
        spoke = []
        for name, value in features.items():
            row = self.index.get(name)
            if row is not None:
                cells = self.rows[row * n : row * n + n]
                spoke.append((self.scales[row] * value * (cells[at] - sum(cells) / n), name))
        return [name for weight, name in sorted(spoke, reverse=True)[:most] if weight > 0]


@dataclass(frozen=True)
class Model:
    """What was trained: the heads, the words seen and which phrasings were."""

    heads: Mapping[str, Head]
    words: Mapping[str, int]
    asks: frozenset[int]


def mark(text: str) -> int:
    """A short mark by which a phrasing that was trained on is recognised."""
    return zlib.crc32(text.encode("utf-8"))


def load_model(path: Path) -> Model:
    """Read the file that `benchmarks/train_reader.py` wrote."""
    return parse(path.read_bytes())


def parse(packed: bytes) -> Model:
    """The model in the bytes of a file."""
    data = zlib.decompress(packed)
    end = data.index(b"\n")
    header = json.loads(data[:end])
    at = end + 1
    heads: dict[str, Head] = {}
    for entry in header["heads"]:
        labels, n = tuple(entry["labels"]), entry["features"]
        stop = at + entry["bytes"]
        names = data[at:stop].decode("utf-8").split("\n")
        bias = _floats(data[stop : stop + 4 * len(labels)])
        at = stop + 4 * len(labels)
        scales = _floats(data[at : at + 4 * n])
        at += 4 * n
        rows = memoryview(data)[at : at + n * len(labels)].cast("b")
        at += n * len(labels)
        index = {name: row for row, name in enumerate(names[:n])}
        heads[entry["name"]] = Head(labels, entry["power"], index, bias, scales, rows)
    return Model(heads, header["words"], frozenset(header["asks"]))


def pack(
    heads: Sequence[tuple[str, Sequence[str], float, Sequence[str], Sequence[float], Sequence[Sequence[float]]]],
    words: Mapping[str, int],
    asks: Sequence[int],
) -> bytes:
    """The bytes of a file: (name, labels, power, features, bias, weights by feature) for each head."""
    entries, body = [], []
    for name, labels, power, features, bias, weights in heads:
        joined = "".join(f"{feature}\n" for feature in features).encode("utf-8")
        entries.append(
            {"name": name, "labels": list(labels), "power": power, "features": len(features), "bytes": len(joined)}
        )
        scales = [max(map(abs, row)) / 127 or 1.0 for row in weights]
        cells = array("b", (round(w / s) for row, s in zip(weights, scales, strict=True) for w in row))
        body += [joined, _bytes(bias), _bytes(scales), cells.tobytes()]
    header = json.dumps({"heads": entries, "words": dict(words), "asks": list(asks)}, separators=(",", ":"))
    return zlib.compress(header.encode("utf-8") + b"\n" + b"".join(body), 9)


def _floats(data: bytes) -> list[float]:
    numbers = array("f")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def _bytes(numbers: Sequence[float]) -> bytes:
    packed = array("f", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
