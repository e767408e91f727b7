"""Text to token ids and back: byte-pair encoding over words that keep a word-start mark.

No input is unknown: a character outside the vocabulary becomes its UTF-8 bytes, one token each (byte
fallback). Punctuation and digits are tokens of their own. Special tokens have ids but no spelling, so
a learner who types "<end>" gets three ordinary tokens.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from model.errors import InputError

PAD, START, END = 0, 1, 2
SPECIAL_NAMES = ("‹pad›", "‹start›", "‹end›")
WORD_START = "▁"

_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
_BYTE_PATTERN = re.compile(r"<0x([0-9A-F]{2})>")
_SPECIAL_SPELLING = tuple(f"\x00{name}" for name in ("pad", "start", "end"))  # no text can contain U+0000


@dataclass(frozen=True)
class Token:
    """One unit that the model reads: its id, how to show it, and whether a word starts with it."""

    id: int
    text: str
    starts_word: bool


def normalise(text: str) -> str:
    """Unicode NFC, plain quotes and spaces, white space made single; control characters dropped."""
    text = text.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'").replace("“", '"').replace("”", '"')
    text = "".join(c if c.isspace() or unicodedata.category(c)[0] != "C" else "" for c in text)
    # Composed last: a control character dropped from between a letter and its accent lets the two meet.
    return " ".join(unicodedata.normalize("NFC", text.replace(WORD_START, "_")).split())


class SubwordTokenizer:
    """Byte-pair encoding (Sennrich et al. 2016) with byte fallback, one vocabulary for both languages."""

    def __init__(self, vocabulary: dict[str, int], merges: Sequence[tuple[str, str]]) -> None:
        self._tokenizer = Tokenizer(models.BPE(vocabulary, list(merges), byte_fallback=True, fuse_unk=False))
        _set_splitting(self._tokenizer)
        self.vocabulary = vocabulary
        self.merges = tuple(merges)
        self._spelling = {id_: spelling for spelling, id_ in vocabulary.items()}

    @property
    def size(self) -> int:
        """Entries in the vocabulary."""
        return len(self.vocabulary)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`, without start and end marks. Raises `InputError` where nothing is left to read."""
        ids: list[int] = self._tokenizer.encode(normalise(text), add_special_tokens=False).ids
        if not ids:
            raise InputError("there is nothing to read in that text; type a sentence")
        return ids

    def encode_all(self, texts: Iterable[str]) -> list[list[int]]:
        """Token ids of many texts, in parallel."""
        return [e.ids for e in self._tokenizer.encode_batch([normalise(t) for t in texts], add_special_tokens=False)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text that these ids spell; special tokens are left out, broken bytes become U+FFFD."""
        raw = bytearray()
        for id_ in ids:
            if id_ < len(SPECIAL_NAMES):
                continue
            byte = _BYTE_PATTERN.fullmatch(self._spelling[id_])
            raw += bytes([int(byte[1], 16)]) if byte else self._spelling[id_].encode()
        return raw.decode(errors="replace").replace(WORD_START, " ").strip()

    def token(self, id_: int) -> Token:
        """How to show the token with this id; a word-start mark is not shown."""
        if id_ < len(SPECIAL_NAMES):
            return Token(id_, SPECIAL_NAMES[id_], True)
        spelling = self._spelling[id_]
        if byte := _BYTE_PATTERN.fullmatch(spelling):
            return Token(id_, f"‹{byte[1]}›", False)
        return Token(id_, spelling.removeprefix(WORD_START) or "␣", spelling.startswith(WORD_START))

    def is_byte(self, id_: int) -> bool:
        """Whether this token is one byte of a character that the vocabulary lacks."""
        return len(SPECIAL_NAMES) <= id_ < len(SPECIAL_NAMES) + len(_BYTES)

    def tokens(self, ids: Iterable[int]) -> list[Token]:
        """How to show a sequence of ids."""
        return [self.token(id_) for id_ in ids]

    def save(self, path: Path) -> None:
        """Write vocabulary and merges as JSON."""
        entries = [self._spelling[index] for index in range(self.size)]
        merges = [f"{left} {right}" for left, right in self.merges]
        path.write_text(
            json.dumps({"vocabulary": entries, "merges": merges}, ensure_ascii=False, indent=0) + "\n", "utf-8"
        )

    @classmethod
    def load(cls, path: Path) -> SubwordTokenizer:
        """Read what `save` wrote."""
        held = json.loads(path.read_text("utf-8"))
        vocabulary = {spelling: index for index, spelling in enumerate(held["vocabulary"])}
        return cls(vocabulary, [(left, right) for left, right in (m.split(" ") for m in held["merges"])])

    @classmethod
    def train(cls, texts: Iterable[str], size: int) -> SubwordTokenizer:
        """Learn `size` entries from `texts`: 3 special tokens, 256 bytes, characters, then merges."""
        learner = Tokenizer(models.BPE())
        _set_splitting(learner)
        trainer = trainers.BpeTrainer(
            vocab_size=size - 256,
            special_tokens=list(_SPECIAL_SPELLING),
            limit_alphabet=200,
            min_frequency=2,
            show_progress=False,
        )
        learner.train_from_iterator((normalise(text) for text in texts), trainer)
        learned = json.loads(learner.to_str())["model"]
        vocabulary: dict[str, int] = dict(learned["vocab"])
        ordered = sorted(vocabulary, key=vocabulary.__getitem__)
        entries = [*ordered[:3], *_BYTES, *ordered[3:]]
        merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in learned["merges"]]
        return cls({spelling: index for index, spelling in enumerate(entries)}, merges)


def _set_splitting(tokenizer: Tokenizer) -> None:
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(WORD_START), normalizers.Replace(" ", WORD_START)])
    # A word; one digit; one mark of punctuation. Each may carry the mark of the space before it.
    one_of = (r"[\p{L}\p{M}]+", r"\p{N}", rf"[^{WORD_START}\p{{L}}\p{{M}}\p{{N}}]", "")
    pattern = "|".join(f"{WORD_START}?{kind}" if kind else WORD_START for kind in one_of)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
