"""Completion of commands, experiments, their options, and layers and heads."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from tutor.terminal.commands import commands, find_command


class ChatCompleter(Completer):
    """Completes what starts with a slash; questions and sentences are the learner's own."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        text = document.text_before_cursor
        if not text.startswith("/"):
            return
        *before, word = text.split(" ")
        for choice, meta in self.choices(before, word):
            if choice.startswith(word) and choice != word:
                yield Completion(choice, start_position=-len(word), display_meta=meta)

    def choices(self, before: list[str], word: str) -> Iterable[tuple[str, str]]:
        """What may stand at this place, with a word about it."""
        from tutor.experiments.registry import registered

        experiments = registered()
        if not before:
            own = [(f"/{entry.name}{' ' * bool(entry.arguments)}", entry.help) for entry in commands().values()]
            return own + [(f"/{name} ", found.summary) for name, found in experiments.items()]
        name = before[0][1:]
        found = find_command(name)
        if found and found.name == "show":
            if len(before) == 1:
                return [(each, entry.summary) for each, entry in experiments.items()]
            name = before[1]
        if name in experiments:
            return self._options(name, before)
        if len(before) > 1 or not found:
            return []
        if found.name == "lesson":
            from tutor.curriculum.own import whole_course

            return [(lesson.id, lesson.title) for lesson in whole_course(complain=lambda error: None)]
        fixed = {
            "part": ("encoder", "decoder", "cross"),
            "layer": ("1", "2", "3"),
            "head": ("1", "2", "3", "4"),
            "ascii": ("on", "off"),
            "numbers": ("on", "off"),
            "help": tuple(commands()),
        }
        return [(each, "") for each in fixed.get(found.name, ())]

    def _options(self, name: str, before: list[str]) -> Iterable[tuple[str, str]]:
        from tutor.experiments.registry import find

        if before[-1] == "--part":
            return [("encoder", ""), ("decoder", ""), ("cross", "")]
        if before[-1].startswith("--"):
            return []
        fields = dataclasses.fields(find(name).options)
        return [(f"--{field.name.replace('_', '-')}", str(field.metadata.get("help", ""))) for field in fields]
