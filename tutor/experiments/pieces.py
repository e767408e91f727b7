"""How a token is named inside a sentence: a piece of a word shows that it is one; a content word is known."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.tokenizer import SubwordTokenizer
    from tutor.experiments.models import Models, Reading

_FUNCTION_WORDS = frozenset(
    """
    the and but nor yet for not you she him her its his our your their they them this that these those who whom whose
    which what when where why how are was were been being has have had having does did doing done can could will would
    shall should may might must ought let with without from into onto about over under above below between among
    through during before after since until than then there here very too also just only even still again ever never
    more most much many some any all both each every either neither few one other another such same own out off down
    upon per because while although though whether unless don didn doesn isn aren wasn weren won wouldn couldn shouldn
    haven hasn hadn ain mustn
    les des une aux ses mes tes nos vos leur leurs mon ton son notre votre cet cette ces que qui quoi dont lequel
    laquelle est sont été était étaient être suis êtes sommes avoir avait avaient ont avez avons eut fut sera serait
    soit vous nous ils elles elle lui eux moi toi soi dans par pour sur sous avec sans chez vers entre depuis pendant
    après avant jusqu mais donc car puis pas plus moins très trop peu tout tous toute toutes comme quand comment
    pourquoi lorsqu lorsque puisque parce quel quelle quels quelles quelqu aussi encore déjà alors ainsi ici cela ceci
    celui celle ceux celles autre autres même mêmes rien aucun aucune jamais toujours
    """.split()
)
"""English and French, of three letters and more."""


def is_content(name: str) -> bool:
    """Whether this is a whole word that means something by itself: no mark, no piece, no 'the', no 'dans'."""
    return name.isalpha() and len(name) > 2 and name.casefold() not in _FUNCTION_WORDS


def named(models: Models, ids: Sequence[int], tokenizer: SubwordTokenizer | None = None) -> tuple[str, ...]:
    """The tokens, three dots where a word goes on: 'min', 'ister' -> 'min…', '…ister'.

    Ids are the translator's where no other tokenizer is given.
    """
    tokens = (tokenizer or models.tokenizer).tokens(ids)
    # Of marks and punctuation nothing is a piece: "j'ai" is three tokens and no cut word.
    joined = [
        not after.starts_word and before.text[-1:].isalpha() and after.text[:1].isalpha()
        for before, after in pairwise(tokens)
    ]
    return tuple(
        "…" * cut_before + token.text + "…" * cut_after
        for cut_before, token, cut_after in zip([False, *joined], tokens, [*joined, False], strict=True)
    )


def axis_names(models: Models, reading: Reading, part: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """`axis_tokens`, each as it is named inside a sentence."""
    source = named(models, reading.source_ids)
    if part == "encoder":
        return source, source
    if part == "decoder":
        read = named(models, reading.target[0].tolist())
        return read, read
    return named(models, reading.target_ids), source
