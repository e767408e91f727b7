"""What one conversation has said already, so that nothing is said twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tutor.chat import replies
from tutor.chat.clean import plain

_ROTATING = 2
"""Small replies that go on when the others are used up."""


class Memory:
    """Tellings, paragraphs and small replies that have been given. Only ever grows."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._printed: set[str] = set()
        self._times: Counter[str] = Counter()

    def tell(self, key: str, variant: str = "say") -> None:
        """Note that this telling of `key` (a node, a belief, a sentence) has been given."""
        self._told.add((key, variant))

    def was_told(self, key: str, variant: str = "say") -> bool:
        """Whether this telling of `key` has been given."""
        return (key, variant) in self._told

    def told_of(self, variant: str) -> set[str]:
        """Every key of which this telling has been given."""
        return {key for key, told in self._told if told == variant}

    def print(self, paragraphs: Iterable[str]) -> None:
        """Note that these paragraphs have been read by the learner."""
        self._printed.update(_bare(text) for text in paragraphs if text)

    def cover(self, paragraphs: Iterable[str]) -> None:
        """Note that these are about to be read as parts of longer paragraphs."""
        self.print(paragraphs)

    def was_printed(self, paragraph: str) -> bool:
        """Whether the learner has read this very paragraph."""
        return _bare(paragraph) in self._printed

    def unprinted(self, paragraphs: Iterable[str]) -> list[str]:
        """The paragraphs that the learner has not read yet."""
        return [text for text in paragraphs if not self.was_printed(text)]

    def times(self, key: str) -> int:
        """How often this has come up, this time included."""
        self._times[key] += 1
        return self._times[key]

    def count(self, key: str) -> int:
        """How often this has come up so far."""
        return self._times[key]

    def reply(self, kind: str) -> str:
        """The next small reply of its kind. Once all are given, the last and shortest rotate."""
        among = replies.REPLIES[kind]
        number = self.times(f"reply {kind}") - 1
        if number < len(among):
            return among[number]
        return among[-_ROTATING:][(number - len(among)) % _ROTATING]


def _bare(text: str) -> str:
    return " ".join(plain(text).split())
