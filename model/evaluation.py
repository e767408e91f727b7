"""How good a translator is: corpus BLEU against every reference.

`python -m model.evaluation --data FOLDER` prints the scores of the bundled translator on the test split;
with `--write` it also puts them into the checkpoint's description, from where `attention-tutor model` reads them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
    columns: list[list[Any]] = [
        [refs[k] if k < len(refs) else None for refs in references.values()] for k in range(most)
    ]
    return float(corpus_bleu(outputs, columns).score)


def main(arguments: Sequence[str] | None = None) -> None:
    """Score the bundled translator on the test split."""
    from model.checkpoint import BUNDLED, load_checkpoint
    from model.data import read_corpus

    parser = argparse.ArgumentParser(prog="python -m model.evaluation", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with eng-fra.tsv.gz and the splits")
    parser.add_argument("--write", action="store_true", help="put the scores into the checkpoint's description")
    options = parser.parse_args(arguments)
    checkpoint = load_checkpoint("translator")
    test = read_corpus(options.data).test
    scores: dict[str, float] = {"parameters": sum(p.numel() for p in checkpoint.model.parameters())}
    for name, beam in (("test_bleu_greedy", 1), ("test_bleu_beam4", 4)):
        scores[name] = round(bleu(checkpoint.model, checkpoint.tokenizer, test, beam=beam), 2)
        print(f"{name}  {scores[name]:.2f}", flush=True)
    if options.write:
        path = BUNDLED / "translator" / "config.json"
        held = json.loads(path.read_text("utf-8"))
        held["about"] |= scores
        path.write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
