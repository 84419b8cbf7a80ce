from __future__ import annotations

import pytest

from dashboard import metrics


@pytest.fixture
def numbers_stay_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes, its numbers are less than a second old."""
    monkeypatch.setattr(metrics, "FRESH_S", 600.0)
