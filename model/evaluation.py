"""How good the bundled models are, on sentences kept back from training.

`python -m model.evaluation --data PAIRS --english ENGLISH` prints every score; with `--write` each also goes into
its checkpoint's description, from where `attention-tutor model` reads it. `--only NAME …` scores those alone.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor
from torch.nn import functional

from model.generation import beam_search, greedy
from model.tokenizer import END, PAD, START, SubwordTokenizer

if TYPE_CHECKING:
    from model.checkpoint import Checkpoint, Network
    from model.transformer import Transformer

_PUNCTUATION = ".,;:!?…\"'()-"
BEGUN = "The cat sat on the"
_FIRST_WORD = 300
"""Ids from here on are no marks and no single bytes."""
LENGTHS = ((1, 5), (6, 10), (11, 15), (16, 999))
"""Source lengths in words, by which translators are compared."""


def translate_all(
    model: Network, tokenizer: SubwordTokenizer, sentences: Sequence[str], *, beam: int = 1, rows: int = 100
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
    model: Network, tokenizer: SubwordTokenizer, references: Mapping[str, Sequence[str]], *, beam: int = 1
) -> float:
    """sacrebleu's corpus BLEU with its default settings, all references of a sentence given."""
    return _corpus_bleu(translate_all(model, tokenizer, list(references), beam=beam), list(references.values()))


def bleu_by_length(outputs: Sequence[str], references: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """BLEU of the sentences whose English has that many words, for each of `LENGTHS`."""
    written = dict(zip(references, outputs, strict=True))
    return {
        name: _corpus_bleu([written[e] for e in chosen], [references[e] for e in chosen])
        for name, chosen in by_length(references).items()
    }


def loss_by_length(
    model: Network, tokenizer: SubwordTokenizer, references: Mapping[str, Sequence[str]]
) -> dict[str, float]:
    """Mean loss a token on each sentence's first reference, in nats, the end mark included, for each of `LENGTHS`."""
    sources = [[*ids, END] for ids in tokenizer.encode_all(references)]
    targets = tokenizer.encode_all(french[0] for french in references.values())
    losses = dict(zip(references, token_losses(model, targets, sources), strict=True))
    found = {}
    for name, chosen in by_length(references).items():
        together = [loss for english in chosen for loss in losses[english]]
        found[name] = sum(together) / len(together)
    return found


def by_length(sentences: Iterable[str]) -> dict[str, list[str]]:
    """The sentences sorted into `LENGTHS`, each named as in '6-10' or '16+'; lengths that none has are left out."""
    found: dict[str, list[str]] = {}
    held = list(sentences)
    for shortest, longest in LENGTHS:
        if chosen := [sentence for sentence in held if shortest <= len(sentence.split()) <= longest]:
            found[f"{shortest}-{longest}" if longest < 999 else f"{shortest}+"] = chosen
    return found


def worst_translations(
    outputs: Sequence[str], references: Mapping[str, Sequence[str]], count: int = 5
) -> list[dict[str, str]]:
    """The sentences of at least five words whose translations share least with any reference (chrF)."""
    from sacrebleu import sentence_chrf

    scored = [
        (sentence_chrf(output, list(references[english])).score, english, output)
        for english, output in zip(references, outputs, strict=True)
        if len(english.split()) >= 5
    ]
    return [
        {"English": english, "written": output, "a reference": references[english][0]}
        for _, english, output in sorted(scored)[:count]
    ]


def _corpus_bleu(outputs: list[str], references: list[Sequence[str]]) -> float:
    from sacrebleu import corpus_bleu

    # sacrebleu wants one list a reference number; None stands where a sentence has fewer.
    most = max(map(len, references))
    columns: list[list[Any]] = [[refs[k] if k < len(refs) else None for refs in references] for k in range(most)]
    return float(corpus_bleu(outputs, columns).score)


def words_to_predict(sentences: Sequence[str]) -> int:
    """What a perplexity a word divides by: words between spaces, and the end of each sentence."""
    return sum(len(sentence.split()) + 1 for sentence in sentences)


@torch.no_grad()
def token_losses(
    model: Network,
    targets: Sequence[Sequence[int]],
    sources: Sequence[Sequence[int]] | None = None,
    *,
    rows: int = 100,
) -> list[list[float]]:
    """-ln p of each token of each target and of the end mark after it, in nats, given the sources where there are any.

    Targets come without marks, sources with their end mark. Runs in batches of `rows` of like length.
    """
    device = next(model.parameters()).device

    def padded(ids: Sequence[Sequence[int]]) -> Tensor:
        width = max(map(len, ids))
        return torch.tensor([[*row, *[PAD] * (width - len(row))] for row in ids], device=device)

    found: list[list[float]] = [[] for _ in targets]
    order = sorted(range(len(targets)), key=lambda index: len(targets[index]))
    for start in range(0, len(order), rows):
        chosen = order[start : start + rows]
        target = padded([[START, *targets[index]] for index in chosen])  # (B, T)
        labels = padded([[*targets[index], END] for index in chosen])
        source = memory = None
        if sources is not None:
            source = padded([sources[index] for index in chosen])
            memory = model.encode(source).output
        logits = model.score_vocabulary(model.decode(target, source, memory).output)  # type: ignore[arg-type]
        losses = functional.cross_entropy(logits.transpose(1, 2), labels, ignore_index=PAD, reduction="none")
        for index, row in zip(chosen, losses.tolist(), strict=True):
            found[index] = row[: len(targets[index]) + 1]
    return found


def perplexity(model: Network, tokenizer: SubwordTokenizer, sentences: Sequence[str]) -> float:
    """exp of the mean loss a word, in nats, each sentence by itself and its end included."""
    losses = token_losses(model, tokenizer.encode_all(sentences))
    return math.exp(sum(map(sum, losses)) / words_to_predict(sentences))


def most_surprising(
    model: Network,
    tokenizer: SubwordTokenizer,
    train: Sequence[str],
    sentences: Sequence[str],
    *,
    count: int = 5,
    frequent: int = 1000,
    after: int = 3,
) -> list[dict[str, str]]:
    """Frequent words to which the model gave least, no word twice: what it is worst at, rare words left aside.

    Frequent words stand at least `frequent` times in `train` and are one token; `after` tokens come before them.
    """
    seen = Counter(word.strip(_PUNCTUATION).lower() for sentence in train for word in sentence.split())
    rows = tokenizer.encode_all(sentences)
    worst: dict[str, tuple[float, int, int]] = {}
    for index, losses in enumerate(token_losses(model, rows)):
        tokens = tokenizer.tokens(rows[index])
        for at in range(after, len(tokens)):
            word = tokens[at].text.lower()
            piece = at + 1 < len(tokens) and not tokens[at + 1].starts_word and tokens[at + 1].text.isalpha()
            if tokens[at].starts_word and word.isalpha() and not piece and seen[word] >= frequent:
                worst[word] = max(worst.get(word, (0.0, 0, 0)), (losses[at], index, at))
    return [
        {
            "after": tokenizer.decode(rows[index][:at]),
            "stood": tokenizer.decode(rows[index][at : at + 1]),
            "its probability": f"{math.exp(-loss):.1g}",
            "it expected": _next_word(model, tokenizer, rows[index][:at]),
        }
        for loss, index, at in sorted(worst.values(), reverse=True)[:count]
    ]


def _next_word(model: Network, tokenizer: SubwordTokenizer, ids: Sequence[int]) -> str:
    """The likeliest word, or mark, to follow: its likeliest first piece, and then the likeliest others."""
    prompt = torch.tensor([[START, *ids]], device=next(model.parameters()).device)
    written = tokenizer.decode(greedy(model, prompt=prompt, max_new=6)[0].ids).split()
    return written[0] if written else "(the end)"


def counting_perplexity(
    tokenizer: SubwordTokenizer, train: Sequence[str], sentences: Sequence[str], order: int = 5
) -> float:
    """What an interpolated Kneser-Ney model of the same subwords and the same text reaches."""
    from model.ngrams import KneserNey

    counted = KneserNey(([START, *row, END] for row in tokenizer.encode_all(train)), tokenizer.size, order)
    total = sum(counted.nats([START, *row, END]) for row in tokenizer.encode_all(sentences))
    return math.exp(total / words_to_predict(sentences))


@torch.no_grad()
def likeliest_words(model: Transformer, tokenizer: SubwordTokenizer, text: str, count: int = 10) -> list[str]:
    """The likeliest pieces to come next, each completed to a word by the likeliest pieces after it."""
    ids = [START, *tokenizer.encode(text)]
    logits = model.score_vocabulary(model.decode(torch.tensor([ids]), None, None).output[:, -1])  # (1, V)
    likeliest = logits[0].topk(count).indices.tolist()
    written = [greedy(model, prompt=torch.tensor([[*ids, id_]]), max_new=4)[0].ids for id_ in likeliest]
    return [
        tokenizer.decode([id_, *after]).split()[0].strip(_PUNCTUATION)
        for id_, after in zip(likeliest, written, strict=True)
    ]


@torch.no_grad()
def induction_head(model: Transformer, rows: int = 50, length: int = 12, seed: int = 3) -> dict[str, Any]:
    """The head that looks most at what followed a token before, in random tokens said twice (Olsson et al. 2022).

    `share` of its attention, averaged over the second time; `probability` of the right token there. Both are what
    random tokens allow: nothing about English helps.
    """
    chance = torch.Generator().manual_seed(seed)
    once = torch.randint(_FIRST_WORD, model.config.vocabulary_size, (rows, length), generator=chance)
    target = torch.cat([torch.full((rows, 1), START), once, once], dim=1)
    trace = model(None, target)
    again = torch.arange(length + 1, 2 * length)  # the second time, but for its last token, which nothing follows
    shares = {
        (layer, head): block.attention.weights[:, head, again, again - length + 1].mean().item()
        for layer, block in enumerate(trace.decoder.blocks, 1)
        for head in range(model.config.heads)
    }
    layer, head = max(shares, key=shares.__getitem__)
    right = trace.probabilities[:, again].gather(-1, target[:, again + 1].unsqueeze(-1))
    return {"layer": layer, "head": head + 1, "share": shares[layer, head], "probability": right.mean().item()}


def _score_predictor(loaded: Checkpoint, train: Sequence[str], test: Sequence[str]) -> dict[str, Any]:
    model = cast("Transformer", loaded.model)
    return {
        "test_perplexity": perplexity(loaded.model, loaded.tokenizer, test),
        "counting_perplexity": counting_perplexity(loaded.tokenizer, train, test),
        "after": {BEGUN: likeliest_words(model, loaded.tokenizer, BEGUN)},
        "induction": induction_head(model),
        "worst": most_surprising(loaded.model, loaded.tokenizer, train, test),
    }


def _score_translator(loaded: Checkpoint, test: Mapping[str, Sequence[str]], *, whole: bool) -> dict[str, Any]:
    outputs = translate_all(loaded.model, loaded.tokenizer, list(test))
    scores: dict[str, Any] = {"test_bleu_greedy": _corpus_bleu(outputs, list(test.values()))}
    if whole:
        scores["test_bleu_beam4"] = bleu(loaded.model, loaded.tokenizer, test, beam=4)
        scores["test_bleu_by_length"] = bleu_by_length(outputs, test)
        scores["test_loss_by_length"] = loss_by_length(loaded.model, loaded.tokenizer, test)
        scores["test_sentences_by_length"] = {name: len(chosen) for name, chosen in by_length(test).items()}
        scores["worst"] = worst_translations(outputs, test)
    return scores


def main(arguments: Sequence[str] | None = None) -> None:
    """Score the bundled models on the test split."""
    from model.checkpoint import BUNDLED, load_checkpoint
    from model.data import read_corpus, read_english

    parser = argparse.ArgumentParser(prog="python -m model.evaluation", description=main.__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with eng-fra.tsv.gz and the splits")
    parser.add_argument("--english", type=Path, required=True, help="folder with english.txt.gz")
    parser.add_argument("--checkpoints", type=Path, default=BUNDLED, help="folder of the models (the bundled ones)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="score these models alone, by their folders' names")
    parser.add_argument("--write", action="store_true", help="put the scores into the checkpoints' descriptions")
    options = parser.parse_args(arguments)
    corpus = read_corpus(options.data)
    for config in sorted(options.checkpoints.glob("**/config.json")):
        name = config.parent.relative_to(options.checkpoints).as_posix()
        if options.only and name.split("/")[0] not in options.only:
            continue
        loaded = load_checkpoint(name, options.checkpoints)
        scores: dict[str, Any] = {"parameters": sum(p.numel() for p in loaded.model.parameters())}
        if name == "next-word":
            scores |= _score_predictor(loaded, read_english(corpus, options.english), list(corpus.test))
        else:
            scores |= _score_translator(loaded, corpus.test, whole="/" not in name)
        print(name, json.dumps(scores), flush=True)
        if options.write:
            held = json.loads(config.read_text("utf-8"))
            held["about"] |= scores
            config.write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
