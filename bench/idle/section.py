"""`make bench ARGS="idle"`: ten minutes of silence; `--seconds=…` for another length."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from bench.cuts.section import option
from bench.idle.sit import Row, sat
from bench.processes import product

SECONDS, QUICK = 600, 90
TOKEN_S = 60


def idle(env: dict[str, str], *, quick: bool) -> Iterator[str]:
    """Every kind of client, on one server as production serves it."""
    seconds = int(option("seconds") or (QUICK if quick else SECONDS))
    yield f"every kind of client idle for {seconds} s: with a token that lasts, and with tokens of {TOKEN_S} s"
    with product(env, core=None) as running:
        rows = asyncio.run(sat(f"http://127.0.0.1:{running.port}", seconds=seconds, token_s=TOKEN_S))
    yield from map(told, rows)
    if not all(row.is_well for row in rows):
        raise SystemExit("Some clients did not sit it out.")


def told(row: Row) -> str:
    kind = "lasting token" if row.lasting else f"{row.tokens} tokens"
    state = "well" if row.is_well else "NOT WELL"
    still = "hears" if row.heard else "hears NOTHING"
    return f"  {row.name:40} {kind:14} {row.breaks:3} breaks, {row.opened:3} connections, {still}: {state}"
