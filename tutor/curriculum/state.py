"""Where a learner is in a lesson: plain values only, so that it can be saved after every step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tutor.errors import LearnerError
from tutor.text.clean import harmless


@dataclass(frozen=True)
class State:
    """One learner's place in one lesson. The methods return another."""

    lesson: str
    sentence: str
    at: str
    """Id of the step; empty when the lesson is finished."""
    done: bool = False
    """This step has been answered; only going on is left."""
    path: tuple[str, ...] = ()
    """The steps passed, for going back."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """Step -> what was chosen or typed last."""
    outcomes: Mapping[str, bool] = field(default_factory=dict)
    """Step -> whether the first answer was right without a hint."""
    tries: Mapping[str, int] = field(default_factory=dict)
    """Step -> wrong answers."""
    hints: Mapping[str, int] = field(default_factory=dict)
    """Step -> hints given."""
    skipped: tuple[str, ...] = ()
    """The questions that were left open."""

    def answered(self, given: str, *, done: bool = True) -> State:
        """With an answer to this step; `done` where it settles the step."""
        return replace(self, done=done, answers={**self.answers, self.at: given})

    def settled(self, right: bool) -> State:
        """With what came of the first answer; later ones change nothing."""
        return replace(self, outcomes={self.at: right, **self.outcomes})

    def missed(self) -> State:
        """With one more wrong answer."""
        return replace(self, tries={**self.tries, self.at: self.tries.get(self.at, 0) + 1})

    def hinted(self, number: int) -> State:
        """With `number` hints given."""
        return replace(self, hints={**self.hints, self.at: number})

    def moved(self, step: str, *, skipped: bool = False) -> State:
        """At another step, with this one passed, or its question left open."""
        others = tuple(id for id in self.skipped if id != self.at)
        left_open = (*others, self.at) if skipped else others
        return replace(self, at=step, path=(*self.path, self.at), done=False, skipped=left_open)

    def plain(self) -> dict[str, Any]:
        """Ready for JSON."""
        held = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: list(v) if isinstance(v, tuple) else dict(v) if isinstance(v, Mapping) else v
                for name, v in held.items()}  # fmt: skip

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> State:
        """The state that `plain()` gave. Raises `LearnerError` for anything else."""
        try:
            return cls(
                lesson=_text(plain["lesson"]),
                sentence=_text(plain["sentence"]),
                at=_text(plain["at"]),
                done=bool(plain["done"]),
                path=tuple(_text(step) for step in plain["path"]),
                answers={_text(step): _text(given) for step, given in plain["answers"].items()},
                outcomes={_text(step): bool(right) for step, right in plain["outcomes"].items()},
                tries={_text(step): int(count) for step, count in plain["tries"].items()},
                hints={_text(step): int(count) for step, count in plain["hints"].items()},
                skipped=tuple(_text(step) for step in plain.get("skipped", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LearnerError(
                f"this lesson's saved place cannot be read ({error!r}); start the lesson again"
            ) from error


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return harmless(value)
