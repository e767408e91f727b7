"""How good a translator is: corpus BLEU against every reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from model.generation import beam_search, greedy
from model.tokenizer import END, PAD, SubwordTokenizer
from model.transformer import Transformer


def translate_all(
    model: Transformer, tokenizer: SubwordTokenizer, sentences: Sequence[str], *, beam: int = 1, rows: int = 100
) -> list[str]:
    """Translate many sentences: greedy in batches of like length, or one by one with a beam."""
    device = next(model.parameters()).device
    sources = [[*ids, END] for ids in tokenizer.encode_all(sentences)]
    found = [""] * len(sources)
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    for start in range(0, len(order), rows if beam == 1 else 1):
        chosen = order[start : start + (rows if beam == 1 else 1)]
        width = max(len(sources[index]) for index in chosen)
        source = torch.tensor([sources[i] + [PAD] * (width - len(sources[i])) for i in chosen], device=device)
        outputs = greedy(model, source) if beam == 1 else beam_search(model, source, beam)[:1]
        for index, output in zip(chosen, outputs, strict=True):
            found[index] = tokenizer.decode(output.ids)
    return found


def bleu(
    model: Transformer, tokenizer: SubwordTokenizer, references: Mapping[str, Sequence[str]], *, beam: int = 1
) -> float:
    """sacrebleu's corpus BLEU with its default settings, all references of a sentence given."""
    from sacrebleu import corpus_bleu

    outputs = translate_all(model, tokenizer, list(references), beam=beam)
    most = max(map(len, references.values()))
    # sacrebleu wants one list a reference number; None stands where a sentence has fewer.
    columns = [[refs[k] if k < len(refs) else None for refs in references.values()] for k in range(most)]
    return float(corpus_bleu(outputs, columns).score)
