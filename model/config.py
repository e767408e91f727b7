"""The sizes that define one Transformer."""

from __future__ import annotations

from dataclasses import dataclass

from model.errors import ConfigurationError


@dataclass(frozen=True)
class TransformerConfig:
    """Everything needed to build a `Transformer`; saved beside its weights.

    With only encoder layers it is an encoder (BERT's shape), with only decoder layers a language
    model (GPT's shape), with both an encoder-decoder (the shape of Vaswani et al. 2017).
    """

    vocabulary_size: int
    d_model: int = 256
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 3
    d_feed_forward: int = 1024
    max_tokens: int = 128
    """Longest sequence the model reads, the start and end marks included."""
    dropout: float = 0.1
    pad_id: int = 0
    """Token id that fills up short sequences in a batch; no position ever attends to it."""

    def __post_init__(self) -> None:
        for name in ("vocabulary_size", "d_model", "heads", "d_feed_forward", "max_tokens"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name} must be at least 1: got {getattr(self, name)}")
        if self.encoder_layers < 0 or self.decoder_layers < 0:
            raise ConfigurationError(
                "encoder_layers and decoder_layers must not be negative: got "
                f"{self.encoder_layers} and {self.decoder_layers}"
            )
        if self.encoder_layers + self.decoder_layers == 0:
            raise ConfigurationError("a Transformer needs at least one encoder or decoder layer")
        if self.d_model % self.heads:
            raise ConfigurationError(
                f"d_model must divide evenly into heads: got d_model={self.d_model}, heads={self.heads}"
            )
        if self.d_model % 2:
            raise ConfigurationError(
                f"d_model must be even, half for sines and half for cosines: got d_model={self.d_model}"
            )

    @property
    def d_head(self) -> int:
        """Numbers in one head's query, key or value."""
        return self.d_model // self.heads
