"""What holds for every view: it fits its page, parses no markup, survives ASCII, and needs no torch."""

from __future__ import annotations

import dataclasses
import importlib
import io
import math
import random
import subprocess
import sys
import types
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tutor.experiments.registry import NAMES
from tutor.views import render, theme, to_text
from tutor.views.base import Page, pad, view
from tutor.views.registry import load_all

load_all()
VIEWS = tuple(name.replace("-", "_") for name in NAMES)
DEMOS = {slug: importlib.import_module(f"tutor.views.{slug}").demo() for slug in VIEWS}

HOSTILE = ("[red]", "[/]", "‹E7›", "你好", "🙂", "a" * 40, "\\[bold]", "x\ty", "…", "\x1b[31m", "e\u0301", "–")
LONG = tuple(f"{'the' if n % 3 else 'elephant'}{n}" for n in range(30))


def lengthened(result: Any, tokens: tuple[str, ...], seed: int = 0) -> Any:
    """The same kind of result for a sentence of these tokens: every sequence as long, numbers made up."""
    chance = random.Random(seed)
    size = len(tokens)

    def value(kind: Any, name: str, old: Any) -> Any:
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin is tuple:
            if name == "parameter_index":
                return old
            if inner[-1] is not Ellipsis:
                return old
            if dataclasses.is_dataclass(inner[0]):
                count = len(old) if name in ("stages", "groups", "rows", "neighbours", "heads", "candidates") else size
                made = [whole(old[n % len(old)], n) for n in range(count)]
                return tuple(made)
            if inner[0] is str:
                return tokens
            if typing.get_origin(inner[0]) is tuple:
                wide = size if name not in ("keys", "values", "signals") else len(old[0])
                return tuple(probabilities(wide) for _ in range(size))
            if name in ("query", "products", "input", "output", "head_output", "vector", "stream_norms"):
                return old
            if name in ("similarity_to_input", "cosines_by_layer", "logits") or name.endswith("_shape"):
                return old
            if inner[0] is bool:
                return tuple(n % 4 != 3 or n == 0 for n in range(size))
            if inner[0] is int:
                return tuple(range(size))
            return probabilities(size)
        if isinstance(kind, type) and issubclass(kind, str) and name not in ("part", "pattern", "path", "label"):
            return tokens[chance.randrange(size)]
        if name.endswith("position"):
            return min(old, size - 1)
        if name in ("step_count", "token_count"):
            return size
        return old

    def probabilities(count: int) -> tuple[float, ...]:
        raw = [chance.random() ** 6 for _ in range(count)]
        return tuple(number / sum(raw) for number in raw)

    def whole(part: Any, place: int) -> Any:
        hints = typing.get_type_hints(type(part))
        fields = {f.name: value(hints[f.name], f.name, getattr(part, f.name)) for f in dataclasses.fields(part)}
        if "head" in fields and "pattern" in fields:
            fields["head"] = part.head
        return type(part)(**fields)

    return whole(result, 0)


def plain_lines(result: Any, width: int, ascii: bool = False, brief: bool = False) -> list[str]:
    """What is written, before any console could crop or wrap it."""
    page = Page(width, ascii, brief)
    view(result, page)
    return page.finish().plain.split("\n")


RESULTS = [
    pytest.param(lengthened(demo, tokens) if tokens else demo, id=f"{slug}-{kind}")
    for slug, demo in DEMOS.items()
    for kind, tokens in (("demo", ()), ("thirty", LONG), ("hostile", HOSTILE), ("single", ("‹end›",)))
]


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("width", [32, 40, 57, 80, 120, 200])
@pytest.mark.parametrize("result", RESULTS)
def test_no_line_is_wider_than_the_page(result: Any, width: int, ascii: bool) -> None:
    for brief in (False, True):
        for line in plain_lines(result, width, ascii, brief):
            assert cell_len(line) <= width, line


@pytest.mark.parametrize("result", RESULTS)
def test_no_control_character_reaches_the_terminal(result: Any) -> None:
    for line in plain_lines(result, 80):
        assert not any(ord(character) < 32 or ord(character) == 127 for character in line)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("result", RESULTS)
def test_a_console_prints_exactly_the_lines_of_the_page(result: Any, width: int) -> None:
    expected = "\n".join(line.rstrip() for line in plain_lines(result, width))
    assert to_text(render(result, width=width), width) == expected


@pytest.mark.parametrize("demo", DEMOS.values(), ids=DEMOS)
def test_ascii_draws_with_ascii_alone(demo: Any) -> None:
    tokens = ("The", "cat", "sleeps", "‹end›")
    text = "\n".join(plain_lines(lengthened(demo, tokens), 80, ascii=True))
    assert text.isascii(), [c for c in text if ord(c) > 127]


@pytest.mark.parametrize("slug", ["attention", "translate", "next_word", "word_importance", "tokens", "heads"])
def test_what_looks_like_markup_is_shown_as_typed(slug: str) -> None:
    text = to_text(render(lengthened(DEMOS[slug], ("[red]", "[/red]", "[bold]x[/]")), width=120), 120)
    assert "[red]" in text and "[/red]" in text


@pytest.mark.parametrize("demo", DEMOS.values(), ids=DEMOS)
def test_colour_changes_no_character(demo: Any) -> None:
    coloured = Console(
        file=io.StringIO(), width=80, theme=theme.DARK, force_terminal=True, color_system="truecolor", record=True
    )
    coloured.print(render(demo, width=80))
    recorded = "\n".join(line.rstrip() for line in coloured.export_text().rstrip().split("\n"))
    assert recorded == to_text(render(demo, width=80), 80)


@pytest.mark.parametrize("demo", DEMOS.values(), ids=DEMOS)
def test_every_style_is_in_both_themes(demo: Any) -> None:
    page = Page(80)
    view(demo, page)
    used = {str(span.style) for span in page.finish().spans if span.style}
    assert used <= set(theme.STYLES)
    assert used <= set(theme.LIGHT_STYLES)


def test_views_load_without_torch_numpy_or_yaml() -> None:
    code = (
        "import sys, tutor.views; from tutor.views.registry import load_all; load_all(); "
        "print({'torch', 'numpy', 'yaml', 'tokenizers', 'rich.markdown', 'prompt_toolkit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_result_without_a_view_is_named() -> None:
    with pytest.raises(TypeError, match="no view for SimpleNamespace; add a module to tutor/views"):
        render(types.SimpleNamespace(), width=80)


@settings(max_examples=100, deadline=None)
@given(
    slug=st.sampled_from(VIEWS),
    tokens=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=40),
    width=st.integers(32, 130),
    ascii=st.booleans(),
    brief=st.booleans(),
    seed=st.integers(0, 9),
)
def test_any_tokens_at_any_width_fit(
    slug: str, tokens: list[str], width: int, ascii: bool, brief: bool, seed: int
) -> None:
    for line in plain_lines(lengthened(DEMOS[slug], tuple(tokens), seed), width, ascii, brief):
        assert cell_len(line) <= width, line


def test_weights_of_a_demo_row_add_up() -> None:
    for row in DEMOS["attention"].weights:
        assert math.isclose(sum(row), 1)


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("demo", DEMOS.values(), ids=DEMOS)
def test_a_brief_page_fits_as_well_and_is_never_longer(demo: Any, width: int) -> None:
    whole = to_text(render(demo, width=width), width).splitlines()
    brief = to_text(render(demo, width=width, brief=True), width).splitlines()
    assert len(brief) <= len(whole)
    assert all(cell_len(line) <= width for line in brief)


def sentence(count: int) -> tuple[str, ...]:
    """So many words of usual lengths, and the end mark."""
    words = ("the", "grandmother", "of", "a", "cat", "sleeps", "in", "our", "kitchen", "because", "it", "is", "cold")
    return (*(words[n % len(words)] for n in range(count)), "‹end›")


@pytest.mark.parametrize(("width", "tallest"), [(80, 8), (40, 10)])
@pytest.mark.parametrize("count", [3, 7, 12, 20])
@pytest.mark.parametrize("slug", VIEWS)
def test_a_brief_page_is_at_most_eight_lines_or_ten_where_narrow(
    slug: str, count: int, width: int, tallest: int
) -> None:
    for ascii in (False, True):
        lines = plain_lines(lengthened(DEMOS[slug], sentence(count)), width, ascii, brief=True)
        assert len(lines) <= tallest, "\n".join(lines)


@settings(max_examples=200, deadline=None)
@given(
    slug=st.sampled_from(VIEWS),
    tokens=st.lists(st.text(min_size=1, max_size=12), min_size=3, max_size=24),
    ascii=st.booleans(),
    seed=st.integers(0, 9),
)
def test_whatever_the_tokens_a_brief_page_is_at_most_eight_lines(
    slug: str, tokens: list[str], ascii: bool, seed: int
) -> None:
    lines = plain_lines(lengthened(DEMOS[slug], tuple(tokens), seed), 80, ascii, brief=True)
    assert len(lines) <= 8, "\n".join(lines)


@pytest.mark.parametrize("width", [40, 80])
def test_a_brief_map_names_its_columns_and_points_at_its_row(width: int) -> None:
    lines = plain_lines(lengthened(DEMOS["attention"], sentence(20)), width, brief=True)
    assert lines[2].endswith(" others")
    assert not any(name.isdigit() for name in lines[2].split()[:-2])
    # Twice: the row, and the sentence below the map.
    assert [line.startswith("►") for line in lines].count(True) == 2


@pytest.mark.parametrize("width", [57, 80, 120])
def test_cells_of_a_map_are_rounded_each_by_itself_and_blank_only_where_that_gives_0(width: int) -> None:
    tokens = ("A", "red", "car", "or", "bus", "!")
    row = (0.0054, 0.0046, 0.0086, 0.3446, 0.0, 0.6368)
    result = dataclasses.replace(
        lengthened(DEMOS["attention"], tokens), weights=(row,) * 6, query_tokens=tokens, key_tokens=tokens
    )
    line = next(line for line in plain_lines(result, width) if line.lstrip("► 0123456789").startswith("car "))
    assert line.split("car ")[1].replace("<1", "").split() == ["1", "1", "▒", "34", "·", "▓", "64"]


def test_a_narrow_map_leaves_blank_what_rounds_to_0_alone() -> None:
    tokens = tuple("abcdefgh")
    row = (0.0054, 0.0046, 0.0086, 0.3446, 0.0, 0.6368, 0.0, 0.0)
    result = dataclasses.replace(
        lengthened(DEMOS["attention"], tokens), weights=(row,) * 8, query_tokens=tokens, key_tokens=tokens
    )
    line = next(line for line in plain_lines(result, 36) if line.startswith("  1 a"))
    assert line == "  1 a   1     1 34  · 64  ·  ·"


@pytest.mark.parametrize("width", [20, 24, 28, 31])
@pytest.mark.parametrize("ascii", [False, True])
def test_a_page_of_hardly_any_width_is_laid_out_for_it_and_wrapped_once(width: int, ascii: bool) -> None:
    for slug in VIEWS:
        demo = importlib.import_module(f"tutor.views.{slug}").demo()
        for brief in (False, True):
            page = render(demo, width=width, ascii=ascii, brief=brief)
            assert max(cell_len(line) for line in page.plain.split("\n")) <= width, slug
            assert to_text(page, width).split("\n") == [line.rstrip() for line in page.plain.split("\n")], slug


def test_a_word_that_is_cut_does_not_look_like_a_piece_of_one() -> None:
    assert (pad("children", 6), pad("…ably", 4), pad("25 arrived", 8)) == ("child-", "…ab-", "25 arri-")
    assert pad("a whole sentence", 9) == "a whole… "


def test_in_ascii_a_marked_row_is_not_the_prompt_and_signs_are_explained() -> None:
    demo = importlib.import_module("tutor.views.attention").demo()
    lines = to_text(render(demo, width=80, ascii=True), 80).split("\n")
    assert not any(line.startswith(">") for line in lines) and any(line.startswith("* ") for line in lines)
    assert any("for each 10%" in line for line in lines)
