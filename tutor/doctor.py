"""What is installed, found, damaged, slow: one finding a line, each from looking, none from memory."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tutor.console import one_line
from tutor.text.clean import clean

OK, NOTE, SLOW, DAMAGED = "ok", "note", "slow", "damaged"
PROGRAM = "attention-tutor"
SENTENCE, OTHER = "The dog slept because it was tired.", "The cat slept because it was tired."
QUESTION, ANOTHER = "why is attention used?", "what is an embedding?"
SLOW_START, SLOW_RUN, SLOW_ANSWER = 15.0, 1.0, 0.5
"""Seconds from which a person would wonder: the first run with torch's import, one run more, an answer in words."""
REPAIR = f"reinstall the program (`pip install --force-reinstall {PROGRAM}`)"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    state: str
    """'ok', 'note' (nothing wrong, worth knowing), 'slow' or 'damaged'."""
    what: str
    told: str

    @property
    def line(self) -> str:
        """As it is printed."""
        return f"{self.state:8}{self.what:12}{clean(self.told)}"


def examine() -> Iterator[Finding]:
    """Every finding, as soon as it is made. A look that fails is itself a finding, and hides no other."""
    for what, look in LOOKS.items():
        try:
            for state, told in look():
                yield Finding(state, what, told)
        except Exception as error:  # whatever is broken is what this is for
            yield Finding(DAMAGED, what, one_line(error))


Told = Iterator[tuple[str, str]]


def versions() -> list[str]:
    """The versions of the program, of what it computes with, and of its models; without importing torch."""
    from tutor.about import model_versions
    from tutor.start import models_folder

    computing = f"Python {platform.python_version()}, torch {_version('torch')}"
    models = ", ".join(f"{name} {digits}" for name, digits in model_versions(models_folder()).items())
    return [f"{PROGRAM} {_version(PROGRAM)}", computing, f"models: {models or 'none found'}"]


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "0 (not installed)" if package == PROGRAM else "not installed"


# --- installed --------------------------------------------------------------------------------------------


def _program() -> Told:
    yield OK, f"{_version(PROGRAM)}, in {Path(__file__).parent.parent}"


def _python() -> Told:
    yield OK if sys.version_info >= (3, 11) else DAMAGED, f"{platform.python_version()}, {platform.platform()}"


def _packages() -> Told:
    from importlib.metadata import PackageNotFoundError, requires

    try:
        wanted = [line for line in requires(PROGRAM) or () if "extra ==" not in line]
    except PackageNotFoundError:
        yield NOTE, "the program is not installed, so what it needs is not listed; run it by scripts/start"
        return
    names = ["".join(_until(line, "<>=!~;[ ")) for line in wanted]
    missing = [name for name in names if _version(name) == "not installed"]
    if missing:
        yield DAMAGED, f"not installed: {', '.join(missing)}; {REPAIR}"
    yield OK, ", ".join(f"{name} {_version(name)}" for name in names if name not in missing)


def _until(text: str, marks: str) -> Iterator[str]:
    for character in text:
        if character in marks:
            return
        yield character


# --- found, damaged ---------------------------------------------------------------------------------------


def _models() -> Told:
    from tutor.about import bundled
    from tutor.start import MODELS, models_folder

    folder = models_folder() or bundled()
    remedy = REPAIR if folder == bundled() else f"mend the folder that {MODELS} names, or unset it"
    described = sorted(folder.glob("**/config.json"))
    faults = [fault for path in described for fault in _faults(path)]
    for fault in faults:
        yield DAMAGED, f"{fault}; {remedy}"
    if not described:
        yield DAMAGED, f"{folder}: holds no models; {remedy}"
    elif not faults:
        yield OK, f"{len(described)} checkpoints in {folder}, every file as its hash says"


def _faults(description: Path) -> Iterator[str]:
    """What is wrong with one checkpoint's files."""
    folder = description.parent
    try:
        held = json.loads(description.read_text("utf-8"))
        hashes, shares = dict(held["sha256"]), held["tokenizer_of"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        yield f"{description}: cannot be read"
        return
    for name, expected in hashes.items():
        path = folder / name
        if shares and not path.exists():  # the tokenizer of another checkpoint, which is looked at there
            continue
        if not path.is_file():
            yield f"{path}: is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            yield f"{path}: is damaged or was swapped, its hash is not the recorded one"


def _lessons() -> Told:
    from tutor.curriculum.course import load_course
    from tutor.curriculum.loader import load_library
    from tutor.errors import AuthorError

    broken: list[AuthorError] = []
    library, course = load_library(complain=broken.append), load_course(complain=broken.append)
    for error in broken:
        yield DAMAGED, one_line(error)
    yield OK, f"{len(library.nodes):,} answers, {len(library.narrations)} narrations, {len(course)} guided lessons"


def _reader() -> Told:
    from tutor.curriculum.loader import lessons_root, open_library
    from tutor.understanding import encoder, index

    folder, nodes = lessons_root() / "understanding", open_library().nodes
    reads = encoder.Encoder(folder / encoder.FILE)
    reads.warm_up()
    wordings = {name: node.wordings for name, node in nodes.items()}
    missing = len(index.Index(wordings, reads, folder / index.FILE).missing())
    told = f"{missing} wordings are not indexed; run `python -m training.reader index`"
    yield (NOTE, told) if missing else (OK, "encoder and index in order, every wording indexed")


def _settings() -> Told:
    from tutor.settings import read_settings, settings_file

    path = settings_file()
    found = read_settings(path)
    for complaint in found.complaints:
        yield DAMAGED, complaint
    if not found.complaints:
        yield OK, f"{path}" if path.exists() else f"none; they would stand in {path}"


def _memory() -> Told:
    import sqlite3

    from tutor.learner.folder import FILE, HOME_VARIABLE, data_folder

    folder = data_folder()
    nearest = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if not os.access(nearest, os.W_OK) or not nearest.is_dir():
        yield NOTE, f"{folder}: cannot be written, so nothing is remembered; set {HOME_VARIABLE}"
    database = folder / FILE
    if not database.exists():
        yield OK, f"nothing is remembered yet; it would stand in {folder}"
        return
    connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=2)
    try:
        sound = connection.execute("pragma quick_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError:
        sound = False
    finally:
        connection.close()
    remedy = "`attention-tutor progress show` sets it aside and begins anew"
    yield (OK, str(database)) if sound else (DAMAGED, f"{database}: is damaged; {remedy}")


def _terminal() -> Told:
    from tutor.output.stream import in_ascii, in_colour, output_height, output_width
    from tutor.settings import settings
    from tutor.views import theme

    ground = settings().theme or ("light" if theme.chosen() is theme.LIGHT else "dark")
    looks = f"colours for a {ground} ground" if in_colour() else "no colour"
    signs = "plain ASCII" if in_ascii() else str(sys.stdout.encoding)
    yield OK, f"{output_width()} columns, {output_height()} rows, {looks}, {signs}"


# --- slow -------------------------------------------------------------------------------------------------


def _speed() -> Told:
    from tutor.experiments.registry import run
    from tutor.start import new_conversation, open_models

    models = open_models()
    yield _timed("torch, the model and a first run", SLOW_START, lambda: run("attention", models, SENTENCE))
    yield _timed("a run on another sentence", SLOW_RUN, lambda: run("attention", models, OTHER))
    conversation = new_conversation(models=models)
    conversation.turn(QUESTION, live=False)  # reads the reader's files
    yield _timed("an answer in words", SLOW_ANSWER, lambda: conversation.turn(ANOTHER, live=False))


def _timed(what: str, limit: float, act: Callable[[], object]) -> tuple[str, str]:
    began = time.perf_counter()
    act()
    took = time.perf_counter() - began
    if took < limit:
        return OK, f"{what}: {took:.2f} s"
    return SLOW, f"{what}: {took:.2f} s, usually under {limit:g}; is the machine busy?"


LOOKS: dict[str, Callable[[], Told]] = {
    "program": _program,
    "python": _python,
    "packages": _packages,
    "models": _models,
    "lessons": _lessons,
    "reader": _reader,
    "settings": _settings,
    "memory": _memory,
    "terminal": _terminal,
    "speed": _speed,
}
"""What is looked at, in this order."""
