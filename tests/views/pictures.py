"""How a literal picture is compared with what is drawn of a view's demo."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

import pytest

from tutor.views import render, to_text

Pictures = Mapping[tuple[str, int, bool], str]
"""By slug, width, and whether in ASCII."""


def each(pictures: Pictures) -> pytest.MarkDecorator:
    """One test for each picture."""
    names = [f"{slug}-{width}{'-ascii' * ascii}" for slug, width, ascii in pictures]
    return pytest.mark.parametrize(("slug", "width", "ascii"), list(pictures), ids=names)


def drawn(slug: str, width: int, ascii: bool) -> str:
    """The demo of a view, as a learner sees it without colour."""
    demo = importlib.import_module(f"tutor.views.{slug}").demo()
    return to_text(render(demo, width=width, ascii=ascii), width) + "\n"
