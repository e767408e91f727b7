"""What a person prefers wherever the program runs: one small file, read when first needed.

    width = 100        # columns at most; without it, those of the terminal
    theme = "light"    # or "dark"; without it, what the terminal tells of its background
    ascii = true       # pictures in plain ASCII
    layer = 2          # the layer to begin with, where a picture has layers

A line that cannot be used is set aside and named; the rest holds.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

SETTINGS_VARIABLE = "ATTENTION_TUTOR_SETTINGS"
FILE = "settings.toml"
NARROWEST, WIDEST, DEEPEST = 24, 400, 99


@dataclass(frozen=True)
class Settings:
    """Preferences; the defaults leave everything to the terminal."""

    width: int = 0
    """Columns at most; 0: those of the terminal."""
    theme: str = ""
    """'light', 'dark', or empty: by the terminal's background."""
    ascii: bool = False
    layer: int = 0
    """Counted from 1; 0: each picture chooses."""
    complaints: tuple[str, ...] = field(default=())
    """A line for each entry that could not be used."""


@dataclass(frozen=True)
class _Kind:
    takes: str
    right: Callable[[Any], bool]


def _between(low: int, high: int) -> _Kind:
    def right(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return _Kind(f"a whole number from {low} to {high}", right)


_KINDS: Mapping[str, _Kind] = {
    "width": _between(NARROWEST, WIDEST),
    "theme": _Kind('"light" or "dark"', lambda value: value in ("light", "dark")),
    "ascii": _Kind("true or false", lambda value: isinstance(value, bool)),
    "layer": _between(1, DEEPEST),
}
NAMES = tuple(entry.name for entry in fields(Settings) if entry.name != "complaints")


def settings_file() -> Path:
    """`ATTENTION_TUTOR_SETTINGS`, or `settings.toml` in the platform's place for configuration."""
    named = os.environ.get(SETTINGS_VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_config_dir

    return Path(user_config_dir("attention-tutor")) / FILE


@functools.cache
def settings() -> Settings:
    """The preferences of this process."""
    return read_settings(settings_file())


def read_settings(path: Path) -> Settings:
    """What a file says. A missing file says nothing; what is wrong in one is among the complaints."""
    try:
        held = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        return Settings(complaints=(f"{path}: cannot be read ({(error.strerror or str(error)).lower()}); not used",))
    import tomllib

    try:
        entries = tomllib.loads(held.decode())
    except (ValueError, RecursionError) as error:
        return Settings(complaints=(f"{path}: is no TOML ({error}); mend it, as in width = 100",))
    wrong = {name: _wrong(name, value) for name, value in entries.items()}
    good = {name: value for name, value in entries.items() if not wrong[name]}
    return Settings(**good, complaints=tuple(f"{path}: {line}" for line in wrong.values() if line))


def _wrong(name: str, value: Any) -> str:
    if name not in _KINDS:
        return f"there is no setting '{name}'; there are {', '.join(NAMES)}"
    return "" if _KINDS[name].right(value) else f"{name} takes {_KINDS[name].takes}, not {value!r}"
