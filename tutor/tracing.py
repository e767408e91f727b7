"""`trace --out`: every named value of one run, and every gradient, in one NumPy file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from torch import Tensor

    from model.transformer import Transformer
    from tutor.experiments.models import Models


OWN, TRANSFORMERLENS = "own", "transformerlens"
"""By which names the arrays are called."""


def trace_names(models: Models, model: str = "translator", names: str = OWN) -> list[tuple[str, str, str]]:
    """(name, axes, what it is) of every value in this model's traces, in the order computed."""
    from model.trace import trace_paths

    network = models.predictor if model == "next-word" else models.model
    called = _Names(network, names)
    return [(called.name(i.path), " ".join(called.axes(i.path, i.axes)), i.means) for i in trace_paths(network.config)]


class _Names:
    """How the values of this network are called and laid out."""

    def __init__(self, network: Transformer, names: str) -> None:
        from model.other_names import OtherName, transformerlens

        both = network.encoder is not None and network.decoder is not None
        self._of = (lambda path: transformerlens(path, both_stacks=both)) if names == TRANSFORMERLENS else OtherName

    def name(self, path: str) -> str:
        return self._of(path).name

    def axes(self, path: str, axes: tuple[str, ...]) -> tuple[str, ...]:
        """The names of the axes in their order there."""
        order = self._of(path).axes
        return tuple(axes[place] for place in order) if order else axes

    def placed(self, path: str, value: Tensor) -> Tensor:
        """The value with its axes in their order there."""
        order = self._of(path).axes
        return value.permute(order) if order else value


def save_trace(
    models: Models,
    sentence: str,
    out: Path,
    *,
    gradients: bool = False,
    model: str = "translator",
    names: str = OWN,
) -> int:
    """Write one run to `out`: the translator's on `sentence` and its translation, or next-word's on `sentence`.

    Returns how many arrays. Keys are trace paths, or with `names` what TransformerLens calls them. With `gradients`,
    'gradient:' + key holds d loss / d value and 'gradient:parameters.' + name that of each parameter, whose value is
    under 'parameters.' + name.
    """
    import numpy
    import torch

    from model.gradients import gradients as send_back
    from model.trace import named_values

    network, inputs, tokens = _inputs(models, sentence, model)
    with torch.enable_grad() if gradients else torch.no_grad():
        trace = network(**inputs)
    called = _Names(network, names)
    arrays = {called.name(path): called.placed(path, value.detach()).numpy() for path, value in named_values(trace)}
    if gradients:
        assert trace.loss is not None
        found = send_back(trace, trace.loss, network)
        arrays |= {
            f"gradient:{called.name(path)}": called.placed(path, slope).numpy() for path, slope in found.values.items()
        }
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
