"""The bundled models as experiments see them: loaded when first needed, and one sentence run and kept."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import LearnerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from torch import Tensor

    from model.checkpoint import Checkpoint
    from model.edits import Edit
    from model.recurrent import RecurrentTranslator
    from model.tokenizer import SubwordTokenizer
    from model.trace import StackTrace, Trace
    from model.transformer import Transformer

END_MARK = "‹end›"
START_ID = 1
SPARE_TOKENS = 3
"""Tokens beyond the translation's own length that a spoilt model may write: that it rambles shows by then."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A sentence, the model's own translation of it, and the forward pass that holds both.

    The decoder reads the start mark and the translation; the labels are the translation and the end mark.
    """

    sentence: str
    source_ids: tuple[int, ...]
    target_ids: tuple[int, ...]
    """The translation, ending in the end mark unless it was cut off."""
    source: Tensor
    target: Tensor
    labels: Tensor
    source_tokens: tuple[str, ...]
    input_tokens: tuple[str, ...]
    """The decoder's input: the start mark and the translation."""
    target_tokens: tuple[str, ...]
    """The token written at each of those positions."""
    translation: str
    trace: Trace


@dataclass(frozen=True, eq=False)
class Moment:
    """A small translator as it was after so many steps of training; it shares the translator's tokenizer."""

    step: int
    network: Transformer

    def read(self, source: Tensor, target_ids: Sequence[int]) -> Trace:
        """One pass over `source` (1, S) and a translation that ends in the end mark."""
        import torch

        from model.tokenizer import START

        target, labels = torch.tensor([[START, *target_ids[:-1]]]), torch.tensor([list(target_ids)])
        with torch.no_grad():
            trace: Trace = self.network(source, target, labels)
        return trace


class Models:
    """Lazily loaded checkpoints. Importing this module does not import torch; `warm_up` does."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.touched = False
        """Whether an edit that stands in the translator was made since."""

    @functools.cached_property
    def translator(self) -> Checkpoint:
        """The English to French model. Raises `model.errors.CheckpointError` if its files are not in order."""
        return self._load("translator")

    def _load(self, name: str) -> Checkpoint:
        import torch

        from model.checkpoint import BUNDLED, load_checkpoint

        torch.set_num_threads(1)  # on matrices this small a second thread mostly waits for the first
        return load_checkpoint(name, self._folder or BUNDLED)

    @functools.cached_property
    def untrained(self) -> Transformer:
        """The translator's twin with random weights, always the same ones: what it knew before training."""
        import torch

        from model.transformer import Transformer

        with torch.random.fork_rng():
            torch.manual_seed(0)
            return Transformer(self.model.config).eval()

    @functools.cached_property
    def exact(self) -> Transformer:
        """The translator in float64, for slopes too small for float32."""
        from copy import deepcopy

        return deepcopy(self.model).double()

    @functools.cached_property
    def whole_words(self) -> tuple[int, ...]:
        """Ids of the English model's tokens that are words of at least three letters."""
        shown = self.next_word.tokenizer.tokens(range(self.next_word.tokenizer.size))
        return tuple(t.id for t in shown if t.starts_word and t.text.isalpha() and len(t.text) > 2)

    def encode(self, source: Tensor, edits: Sequence[Edit] = ()) -> StackTrace:
        """The encoder alone."""
        import torch

        from model.edits import Scope

        with torch.no_grad():
            return self.model.encode(source, Scope(self.model.edits(edits)))

    def run_untrained(self, reading: Reading) -> Trace:
        """The same source and target through the untrained twin."""
        import torch

        with torch.no_grad():
            trace: Trace = self.untrained(reading.source, reading.target)
        return trace

    @property
    def model(self) -> Transformer:
        """The translator's network."""
        return _transformer(self.translator)

    @functools.cached_property
    def next_word(self) -> Checkpoint:
        """The English model that goes on with a text."""
        return self._load("next-word")

    @property
    def predictor(self) -> Transformer:
        """The English model's network."""
        return _transformer(self.next_word)

    @functools.cached_property
    def recurrent(self) -> RecurrentTranslator:
        """The translator of two GRUs whose writer sees one fixed vector; it shares the translator's tokenizer."""
        return _recurrent(self._load("recurrent"))

    @functools.cached_property
    def recurrent_attention(self) -> RecurrentTranslator:
        """The same with additive attention over all of the reader's states."""
        return _recurrent(self._load("recurrent-attention"))

    @functools.cached_property
    def moments(self) -> tuple[Moment, ...]:
        """A small translator through its training, the untrained one first."""
        from model.checkpoint import BUNDLED
        from model.errors import CheckpointError

        folder = self._folder or BUNDLED
        loaded = [
            self._load(path.relative_to(folder).as_posix()) for path in sorted((folder / "snapshots").glob("step-*"))
        ]
        if not loaded:
            raise CheckpointError(f"{folder / 'snapshots'}: holds no step of a training; put back what came with it")
        try:
            return tuple(Moment(int(checkpoint.about["step"]), _transformer(checkpoint)) for checkpoint in loaded)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"{folder / 'snapshots'}: a config.json tells no step; put it back") from error

    @property
    def tokenizer(self) -> SubwordTokenizer:
        """The translator's tokenizer."""
        return self.translator.tokenizer

    def warm_up(self) -> None:
        """Import torch, load the weights, and do once what is slow only the first time."""
        import torch

        from model.gradients import gradients

        reading = self.read("Hello.")
        _ = self.exact, self.untrained, self.whole_words
        with torch.enable_grad():
            trace = self.model(reading.source, reading.target, reading.labels)
        gradients(trace, trace.loss, self.model)

    def load_rest(self) -> None:
        """Load what only few runs need, so that the first of them need not wait for it."""
        _ = self.recurrent, self.recurrent_attention, self.moments

    def source_ids(self, sentence: str) -> tuple[int, ...]:
        """Token ids with the end mark. Raises `LearnerError` when the sentence is longer than the model reads."""
        from model.tokenizer import END

        return (*_ids_that_fit(self.translator, sentence, marks=1), END)

    def text_ids(self, text: str) -> list[int]:
        """The English model's token ids of `text`. Raises `LearnerError` when it is longer than the model reads."""
        return _ids_that_fit(self.next_word, text, marks=1)

    @functools.lru_cache(maxsize=8)  # noqa: B019 - one Models lives as long as the program
    def read(self, sentence: str) -> Reading:
        """Translate `sentence` greedily and run the model once over sentence and translation."""
        return self.read_ids(sentence, self.source_ids(sentence))

    def read_ids(self, sentence: str, source_ids: Sequence[int]) -> Reading:
        """Like `read`, for a source given as ids."""
        import torch

        from model.generation import greedy

        target = greedy(self.model, torch.tensor([list(source_ids)]))[0].ids
        return self.read_pair(sentence, source_ids, target)

    def read_beam(self, sentence: str, width: int) -> Reading:
        """Like `read`, with the translation found by beam search."""
        import torch

        from model.generation import beam_search

        source = self.source_ids(sentence)
        return self.read_pair(sentence, source, beam_search(self.model, torch.tensor([source]), width)[0].ids)

    def read_with_target(self, sentence: str, french: str) -> Reading:
        """Run the model over `sentence` and a translation that somebody else gives. Raises `LearnerError`."""
        from model.tokenizer import END

        return self.read_pair(sentence, self.source_ids(sentence), (*self.source_ids(french)[:-1], END))

    def read_pair(self, sentence: str, source_ids: Sequence[int], target_ids: Sequence[int]) -> Reading:
        """Run the model over a source and a target that are given as ids."""
        import torch

        from model.tokenizer import START

        source = torch.tensor([list(source_ids)])
        target = torch.tensor([[START, *target_ids[:-1]]])
        labels = torch.tensor([list(target_ids)])
        with torch.no_grad():
            trace = self.model(source, target, labels)
        return Reading(
            sentence=sentence,
            source_ids=tuple(source_ids),
            target_ids=tuple(target_ids),
            source=source,
            target=target,
            labels=labels,
            source_tokens=self.show(source_ids),
            input_tokens=self.show(target[0].tolist()),
            target_tokens=self.show(target_ids),
            translation=self.tokenizer.decode(target_ids),
            trace=trace,
        )

    def edited(self, reading: Reading, edits: Iterable[Edit]) -> Trace:
        """The same source and target through the model with something changed."""
        import torch

        with torch.no_grad():
            trace: Trace = self.model(reading.source, reading.target, reading.labels, edits)
        return trace

    def altered(self, edits: Iterable[Edit]) -> Models:
        """The same models, but that these edits stand in the translator whatever is run. Notes in `touched` whether
        one of them ever had anything to do."""
        from dataclasses import replace

        other = Models(self._folder)
        kept = {name: value for name, value in vars(self).items() if name not in ("exact", "translator", "touched")}
        vars(other).update(kept)
        standing = [replace(edit, change=other._noting(edit.change)) for edit in edits]
        vars(other)["translator"] = replace(self.translator, model=self.model.altered(standing))
        return other

    def _noting(self, change: Callable[[Tensor, Tensor | None], Tensor]) -> Callable[[Tensor, Tensor | None], Tensor]:
        def noted(value: Tensor, before: Tensor | None) -> Tensor:
            self.touched = True
            return change(value, before)

        return noted

    def translate_edited(self, reading: Reading, edits: Sequence[Edit], logits: Tensor | None = None) -> str:
        """What the model writes when it must do with the edits from the first token on, up to `SPARE_TOKENS` more.

        `logits` (T, V), where they are known, are those of a run with these edits over the same source and target.
        """
        from model.generation import greedy, rewrite

        limit = len(reading.target_ids) + SPARE_TOKENS
        if logits is None:
            ids = greedy(self.model, reading.source, limit, edits)[0].ids
        else:
            ids = rewrite(self.model, reading.source, reading.target_ids, logits, limit, edits)
        return self.tokenizer.decode(ids)

    def show(self, ids: Iterable[int], tokenizer: SubwordTokenizer | None = None) -> tuple[str, ...]:
        """How to show these tokens, the translator's where no other tokenizer is given."""
        return tuple(token.text for token in (tokenizer or self.tokenizer).tokens(ids))


def _ids_that_fit(checkpoint: Checkpoint, text: str, marks: int) -> list[int]:
    from model.errors import InputError

    try:
        ids = checkpoint.tokenizer.encode(text)
    except InputError as error:
        raise LearnerError(str(error)) from error
    count, longest = len(ids) + marks, checkpoint.model.config.max_tokens
    if count > longest:
        raise LearnerError(
            f"That sentence is {count} tokens long and the model reads {longest}; shorten it or split it."
        )
    return ids


def _transformer(checkpoint: Checkpoint) -> Transformer:
    from model.errors import CheckpointError
    from model.transformer import Transformer

    if not isinstance(checkpoint.model, Transformer):
        raise CheckpointError(f"{checkpoint.name}: holds no Transformer; put the right checkpoint there")
    return checkpoint.model


def _recurrent(checkpoint: Checkpoint) -> RecurrentTranslator:
    from model.errors import CheckpointError
    from model.recurrent import RecurrentTranslator

    if not isinstance(checkpoint.model, RecurrentTranslator):
        raise CheckpointError(f"{checkpoint.name}: holds no recurrent network; put the right checkpoint there")
    return checkpoint.model
