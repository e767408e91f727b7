"""Put a real screen into the README: `python scripts/record_screen.py`; with `--check` only say whether it is stale."""

from __future__ import annotations

import sys
from pathlib import Path

from tutor.output.text import answer_text
from tutor.start import new_conversation

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- screen:begin -->", "<!-- screen:end -->"
SENTENCE = "The dog slept because it was tired."
QUESTION = "why is the causal mask needed?"


def screen() -> str:
    """One question and its answer, as the chat prints it at 80 columns."""
    answer = new_conversation(SENTENCE).turn(QUESTION)
    return f"{BEGIN}\n```\n> {QUESTION}\n\n{answer_text(answer, width=80).rstrip()}\n```\n{END}"


def main() -> None:
    """Write or check the screen between the two marks."""
    text = README.read_text("utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    fresh = before + screen() + after
    if "--check" in sys.argv[1:]:
        sys.exit(0 if fresh == text else "README.md: its screen is stale; run python scripts/record_screen.py")
    README.write_text(fresh, "utf-8")


if __name__ == "__main__":
    main()
