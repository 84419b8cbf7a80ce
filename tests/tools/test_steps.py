"""Suites that run at once are told one after the other, and each failure counts."""

from __future__ import annotations

import os
import sys

import pytest

from tools.steps import Step, stream_both, summary

SLOW = "import time; print('slow begins', flush=True); time.sleep(0.5); print('2 passed')"
FAST = "import os; print(os.environ['WHOSE']); print('1 failed'); raise SystemExit(1)"


def test_the_second_of_two_suites_is_shown_after_the_first_with_its_own_environment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow, fast = Step("slow", [sys.executable, "-c", SLOW]), Step("fast", [sys.executable, "-c", FAST])

    outcomes = stream_both((slow, os.environ), (fast, os.environ | {"WHOSE": "its own"}))

    shown = capsys.readouterr().out.splitlines()
    assert shown == ["==> slow", "slow begins", "2 passed", "==> fast", "its own", "1 failed"]
    assert [(one.name, one.passed, one.closing) for one in outcomes] == [
        ("slow", True, "2 passed"),
        ("fast", False, "1 failed"),
    ]
    assert not summary(outcomes)
