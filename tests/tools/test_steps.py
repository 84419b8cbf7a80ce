"""Suites that run at once are told one after the other, and each failure counts."""

from __future__ import annotations

import os
import sys

import pytest

from tools.steps import Step, stream_lanes, summary

SLOW = "import time; print('slow begins', flush=True); time.sleep(0.5); print('2 passed')"
FAST = "import os; print(os.environ['WHOSE']); print('1 failed'); raise SystemExit(1)"


def test_what_runs_beside_is_shown_afterwards_each_with_its_own_environment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slow, fast = Step("slow", [sys.executable, "-c", SLOW]), Step("fast", [sys.executable, "-c", FAST])

    outcomes = stream_lanes(
        [(slow, os.environ)], [(fast, os.environ | {"WHOSE": "its own"}), (fast, os.environ | {"WHOSE": "another"})]
    )

    shown = capsys.readouterr().out.splitlines()
    beside = ["==> fast", "its own", "1 failed", "==> fast", "another", "1 failed"]
    assert shown == ["==> slow", "slow begins", "2 passed", *beside]
    assert [(one.name, one.passed, one.closing) for one in outcomes] == [
        ("slow", True, "2 passed"),
        ("fast", False, "1 failed"),
        ("fast", False, "1 failed"),
    ]
    assert not summary(outcomes)
