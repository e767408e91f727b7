"""`trace --out`: every named value of one run, and every gradient, in one NumPy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from tutor.experiments.models import Models


def trace_names(models: Models) -> list[tuple[str, str, str]]:
    """(path, axes, what it is) of every value in the translator's traces, in the order computed."""
    from model.trace import trace_paths

    return [(info.path, " ".join(info.axes), info.means) for info in trace_paths(models.model.config)]


def save_trace(models: Models, sentence: str, out: Path, *, gradients: bool = False) -> int:
    """Write the run on `sentence` and the model's translation of it to `out`; returns how many arrays.

    Keys are trace paths. With `gradients`, 'gradient:' + path holds d loss / d value and
    'gradient:parameters.' + name that of each parameter, whose value is under 'parameters.' + name.
    """
    import numpy
    import torch

    from model.gradients import gradients as send_back
    from model.trace import named_values

    reading = models.read(sentence)
    arrays = {path: value.numpy() for path, value in named_values(reading.trace)}
    if gradients:
        with torch.enable_grad():
            trace = models.model(reading.source, reading.target, reading.labels)
        assert trace.loss is not None
        found = send_back(trace, trace.loss, models.model)
        arrays |= {f"gradient:{path}": gradient.numpy() for path, gradient in found.values.items()}
        arrays |= {f"gradient:parameters.{name}": gradient.numpy() for name, gradient in found.parameters.items()}
        arrays |= {f"parameters.{name}": value.detach().numpy() for name, value in models.model.named_parameters()}
    arrays["source_tokens"] = numpy.array(reading.source_tokens)
    arrays["target_tokens"] = numpy.array(reading.target_tokens)
    try:
        with out.open("wb") as file:
            numpy.savez_compressed(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise LearnerError(f"{out}: cannot be written ({error.strerror}); name another file with --out") from error
    return len(arrays)
