"""The Transformer: encoder, decoder, or both, from token ids to probabilities, every value kept.

Shapes: B batch, S source tokens, T target tokens, C d_model, V vocabulary.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

from model.config import TransformerConfig
from model.edits import Edit, Edits, Scope
from model.errors import InputError
from model.layers import Block, sinusoidal_positions
from model.trace import StackTrace, Trace


class Stack(nn.Module):
    """Positions, blocks and a last normalisation: an encoder, or with `causal` a decoder."""

    def __init__(self, config: TransformerConfig, layers: int, *, causal: bool, cross: bool) -> None:
        super().__init__()
        self.causal = causal
        self.pad_id = config.pad_id
        self.max_tokens = config.max_tokens
        self.scale = math.sqrt(config.d_model)
        self.blocks = nn.ModuleList(Block(config, cross=cross) for _ in range(layers))
        self.norm = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.positions: Tensor
        self.register_buffer("positions", sinusoidal_positions(config.max_tokens, config.d_model), persistent=False)

    def forward(
        self,
        tokens: Tensor,
        table: nn.Embedding,
        edits: Scope,
        memory: Tensor | None = None,
        memory_allowed: Tensor | None = None,
        start: int = 0,
    ) -> StackTrace:
        """Read `tokens` (B, T). Raises `InputError` past `max_tokens`.

        With `start`, only the tokens from there on are computed; `edits` must then supply the keys and values of
        those before, as `generation.Remembered` does.
        """
        if tokens.size(1) > self.max_tokens:
            raise InputError(f"that is {tokens.size(1)} tokens and the model reads {self.max_tokens}; shorten it")
        # The table starts with small entries; √C brings them to the size of the position signal.
        embedding = edits("embedding", table(tokens[:, start:]) * self.scale)  # (B, T, C)
        signal = self.positions[start : tokens.size(1)].to(embedding.dtype).expand_as(embedding)
        if torch.is_grad_enabled() and not self.training:
            signal = signal.clone().requires_grad_()  # a constant, but learners ask for its gradient too
        positions = edits("positions", signal)  # (B, T, C)
        beginning = edits("input", embedding + positions, embedding)

        allowed = self.may_look_at(tokens)[..., start:, :]
        x = self.dropout(beginning)
        blocks = []
        for index, block in enumerate(self.blocks):
            blocks.append(block(x, allowed, memory, memory_allowed, edits.at(f"blocks.{index}")))
            x = blocks[-1].residual_feed_forward
        return StackTrace(
            tokens=tokens[:, start:],
            embedding=embedding,
            positions=positions,
            input=beginning,
            blocks=tuple(blocks),
            output=edits("output", self.norm(x), x),
        )

    def may_look_at(self, tokens: Tensor) -> Tensor:
        """Who may look at whom, (B, 1, 1 or T, T): never at padding and, when causal, never ahead."""
        allowed = (tokens != self.pad_id)[:, None, None, :]  # (B, 1, 1, T)
        if self.causal:
            length = tokens.size(1)
            allowed = allowed & torch.ones(length, length, dtype=torch.bool, device=tokens.device).tril()
        return allowed


class Transformer(nn.Module):
    """One class for encoder-only, decoder-only and encoder-decoder models (Vaswani et al. 2017).

    Pre-norm, sinusoidal positions, one embedding table shared by source, target and output layer
    (Press and Wolf 2017).
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        self.standing: tuple[Edit, ...] = ()
        """Edits that are made in every pass; `altered` adds to them."""
        self.embedding = nn.Embedding(config.vocabulary_size, config.d_model)
        self.encoder = (
            Stack(config, config.encoder_layers, causal=False, cross=False) if config.encoder_layers else None
        )
        self.decoder = (
            Stack(config, config.decoder_layers, causal=True, cross=bool(config.encoder_layers))
            if config.decoder_layers
            else None
        )
        self.apply(_initialise)

    def forward(
        self,
        source: Tensor | None = None,
        target: Tensor | None = None,
        labels: Tensor | None = None,
        edits: Iterable[Edit] | Edits = (),
    ) -> Trace:
        """Run the model and keep everything.

        `source` (B, S) goes to the encoder, `target` (B, T) to the decoder; each must be given exactly
        when the model has that stack. With `labels` (B, T), the right token at each output position, the
        trace also holds the loss. Raises `InputError` for missing or overlong input and `EditError` for
        an edit that names or changes nothing; who runs the same `Edits` several times checks that afterwards.
        """
        self.check_inputs(source, target)
        applied = edits if isinstance(edits, Edits) else self.edits(edits)
        scope = Scope(applied)
        encoder = self.encode(source, scope) if source is not None else None
        memory = encoder.output if encoder is not None else None
        decoder = self.decode(target, source, memory, scope) if target is not None else None
        last = decoder or encoder
        assert last is not None
        logits = scope("logits", self.score_vocabulary(last.output))  # (B, T, V)
        token_losses = loss = None
        if labels is not None:
            token_losses = scope(
                "token_losses",
                functional.cross_entropy(
                    logits.transpose(1, 2), labels, ignore_index=self.config.pad_id, reduction="none"
                ),
            )  # (B, T)
            loss = scope("loss", token_losses.sum() / (labels != self.config.pad_id).sum())
        trace = Trace(
            encoder=encoder,
            decoder=decoder,
            logits=logits,
            probabilities=scope("probabilities", logits.softmax(dim=-1)),
            token_losses=token_losses,
            loss=loss,
        )
        if applied is not edits:
            applied.check_effective()
        return trace

    def edits(self, edits: Iterable[Edit] = (), *, growing: bool = False) -> Edits:
        """These edits and those that stand, checked, for one pass or (`growing`) for as many as a sequence takes."""
        return Edits.of(edits, self.config, growing=growing, standing=self.standing)

    def altered(self, edits: Iterable[Edit]) -> Transformer:
        """A model with the same weights in which these edits stand: they are made in every pass, unasked."""
        other = copy.copy(self)  # parameters and blocks are shared
        other.standing = (*self.standing, *edits)
        return other

    def encode(self, source: Tensor, edits: Scope | None = None) -> StackTrace:
        """Read the source (B, S): one vector a token comes out, not one a sentence."""
        assert self.encoder is not None
        found: StackTrace = self.encoder(source, self.embedding, (edits or Scope(self.edits())).at("encoder"))
        return found

    def decode(
        self,
        target: Tensor,
        source: Tensor | None,
        memory: Tensor | None,
        edits: Scope | None = None,
        start: int = 0,
    ) -> StackTrace:
        """Read the target so far (B, T), looking at `memory` (B, S, C), the encoder's output for `source`."""
        assert self.decoder is not None
        seen = self.encoder.may_look_at(source) if self.encoder is not None and source is not None else None
        scope = (edits or Scope(self.edits())).at("decoder")
        found: StackTrace = self.decoder(target, self.embedding, scope, memory, seen, start)
        return found

    def score_vocabulary(self, x: Tensor) -> Tensor:
        """Logits: the dot product of each output vector (B, T, C) with each row of the embedding table."""
        return functional.linear(x, self.embedding.weight)  # (B, T, V)

    def check_inputs(self, source: Tensor | None, target: Tensor | None) -> None:
        """Raise `InputError` unless there are tokens for each stack, and for no other."""
        for name, given, stack in (("source", source, self.encoder), ("target", target, self.decoder)):
            if (given is None) != (stack is None):
                verb = "needs" if given is None else "takes no"
                raise InputError(f"this model {verb} {name} tokens; its configuration decides which stacks it has")
            if given is not None and (given.dim() != 2 or given.size(1) == 0):
                raise InputError(
                    f"{name} tokens must have shape (batch, tokens) with at least one token: got {tuple(given.shape)}"
                )


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        # The table is also the output layer: entries of size 1/√C give logits of size 1 at the start.
        nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)
