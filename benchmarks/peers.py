"""Other libraries' models of given sizes, randomly initialised, that hand out what is inside; nothing is downloaded.

Each function gives a name and a job, and raises `ImportError` where its library is not installed
(`pip install -e '.[benchmarks]'`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from torch import Tensor

from model.config import TransformerConfig

os.environ.setdefault("HF_HUB_OFFLINE", "1")
Peer = tuple[str, Callable[[], Any]]
SHOWN = {"output_attentions": True, "output_hidden_states": True, "attn_implementation": "eager"}


def transformer_lens(sizes: TransformerConfig, ids: Tensor) -> Peer:
    """TransformerLens with everything in its cache."""
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    config = HookedTransformerConfig(
        n_layers=sizes.decoder_layers,
        d_model=sizes.d_model,
        n_heads=sizes.heads,
        d_head=sizes.d_head,
        d_mlp=sizes.d_feed_forward,
        n_ctx=sizes.max_tokens,
        d_vocab=sizes.vocabulary_size,
        act_fn="relu",
        normalization_type="LN",
        device="cpu",
        seed=1,
    )
    model = HookedTransformer(config).eval()
    return "TransformerLens, run_with_cache", lambda: model.run_with_cache(ids)


def gpt2(sizes: TransformerConfig, ids: Tensor) -> Peer:
    """GPT-2 with its attention weights and hidden states handed out."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        n_layer=sizes.decoder_layers,
        n_embd=sizes.d_model,
        n_head=sizes.heads,
        n_inner=sizes.d_feed_forward,
        n_positions=sizes.max_tokens,
        vocab_size=sizes.vocabulary_size,
        activation_function="relu",
        use_cache=False,
        **SHOWN,
    )
    model = GPT2LMHeadModel(config).eval()
    assert len(model(ids).attentions) == sizes.decoder_layers
    return "GPT-2, output_attentions", lambda: model(ids)


def bert(sizes: TransformerConfig, ids: Tensor) -> Peer:
    """BERT with its attention weights and hidden states handed out; as many layers as the decoder has."""
    from transformers import BertConfig, BertForMaskedLM

    config = BertConfig(
        num_hidden_layers=sizes.decoder_layers,
        hidden_size=sizes.d_model,
        num_attention_heads=sizes.heads,
        intermediate_size=sizes.d_feed_forward,
        max_position_embeddings=sizes.max_tokens,
        vocab_size=sizes.vocabulary_size,
        hidden_act="relu",
        **SHOWN,
    )
    model = BertForMaskedLM(config).eval()
    assert len(model(ids).attentions) == sizes.decoder_layers
    return "BERT, output_attentions", lambda: model(ids)
