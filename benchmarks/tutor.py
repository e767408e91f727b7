"""How quick the tutor is: `python -m benchmarks.tutor`.

Prints the time from a cold start to the first prompt (in a real pseudo-terminal), and the time of an answer
without and with a live run, over every question that the lessons offer. Machines are noisy: read the
seconds beside the time that a bare Python takes to start, printed in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

try:
    import pexpect
except ImportError:
    sys.exit("this needs a pseudo-terminal: pip install -e '.[dev]'")

from tutor.curriculum.loader import load_library
from tutor.dialogue.conversation import Conversation
from tutor.start import open_models
from tutor.understanding.reader import Reader

SENTENCES = ("The dog slept because it was tired.", "My sister never reads the letters that she gets from her friends.")


def cold_start() -> float:
    """Seconds from starting the program to its prompt."""
    began = time.perf_counter()
    # No terminal answers here when prompt-toolkit asks where the cursor is; do not let it wait for that.
    environment = {**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1"}
    child = pexpect.spawn(sys.executable, ["-m", "tutor"], dimensions=(24, 80), timeout=60, env=environment)
    child.expect(r"\x1b\[0m>")
    took = time.perf_counter() - began
    child.close(force=True)
    return took


def bare_python() -> float:
    """Seconds that a Python which does nothing takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - began


def answers(live: bool) -> list[float]:
    """Seconds of each answer, in conversations of ten turns over every question that the lessons offer."""
    library, models = load_library(), open_models()
    reader = Reader(library)
    models.warm_up()
    models.load_rest()
    asks = [node.ask for node in library.nodes.values()]
    reader.warm_up()
    times = []
    for start in range(0, len(asks), 10):
        conversation = Conversation(library, reader, models, SENTENCES[start // 10 % len(SENTENCES)])
        for ask in asks[start : start + 10]:
            began = time.perf_counter()
            conversation.turn(ask, live=live)
            times.append(time.perf_counter() - began)
    return times


def best_of(count: int, measure: Callable[[], float]) -> tuple[float, float]:
    """Least and median of `count` measurements."""
    found = sorted(measure() for _ in range(count))
    return found[0], statistics.median(found)


def main() -> None:
    """Measure and print."""
    for name, measure in (("bare python", bare_python), ("cold start to the prompt", cold_start)):
        least, middle = best_of(7, measure)
        print(f"{name:28} median {1000 * middle:6.0f} ms   least {1000 * least:6.0f} ms")
    for name, live in (("answer without a run, warm", False), ("answer with a run, warm", True)):
        times = answers(live)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(
            f"{name:28} median {1000 * statistics.median(times):6.1f} ms   p95   {1000 * p95:6.1f} ms   ({len(times)})"
        )


if __name__ == "__main__":
    main()
