"""A conversation as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from tutor.dialogue.tell import CODE_FENCE, is_program
from tutor.dialogue.types import Answer
from tutor.output.text import run_text

STYLE = (
    "body{max-width:50rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 serif}"
    "pre{overflow-x:auto;background:#f4f4f4;padding:1rem;line-height:1.2}"
)


def transcript_html(answers: Iterable[Answer]) -> str:
    """The whole conversation."""
    body = "\n".join(part for answer in answers for part in _parts(answer))
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Attention tutor</title>\n'
        f"<style>{STYLE}</style>\n<h1>A conversation with the attention tutor</h1>\n{body}\n</html>\n"
    )


def _parts(answer: Answer) -> list[str]:
    parts = [f"<h2>{escape(answer.question)}</h2>"]
    parts += [_paragraph(text) for text in answer.paragraphs]
    for shown in answer.shown:
        picture = f"<pre>{escape(run_text(shown.run, width=80, brief=not shown.whole))}</pre>"
        told = f"<p>{_marked(shown.told)}</p>" if shown.told else ""
        parts += [picture, told] if shown.whole else [told, picture]
    parts += [f"<p>{_marked(text)}</p>" for text in answer.notes]
    if answer.offers:
        parts.append("<ol>" + "".join(f"<li>{_marked(offer.text)}</li>" for offer in answer.offers) + "</ol>")
    return [part for part in parts if part]


def _marked(text: str) -> str:
    """Prose as HTML: words that are marked in italics, commands as code."""
    from tutor.views.prose import prose

    styled, told, end = prose(text), "", 0
    for span in styled.spans:
        tag = "code" if span.style == "prose.code" else "em"
        told += f"{escape(styled.plain[end : span.start])}<{tag}>{escape(styled.plain[span.start : span.end])}</{tag}>"
        end = span.end
    return told + escape(styled.plain[end:])


def _paragraph(text: str) -> str:
    if is_program(text) or "\n " in text:
        lines = text.removeprefix(CODE_FENCE).strip("\n")
        return f"<pre>{escape(lines)}</pre>"
    return f"<p>{_marked(text)}</p>"
