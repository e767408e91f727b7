"""One set of bundled models for all experiment tests: loading it takes longer than most of them."""

from __future__ import annotations

import pytest

from tutor.experiments.models import Models


@pytest.fixture(scope="session")
def models() -> Models:
    return Models()
