"""What every experiment shares: how it is declared, run, and turned into plain values.

An experiment is a pure function `(models, sentence, options) -> result`. Options and result are frozen
dataclasses of plain values, loaded without torch. Layers and heads count from 1, as people do; trace paths
count from 0, as programs do.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from torch import Tensor

    from tutor.experiments.models import Models

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Experiment:
    """One entry of the closed registry."""

    name: str
    summary: str
    """One line for lists: what the learner sees."""
    run: Callable[[Models, str, Any], Any]
    options: type
    result: type


@dataclass(frozen=True)
class Run:
    """An experiment that has been run: what `show --json` prints."""

    experiment: str
    sentence: str
    options: Any
    result: Any
    changes: str = ""
    """What was otherwise in the model than it was trained, in words; empty where that touched nothing here."""
    unplaced: str = ""
    """The part, layer and head that were chosen and mean nothing here, in words; the experiment chose its own."""

    def plain(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {
            "experiment": self.experiment,
            "sentence": self.sentence,
            "options": plain_values(self.options),
            **({"changes": self.changes} if self.changes else {}),
            "result": plain_values(self.result),
        }


_REGISTRY: dict[str, Experiment] = {}


def experiment(name: str, summary: str, options: type, result: type) -> Callable[[Any], Any]:
    """Enter a function into the registry of experiments."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        _REGISTRY[name] = Experiment(name, summary, function, options, result)
        return function

    return register


def option(default: Any, help: str) -> Any:
    """A field of an options dataclass, with the text that `show --list` and `--help` print."""
    return dataclasses.field(default=default, metadata={"help": help})


def registered() -> Mapping[str, Experiment]:
    """All experiments by name, in the order they are listed."""
    return _REGISTRY


def arrange(names: Sequence[str]) -> None:
    """List the experiments in this order, whichever of them was imported first."""
    ordered = {name: _REGISTRY[name] for name in names}
    _REGISTRY.clear()
    _REGISTRY.update(ordered)


def find(name: str) -> Experiment:
    """The experiment called `name`. Raises `LearnerError` naming the nearest one."""
    if name in _REGISTRY:
        return _REGISTRY[name]
    near = difflib.get_close_matches(name, _REGISTRY, n=1)
    hint = f"did you mean '{near[0]}'?" if near else "`attention-tutor show --list` names them all"
    raise LearnerError(f"there is no experiment '{name}'; {hint}")


def make_options(found: Experiment, given: Mapping[str, Any]) -> Any:
    """Options from names and values (text or typed). Raises `LearnerError` for a wrong name or value."""
    fields = {field.name.replace("_", "-"): field for field in dataclasses.fields(found.options)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        slug = name.replace("_", "-")
        if slug not in fields:
            near = difflib.get_close_matches(slug, fields, n=1)
            known = f"did you mean '{near[0]}'?" if near else f"it has {', '.join(fields) or 'none'}"
            raise LearnerError(f"{found.name} has no option '{name}'; {known}")
        field = fields[slug]
        kind: type = type(field.default)
        try:
            values[field.name] = kind(value)
            if kind is float and not math.isfinite(values[field.name]):
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            raise LearnerError(f"{found.name}: {slug} takes {_KINDS[kind]}, not '{value}'") from None
    return found.options(**values)


_KINDS: Mapping[type, str] = {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}


def run(name: str, models: Models, sentence: str, options: Mapping[str, Any] | None = None) -> Run:
    """Run the experiment called `name` on `sentence`."""
    found = find(name)
    chosen = make_options(found, options or {})
    result = found.run(models, sentence, chosen)
    # A place left open is recorded as it was chosen, so that the options of a run repeat it.
    places = {place: getattr(result, place) for place in ("layer", "head") if getattr(chosen, place, None) == 0}
    return Run(name, sentence, dataclasses.replace(chosen, **places), result)


def plain_values(value: Any) -> Any:
    """Dataclasses and tuples as dicts and lists; an infinite number, which JSON lacks, as None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain_values(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain_values(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def row(values: Tensor) -> tuple[float, ...]:
    """A one-dimensional tensor as plain numbers."""
    return tuple(values.tolist())


def matrix(values: Tensor) -> Matrix:
    """A two-dimensional tensor as rows of plain numbers."""
    return tuple(tuple(line) for line in values.tolist())


def cosine(a: Tensor, b: Tensor) -> Tensor:
    """Cosine of the angle between vectors along the last axis, which may broadcast."""
    alike: Tensor = (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))
    return alike


def entropy_bits(probabilities: tuple[float, ...]) -> float:
    """Shannon entropy in bits: 0 when everything is on one key, log2 n when spread evenly over n."""
    return -sum(p * math.log2(p) for p in probabilities if p > 0) + 0.0
