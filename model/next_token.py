"""What comes next: the distribution over the vocabulary after one prefix or several, as they grow.

Shapes: B batch, S source tokens, T target tokens so far, C d_model, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from model.edits import Edit, Edits, Scope
from model.errors import EditError, InputError
from model.tokenizer import START
from model.trace import Trace
from model.transformer import Transformer

if TYPE_CHECKING:
    from model.checkpoint import Network
    from model.recurrent import RecurrentTrace


class Remembered(Scope):
    """A scope with the keys and values of what was read before, put before those of what is read now.

    No key and no value in a decoder depends on anything that comes later, so that reading the newest token alone
    gives the same output as reading everything again.
    """

    __slots__ = ("kept",)

    def __init__(self, edits: Edits, prefix: str = "", kept: dict[str, Tensor] | None = None) -> None:
        super().__init__(edits, prefix)
        self.kept: dict[str, Tensor] = {} if kept is None else kept

    def at(self, name: str) -> Remembered:
        """The same memory one level further down."""
        return Remembered(self.edits, f"{self.prefix}{name}.", self.kept)

    def __call__(self, name: str, value: Tensor, before: Tensor | None = None) -> Tensor:
        value = super().__call__(name, value, before)
        if name not in ("key", "value"):
            return value
        path = self.prefix + name
        if path in self.kept:
            value = torch.cat([self.kept[path], value], dim=2) if value.size(2) else self.kept[path]  # (B, H, T, D)
        self.kept[path] = value
        return value

    def follow(self, parents: Tensor) -> None:
        """Let row i continue what was row `parents[i]`; all rows look at the same source."""
        for path, value in self.kept.items():
            if "cross_attention" not in path:
                self.kept[path] = value[parents]


class NextToken:
    """ln p of every token as the next one, for one source (or none) and prefixes that grow token by token.

    With edits in the decoder that may let a position see what comes later it reads each prefix again as a whole;
    traced, the encoder runs again too, so that each trace is one complete run.
    """

    def __init__(
        self, model: Network, source: Tensor | None, prompt: Tensor | None, edits: Iterable[Edit], *, traced: bool
    ) -> None:
        """Encode `source` (B, S). `prompt` (B, T) is what the decoder begins with, by default the start mark."""
        if prompt is None:
            start = next(model.parameters()).new_full((1, 1), START, dtype=torch.long)
            prompt = start if source is None else start.expand(source.size(0), -1)
        if bool((prompt == model.config.pad_id).any()):
            raise InputError("prompts that are continued together must have the same number of tokens")
        self.model, self.source, self.prompt, self.traced = model, source, prompt, traced
        self.edits = Edits()
        if isinstance(model, Transformer):
            model.check_inputs(source, prompt)
            self.edits = model.edits(edits, growing=True)
        elif list(edits):
            raise EditError("a recurrent model cannot be edited; only a Transformer can")
        self.remembered = Remembered(self.edits) if self.edits.step_by_step else None
        self.memory: Tensor | None = None  # (B, S, C)
        self.state: Tensor | None = None  # (B, W), a recurrent writer's after what it has read
        if source is not None and not traced:
            self.memory = self._encode(source)

    def limit(self, asked: int | None) -> int:
        """How many tokens to write: as many as `asked` or, by default, generously many within what the model reads."""
        room = self.model.config.max_tokens - self.prompt.size(1)
        if asked is None:
            asked = room if self.source is None else min(room, 2 * self.source.size(1) + 10)
        if asked < 1:
            raise InputError(f"there must be room for at least one new token: got {asked}; shorten the prompt")
        return asked

    def __call__(self, written: Tensor, parents: Tensor | None = None) -> tuple[Tensor, Trace | RecurrentTrace | None]:
        """ln p of what may follow each row of `written`, (B, T) -> (B, V), and the trace, if traced.

        Each call's rows are those of the call before with one token more. Row i continues row `parents[i]` or,
        without `parents`, itself.
        """
        rows = written.size(0)
        source = self.source.expand(rows, -1) if self.source is not None else None
        memory = self.memory.expand(rows, -1, -1) if self.memory is not None else None
        if self.traced:
            trace = self._trace(source, written)
            logits = trace.logits
        else:
            trace = None
            logits = self._logits(written, source, memory, parents)
        return logits[:, -1].log_softmax(dim=-1), trace

    @torch.inference_mode()
    def _encode(self, source: Tensor) -> Tensor:
        if isinstance(self.model, Transformer):
            return self.model.encode(source, Scope(self.edits)).output
        return self.model.encode(source).output

    @torch.no_grad()
    def _trace(self, source: Tensor | None, written: Tensor) -> Trace | RecurrentTrace:
        trace: Trace | RecurrentTrace
        if isinstance(self.model, Transformer):
            trace = self.model(source, written, edits=self.edits)
        else:
            trace = self.model(source, written)
        return trace

    @torch.inference_mode()
    def _logits(self, written: Tensor, source: Tensor | None, memory: Tensor | None, parents: Tensor | None) -> Tensor:
        model = self.model
        if not isinstance(model, Transformer):
            assert source is not None and memory is not None
            if self.state is not None:  # all that it knows of what it wrote: only the newest token is left to read
                self.state = self.state[parents] if parents is not None else self.state
                written = written[:, -1:]
            writer = model.decode(written, source, memory, self.state)
            self.state = writer.unit.state[:, -1]
            return model.score_vocabulary(writer.output[:, -1:])
        if self.remembered is None:
            scope = Scope(self.edits)
            output = model.decode(written, source, memory, scope).output
            if "logits" not in self.edits.by_path:
                output = output[:, -1:]
            return scope("logits", model.score_vocabulary(output))
        start, memory = 0, self.memory
        if self.remembered.kept:
            if parents is not None:
                self.remembered.follow(parents)
            start = written.size(1) - 1
            memory = memory[:, :0] if memory is not None else None  # its keys and values are remembered
        stack = model.decode(written, self.source, memory, self.remembered, start)
        return model.score_vocabulary(stack.output[:, -1:])
