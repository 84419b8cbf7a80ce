"""Hundreds of cuts at random, and in the end each client knows exactly what the server does. Ten thousand: `bench`."""

from __future__ import annotations

from pathlib import Path

from asgiref.sync import sync_to_async
from django.db import connections

from bench.cuts.hose import seed_of
from bench.cuts.run import Plan, Run
from tests.realtime.conftest import TIMES
from tests.realtime.serving import Server


async def test_clients_that_are_cut_off_at_random_end_with_the_server_s_state(transactional_db: None, tmp_path: Path):
    """Three hundred cuts for four clients of each library; the server is killed and restarted meanwhile."""
    server = Server(tmp_path, times=TIMES)
    server.start()
    plan = Plan([server], tmp_path, seed_of(None), cuts=300, cuts_per_s=40, kill_every_s=6)
    try:
        report = await Run(plan).done()
    finally:
        server.stop()
        await sync_to_async(connections.close_all)()

    assert report.broken == [], f"--seed={plan.seed}"
    assert sum(report.cuts.values()) >= plan.cuts
    assert report.heard > report.happened
    assert report.sent > 0
    assert " 1011 " not in server.log
