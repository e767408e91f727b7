"""Which words of the sentence a request names."""

from __future__ import annotations

import pytest

from tutor.understanding import values


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("why does 'it' look at dog", ("it",)),
        ("can i see who dog looks at, and the homework", ("homework",)),
        ("show the gradients of the second layer", ()),
    ],
)
def test_words_of_the_sentence_are_named_in_quotes_or_by_long_words(text: str, named: tuple[str, ...]) -> None:
    assert values.words_named(text, "My dog ate my homework because it was hungry.") == named
