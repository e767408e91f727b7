"""Recurrent translators: a GRU encoder-decoder with one fixed context vector, and the same with attention.

What came before the Transformer. Both read the source with a bidirectional GRU and write with another; they
differ in one line. Without attention the writer sees the same summary of the sentence at every step (Cho et
al. 2014); with it, a fresh weighted sum of all the reader's states (Bahdanau et al. 2015).

Shapes: B batch, S source tokens, T target tokens, E d_embedding, R d_reader (one direction), W d_writer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.errors import ConfigurationError, InputError
from model.trace import axes, optional, part


@dataclass(frozen=True)
class RecurrentConfig:
    """Everything needed to build a `RecurrentTranslator`; saved beside its weights."""

    vocabulary_size: int
    attention: bool
    """Whether the writer attends to all states of the reader or gets its two last ones."""
    d_embedding: int = 256
    d_reader: int = 384
    """Size of the reader's state, in each direction."""
    d_writer: int = 640
    d_attention: int = 256
    max_tokens: int = 128
    dropout: float = 0.2
    pad_id: int = 0

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "d_embedding", "d_reader", "d_writer", "d_attention", "max_tokens"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1: got {getattr(self, name)}")


@dataclass(frozen=True, eq=False, kw_only=True)
class GruTrace:
    """A gated recurrent unit's way along a sequence."""

    reset: Tensor = axes("batch token d_state", "Reset gate: how much of the old state the candidate may use.")
    update: Tensor = axes("batch token d_state", "Update gate: how much of the old state is kept.")
    candidate: Tensor = axes("batch token d_state", "What the new state would be if nothing were kept.")
    state: Tensor = axes("batch token d_state", "The state after each token.")


@dataclass(frozen=True, eq=False, kw_only=True)
class ReaderTrace:
    """The encoder: the source read in both directions."""

    tokens: Tensor = axes("batch source", "Ids of the tokens read.")
    embedding: Tensor = axes("batch source d_embedding", "Each token's row of the embedding table.")
    left_to_right: GruTrace = part(GruTrace)
    right_to_left: GruTrace = part(GruTrace)
    output: Tensor = axes("batch source d_states", "Both states of each token, side by side.")


@dataclass(frozen=True, eq=False, kw_only=True)
class WriterTrace:
    """The decoder. Scores and weights exist only with attention."""

    tokens: Tensor = axes("batch target", "Ids of the tokens written so far.")
    embedding: Tensor = axes("batch target d_embedding", "Each token's row of the embedding table.")
    start: Tensor = axes("batch d_state", "The state before the first token, made from the reader's two last states.")
    scores: Tensor | None = optional("batch target source", "Additive score of each source token, step by step.")
    weights: Tensor | None = optional("batch target source", "Softmax of the scores: each row sums to 1 over source.")
    context: Tensor = axes("batch target d_states", "What the writer sees of the source at each step.")
    unit: GruTrace = part(GruTrace)
    output: Tensor = axes("batch target d_embedding", "What is compared with the embedding table.")


@dataclass(frozen=True, eq=False, kw_only=True)
class RecurrentTrace:
    """One forward pass of a recurrent translator."""

    encoder: ReaderTrace = part(ReaderTrace)
    decoder: WriterTrace = part(WriterTrace)
    logits: Tensor = axes("batch target vocabulary", "Score of every vocabulary entry as this position's output.")
    probabilities: Tensor = axes("batch target vocabulary", "Softmax of the logits: each row sums to 1.")
    token_losses: Tensor | None = optional("batch target", "-ln of the probability given to each right token, in nats.")
    loss: Tensor | None = optional("", "Mean of the token losses, padding left out, in nats.")


class GatedRecurrentUnit(nn.Module):
    """One GRU (Cho et al. 2014, in the form of `nn.GRU`): a state that each input rewrites in part."""

    def __init__(self, d_input: int, d_state: int) -> None:
        super().__init__()
        self.from_input = nn.Linear(d_input, 3 * d_state)
        self.from_state = nn.Linear(d_state, 3 * d_state)

    def step(self, projected: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Reset gate, update gate, candidate and new state, each (B, W).

        `projected` (B, 3W) is `from_input` of this step's input, `state` (B, W) the state before it.
        """
        # Under mixed precision the products come in half precision; the state, which adds up, must not.
        input_reset, input_update, input_candidate = projected.to(state.dtype).chunk(3, dim=-1)
        state_reset, state_update, state_candidate = self.from_state(state).to(state.dtype).chunk(3, dim=-1)
        reset = (input_reset + state_reset).sigmoid()
        update = (input_update + state_update).sigmoid()
        candidate = (input_candidate + reset * state_candidate).tanh()
        return reset, update, candidate, candidate + update * (state - candidate)

    def forward(self, inputs: Tensor, real: Tensor, *, backwards: bool = False) -> GruTrace:
        """Read `inputs` (B, S, E) from the zero state; where `real` (B, S) is False the state stays as it was."""
        projected = self.from_input(inputs)  # (B, S, 3R)
        state = inputs.new_zeros(inputs.size(0), self.from_state.in_features)
        steps = []
        order = range(inputs.size(1))
        for at in reversed(order) if backwards else order:
            reset, update, candidate, reached = self.step(projected[:, at], state)
            state = torch.where(real[:, at : at + 1], reached, state)
            steps.append((reset, update, candidate, state))
        return stack_steps(steps[::-1] if backwards else steps)


def stack_steps(steps: list[tuple[Tensor, Tensor, Tensor, Tensor]]) -> GruTrace:
    """The steps of one unit as tensors over (B, T, W)."""
    reset, update, candidate, state = (torch.stack(values, dim=1) for values in zip(*steps, strict=True))
    return GruTrace(reset=reset, update=update, candidate=candidate, state=state)


class AdditiveAttention(nn.Module):
    """Scores by a small network, not by a dot product: v · tanh(W state + U memory) (Bahdanau et al. 2015)."""

    def __init__(self, d_state: int, d_memory: int, d_attention: int) -> None:
        super().__init__()
        self.w_state = nn.Linear(d_state, d_attention, bias=False)
        self.w_memory = nn.Linear(d_memory, d_attention, bias=False)
        self.w_score = nn.Linear(d_attention, 1, bias=False)

    def forward(self, state: Tensor, keys: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Scores and weights, (B, S), of `keys` (B, S, A) = `w_memory` of the memory, for one `state` (B, W)."""
        scores = self.w_score((self.w_state(state).unsqueeze(1) + keys).tanh()).squeeze(-1)  # (B, S)
        scores = scores.masked_fill(~real, float("-inf"))
        return scores, scores.softmax(dim=-1)


class RecurrentTranslator(nn.Module):
    """Reads with a bidirectional GRU, writes with a GRU; one embedding table for everything, as in `Transformer`."""

    def __init__(self, config: RecurrentConfig) -> None:
        super().__init__()
        self.config = config
        d_states = 2 * config.d_reader
        self.embedding = nn.Embedding(config.vocabulary_size, config.d_embedding)
        self.left_to_right = GatedRecurrentUnit(config.d_embedding, config.d_reader)
        self.right_to_left = GatedRecurrentUnit(config.d_embedding, config.d_reader)
        self.start = nn.Linear(d_states, config.d_writer)
        self.attention = AdditiveAttention(config.d_writer, d_states, config.d_attention) if config.attention else None
        self.writer = GatedRecurrentUnit(config.d_embedding + d_states, config.d_writer)
        self.output = nn.Linear(config.d_writer + d_states + config.d_embedding, config.d_embedding)
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.embedding.weight, std=config.d_embedding**-0.5)

    def forward(self, source: Tensor, target: Tensor, labels: Tensor | None = None) -> RecurrentTrace:
        """Read `source` (B, S), write along `target` (B, T) and keep everything; with `labels` (B, T) the loss too."""
        encoder = self.encode(source)
        decoder = self.decode(target, source, encoder.output)
        logits = self.score_vocabulary(decoder.output)
        token_losses = loss = None
        if labels is not None:
            token_losses = functional.cross_entropy(
                logits.transpose(1, 2), labels, ignore_index=self.config.pad_id, reduction="none"
            )
            loss = token_losses.sum() / (labels != self.config.pad_id).sum()
        return RecurrentTrace(
            encoder=encoder,
            decoder=decoder,
            logits=logits,
            probabilities=logits.softmax(dim=-1),
            token_losses=token_losses,
            loss=loss,
        )

    def encode(self, source: Tensor) -> ReaderTrace:
        """Read the source (B, S) in both directions."""
        self._check(source)
        embedding = self._embed(source)
        inputs, real = self.dropout(embedding), source != self.config.pad_id
        there, back = self.left_to_right(inputs, real), self.right_to_left(inputs, real, backwards=True)
        return ReaderTrace(
            tokens=source,
            embedding=embedding,
            left_to_right=there,
            right_to_left=back,
            output=torch.cat([there.state, back.state], dim=-1),  # (B, S, 2R)
        )

    def decode(self, target: Tensor, source: Tensor, memory: Tensor, state: Tensor | None = None) -> WriterTrace:
        """Write along `target` (B, T), given the reader's states `memory` (B, S, 2R) of `source` (B, S).

        `state` (B, W) is that after the tokens before `target`; without it, `target` is where the writing begins.
        """
        self._check(target)
        embedding = self._embed(target)
        inputs, real = self.dropout(embedding), source != self.config.pad_id
        # The state after the last word and, read backwards, after the first: all that a fixed context knows.
        last, first = memory[:, -1].chunk(2, dim=-1)[0], memory[:, 0].chunk(2, dim=-1)[1]
        context = torch.cat([last, first], dim=-1)  # (B, 2R)
        start = self.start(context).to(inputs.dtype).tanh() if state is None else state
        state = start
        keys = self.attention.w_memory(memory) if self.attention is not None else None
        looks, contexts, steps = [], [], []
        for at in range(target.size(1)):
            if self.attention is not None and keys is not None:
                looks.append(self.attention(state, keys, real))
                context = (looks[-1][1].unsqueeze(1) @ memory).squeeze(1)  # (B, 2R)
            steps.append(self.writer.step(self.writer.from_input(torch.cat([inputs[:, at], context], -1)), state))
            state = steps[-1][3]
            contexts.append(context)
        unit, seen = stack_steps(steps), torch.stack(contexts, dim=1)
        scores, weights = (torch.stack(kind, dim=1) for kind in zip(*looks, strict=True)) if looks else (None, None)
        output = self.output(self.dropout(torch.cat([unit.state, seen, inputs], dim=-1)))
        return WriterTrace(
            tokens=target,
            embedding=embedding,
            start=start,
            scores=scores,
            weights=weights,
            context=seen,
            unit=unit,
            output=output,
        )

    def score_vocabulary(self, x: Tensor) -> Tensor:
        """Logits: the dot product of each output vector (B, T, E) with each row of the embedding table."""
        return functional.linear(x, self.embedding.weight)

    def _embed(self, tokens: Tensor) -> Tensor:
        found: Tensor = self.embedding(tokens) * self.config.d_embedding**0.5
        return found

    def _check(self, tokens: Tensor) -> None:
        if tokens.size(1) > self.config.max_tokens:
            raise InputError(
                f"that is {tokens.size(1)} tokens and the model reads {self.config.max_tokens}; shorten it"
            )
