"""`make bench ARGS="cuts"`: 10,000 cuts; `--cuts=…` and `--seed=…` for another number and to repeat a run."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.cuts import powers
from bench.cuts.hose import seed_of
from bench.cuts.people import JS_LIBRARY
from bench.cuts.run import Plan, Report, Run

CUTS, QUICK = 10_000, 1_000
CLIENTS = 10


def cuts(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """Two servers and a Redis of their own, and ten clients of each library."""
    seed = seed_of(option("seed"))
    wanted = int(option("cuts") or (QUICK if quick else CUTS))
    node = CLIENTS if JS_LIBRARY.exists() else 0
    yield f"{wanted} cuts, {CLIENTS} Python clients, {node} JavaScript clients, two servers, --seed={seed}"
    redis = powers.redis(env)
    env = env | {"REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
    servers = [powers.server(env), powers.server(env)]
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(
            [*servers], Path(folder), seed, wanted, redis=redis, python=CLIENTS, node=node, customers=8, cuts_per_s=40
        )
        try:
            for power in (redis, *servers):
                power.start()
            report = asyncio.run(Run(plan).done())
        finally:
            for power in (*servers, redis):
                power.stop()
    yield from told(report)
    if report.broken:
        raise SystemExit("Some clients do not know what the server does.")


def told(report: Report) -> Iterator[str]:
    """The report in lines."""
    for kind, count in report.cuts.most_common():
        yield f"  {count:6} {kind}"
    yield "  " + ", ".join(f"{count} times {kind}" for kind, count in report.restarts.items())
    yield f"  {report.seconds:.0f} s, {report.happened} happenings, {report.opened} connections"
    yield f"  {report.heard} events heard, {report.sent} messages sent; settled after {report.settled_s:.1f} s"
    wrong = len({line.split(":")[0] for line in report.broken})
    yield f"  {report.clients - wrong} of {report.clients} clients ended with exactly the server's state"
    yield from (f"  BROKEN {line[:400]}" for line in report.broken)


def option(name: str) -> str | None:
    """What the command line says after `--name=`."""
    return next((word.partition("=")[2] for word in sys.argv if word.startswith(f"--{name}=")), None)
