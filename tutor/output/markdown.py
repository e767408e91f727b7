"""Answers and conversations as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from tutor.dialogue.tell import CODE_FENCE, is_program
from tutor.dialogue.types import Answer
from tutor.output.text import run_text


def answer_markdown(answer: Answer, *, width: int = 80, heading: str = "##") -> str:
    """The answer as Markdown: pictures and programs in fenced blocks, so that their columns hold."""
    blocks = [f"{heading} {_escaped(answer.question)}"] if answer.question else []
    blocks += [_paragraph(text) for text in answer.paragraphs]
    for shown in answer.shown:
        picture = f"```text\n{run_text(shown.run, width=width, brief=not shown.whole)}\n```"
        blocks += [picture, shown.told] if shown.whole else [shown.told, picture]
    blocks += answer.notes
    if answer.offers:
        blocks.append("\n".join(f"{number}. {offer.text}" for number, offer in enumerate(answer.offers, 1)))
    return "\n\n".join(block for block in blocks if block)


def transcript_markdown(answers: Iterable[Answer]) -> str:
    """A conversation as a Markdown file."""
    told = "\n\n".join(answer_markdown(answer) for answer in answers)
    return f"# A conversation with the attention tutor\n\n{told}\n"


def _paragraph(text: str) -> str:
    if is_program(text):
        lines = text.removeprefix(CODE_FENCE).strip("\n")
        return f"```\n{lines}\n```"
    return f"```text\n{text}\n```" if "\n " in text else text


def _escaped(text: str) -> str:
    """A learner's words, with what Markdown would act on escaped."""
    return "".join(f"\\{character}" if character in "\\`*_[]<>#|" else character for character in text)
