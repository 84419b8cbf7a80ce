"""A check is a named command; its output is shown only if it fails, and its time is kept for the summary."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.terminal import ROOT, say


@dataclass(frozen=True)
class Step:
    """One check: what it is called, and the command that exits with 0 where all is well."""

    name: str
    command: Sequence[str | Path]


@dataclass(frozen=True)
class Outcome:
    """How a check went; `closing` is the last line of a test run."""

    name: str
    passed: bool
    seconds: float
    closing: str = ""


# With the environment that it runs in.
Suite = tuple[Step, Mapping[str, str]]


def run_all(steps: Iterable[Step], env: Mapping[str, str], at_once: int = 2) -> list[Outcome]:
    """Run the steps, some at once; all of them, whatever fails."""
    with ThreadPoolExecutor(at_once) as lanes:
        return list(lanes.map(lambda step: run(step, env), steps))


def run(step: Step, env: Mapping[str, str]) -> Outcome:
    started = time.monotonic()
    try:
        done = subprocess.run(step.command, cwd=ROOT, env=env, text=True, capture_output=True, check=False)
        passed, output = done.returncode == 0, done.stdout + done.stderr
    except FileNotFoundError as error:
        passed, output = False, str(error)
    outcome = Outcome(step.name, passed, time.monotonic() - started)
    say(f"{step.name}: {'ok' if passed else 'FAILED'} ({outcome.seconds:.1f} s)" + ("" if passed else f"\n{output}"))
    return outcome


def show_at_once(line: str) -> None:
    print(line, flush=True)


def stream(step: Step, env: Mapping[str, str], show: Callable[[str], object] = show_at_once) -> Outcome:
    """Run a test suite, showing its lines as they come."""
    show(f"==> {step.name}")
    started, closing = time.monotonic(), ""
    with subprocess.Popen(
        step.command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            show(line.rstrip())
            closing = line.strip() or closing
    return Outcome(step.name, process.returncode == 0, time.monotonic() - started, closing)


def stream_lanes(shown: Sequence[Suite], beside: Sequence[Suite]) -> list[Outcome]:
    """Run two rows of suites at once, each row in its order; what those `beside` print is shown when all are done."""
    kept: list[str] = []
    with ThreadPoolExecutor(1) as lane:
        others = lane.submit(lambda: [stream(step, env, kept.append) for step, env in beside])
        outcomes = [stream(step, env) for step, env in shown]
        outcomes += others.result()
    print(*kept, sep="\n", flush=True)
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> bool:
    """Print how everything went, the suites' closing lines last; says whether all is well."""
    say("summary")
    for outcome in outcomes:
        print(f"    {'ok    ' if outcome.passed else 'FAILED'} {outcome.seconds:7.1f} s  {outcome.name}")
    for outcome in outcomes:
        if outcome.closing:
            print(f"{outcome.name}:\n{outcome.closing}")
    return all(outcome.passed for outcome in outcomes)
