"""Every number of a run, as plain text."""

from __future__ import annotations

from tutor.experiments.base import Run


def numbers_text(run: Run, *, width: int, color: bool = False, ascii: bool = False) -> str:
    """Every number of a run under its name, in the order of the result's fields."""
    import textwrap

    from tutor.experiments.base import plain_values

    lines = [f"{run.experiment} on {run.sentence}"]
    for name, value in plain_values(run.result).items():
        if isinstance(value, list) and value and isinstance(value[0], list | dict):
            lines.append(f"{name}:")
            rows = value
        else:
            lines.append(f"{name}: {_number(value)}" if not isinstance(value, list) else f"{name}:")
            rows = [value] if isinstance(value, list) and value else []
        for row in rows:
            text = (
                ", ".join(f"{key} {_number(entry)}" for key, entry in row.items())
                if isinstance(row, dict)
                else (" ".join(_number(entry) for entry in row))
            )
            lines += textwrap.wrap(text, max(20, width - 4), initial_indent="  ", subsequent_indent="    ") or [""]
    return "\n".join(lines)


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) >= 0.00005 or value == 0 else f"{value:.1e}"
    if isinstance(value, list):
        return "[" + " ".join(_number(entry) for entry in value) + "]"
    return "forbidden" if value is None else str(value)
