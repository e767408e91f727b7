"""`trace --out`: every named value of one run, and every gradient, in one NumPy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from torch import Tensor

    from model.transformer import Transformer
    from tutor.experiments.models import Models


def trace_names(models: Models, model: str = "translator") -> list[tuple[str, str, str]]:
    """(path, axes, what it is) of every value in this model's traces, in the order computed."""
    from model.trace import trace_paths

    network = models.predictor if model == "next-word" else models.model
    return [(info.path, " ".join(info.axes), info.means) for info in trace_paths(network.config)]


def save_trace(models: Models, sentence: str, out: Path, *, gradients: bool = False, model: str = "translator") -> int:
    """Write one run to `out`: the translator's on `sentence` and its translation, or next-word's on `sentence`.

    Returns how many arrays. Keys are trace paths. With `gradients`, 'gradient:' + path holds d loss / d value and
    'gradient:parameters.' + name that of each parameter, whose value is under 'parameters.' + name.
    """
    import numpy
    import torch

    from model.gradients import gradients as send_back
    from model.trace import named_values

    network, inputs, tokens = _inputs(models, sentence, model)
    with torch.enable_grad() if gradients else torch.no_grad():
        trace = network(**inputs)
    arrays = {path: value.detach().numpy() for path, value in named_values(trace)}
    if gradients:
        assert trace.loss is not None
        found = send_back(trace, trace.loss, network)
        arrays |= {f"gradient:{path}": gradient.numpy() for path, gradient in found.values.items()}
        arrays |= {f"gradient:parameters.{name}": gradient.numpy() for name, gradient in found.parameters.items()}
        arrays |= {f"parameters.{name}": value.detach().numpy() for name, value in network.named_parameters()}
    arrays |= {name: numpy.array(shown) for name, shown in tokens.items()}
    try:
        with out.open("wb") as file:
            numpy.savez_compressed(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise LearnerError(f"{out}: cannot be written ({error.strerror}); name another file with --out") from error
    return len(arrays)


def _inputs(
    models: Models, sentence: str, model: str
) -> tuple[Transformer, dict[str, Tensor], dict[str, tuple[str, ...]]]:
    """The network, what it is given, and the tokens by name."""
    import torch

    from model.tokenizer import END, START

    if model == "translator":
        reading = models.read(sentence)
        given = {"source": reading.source, "target": reading.target, "labels": reading.labels}
        return models.model, given, {"source_tokens": reading.source_tokens, "target_tokens": reading.target_tokens}
    ids = models.text_ids(sentence)
    given = {"target": torch.tensor([[START, *ids]]), "labels": torch.tensor([[*ids, END]])}
    return models.predictor, given, {"target_tokens": models.show([*ids, END], models.next_word.tokenizer)}
