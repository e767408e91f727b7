"""The file of judged translations, and what is told about it."""

from pathlib import Path

import pytest

from benchmarks.review import Judged, print_table, read_judged, same_words


def test_two_hundred_different_sentences_are_judged_each_rejection_with_a_short_reason() -> None:
    rows = read_judged()
    assert len({same_words(row.english) for row in rows}) == len(rows) == 200
    assert all(len(row.reason.split()) <= 6 for row in rows)


def test_a_rejection_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "judged.tsv"
    path.write_text("english\tfrench\tverdict\treason\nHello.\tBonjour.\treject\t\n", "utf-8")
    with pytest.raises(ValueError, match=r"judged\.tsv:2: wants accept and no reason, or reject and one"):
        read_judged(path)


def test_the_verdict_on_a_translation_that_has_changed_is_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    kept, changed = Judged("Hello.", "Bonjour.", "accept", ""), Judged("Good night.", "Bonne nuit.", "accept", "")
    print_table([kept, changed], [changed])
    assert capsys.readouterr().out.splitlines()[5].split() == ["all", "2", "1", "50%", "1"]
