"""How large the rooms of the conversation are: `python -m benchmarks.house [COMMIT]`; without a commit, the files here.

Prints lines and compiled regular expressions of each room of `tutor/`.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]


def files(commit: str) -> Iterator[tuple[str, str]]:
    """Path and text of each module of `tutor/`."""
    if not commit:
        for path in sorted((ROOT / "tutor").rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        return
    listed = subprocess.run(["git", "ls-tree", "-r", "--name-only", commit, "tutor"], capture_output=True, text=True)
    for name in listed.stdout.split():
        if name.endswith(".py"):
            shown = subprocess.run(["git", "show", f"{commit}:{name}"], capture_output=True, text=True, check=True)
            yield name, shown.stdout


def main() -> None:
    """Count and print."""
    lines: Counter[str] = Counter()
    patterns: Counter[str] = Counter()
    for name, text in files(sys.argv[1] if len(sys.argv) > 1 else ""):
        room = name.split("/")[1] if name.count("/") > 1 else "tutor"
        lines[room] += text.count("\n")
        patterns[room] += text.count("re.compile(")
    for room, count in sorted(lines.items()):
        print(f"{room:14}{count:7} lines{patterns[room]:5} patterns")
    print(f"{'all':14}{sum(lines.values()):7} lines{sum(patterns.values()):5} patterns")


if __name__ == "__main__":
    main()
