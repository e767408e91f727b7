"""Telling what came out of a run: text with fields, and a branch for each way it can come out."""

from __future__ import annotations

import dataclasses
import re
import string
from collections.abc import Mapping, Sequence
from typing import Any

from tutor.curriculum.conditions import holds, unknown_field
from tutor.curriculum.equations import filled
from tutor.curriculum.tree import Branch, Library
from tutor.errors import AuthorError
from tutor.experiments.base import Run

WIDEST = 200
"""Characters and digits that a field's format may ask for."""


class _Formatter(string.Formatter):
    """Python's formats, but no share is rounded to 0% or 100%, and nothing to minus zero."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """`value` in its format, or as '<1%' or '>99%', and '0.00' for '-0.00'."""
        if format_spec == ".0%" and isinstance(value, float):
            if 0 < value < 0.005:
                return "<1%"
            if 0.995 <= value < 1:
                return ">99%"
        return re.sub(r"^-(?=[0.]+%?$)", "", str(super().format_field(value, format_spec)))


def scalar_fields(result: Any) -> dict[str, Any]:
    """The fields of a result that a text can name: words and numbers, not lists."""
    held = {field.name: getattr(result, field.name) for field in dataclasses.fields(result)}
    return {name: value for name, value in held.items() if isinstance(value, str | int | float)}


def names_in_template(template: str) -> list[str]:
    """The fields that a text names. Raises `AuthorError` for anything in braces that is not a plain field."""
    names = []
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise AuthorError(f"text '{template[:40]}…' has a loose brace ({error}); write {{{{ for a brace") from error
    for _, name, spec, conversion in pieces:
        if name is None:
            continue
        if not name.isidentifier() or conversion or "{" in (spec or ""):
            raise AuthorError(f"'{{{name}}}' is not a field; write {{name}} or {{name:.2f}}")
        if any(int(digits[-9:]) > WIDEST for digits in re.findall(r"\d+", spec or "")):
            raise AuthorError(f"'{{{name}}}' asks for more than {WIDEST} characters; make its number smaller")
        names.append(name)
    return names


def fill(template: str, fields: Mapping[str, Any]) -> str:
    """`template` with its fields filled in. Raises `AuthorError` for a field or format that does not fit.

    What is filled in may be a learner's word, so it is never read as a template itself. Equations hold as printed.
    """
    for name in names_in_template(template):
        if name not in fields:
            raise unknown_field(name, fields)
    form = _Formatter()
    try:
        if "≈" in template or "=" in template:
            return filled(template, lambda name, spec: form.format_field(fields[name], spec))
        return form.vformat(template, (), fields)
    except (ValueError, TypeError) as error:
        raise AuthorError(f"text '{template[:40]}…' cannot be filled in ({error}); check its formats") from error


def narrate(branches: Sequence[Branch], result: Any) -> str:
    """The text of the first branch that holds; nothing where none does."""
    fields = scalar_fields(result)
    for branch in branches:
        if holds(branch.when, fields):
            return fill(branch.say, fields)
    return ""


def narrate_run(library: Library, run: Run, branches: Sequence[Branch] = ()) -> str:
    """What to say of a run: the lesson's own words where it has some, else the experiment's."""
    if branches:
        return narrate(branches, run.result)
    narration = library.narrations.get(run.experiment)
    if narration is None:
        return ""
    try:
        return narrate(narration.branches, run.result)
    except AuthorError as error:
        raise AuthorError(f"{narration.where}: {error}") from error
