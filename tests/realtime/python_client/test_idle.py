"""Every kind of client sits through a while of silence and through its tokens' ends. Ten minutes of it: `bench`."""

from __future__ import annotations

from pathlib import Path

from asgiref.sync import sync_to_async
from django.db import connections

from bench.idle.sit import sat
from tests.realtime.conftest import TIMES
from tests.realtime.serving import Server

# A dozen programs that start at once keep a machine busy: none may be taken for dead, or be late with a new token.
PATIENT = TIMES | {"realtime.protocol.SILENCE_S": 20.0, "realtime.consumers.EXPIRING_S": 12.0}


async def test_every_kind_of_client_stays_and_goes_through_a_token_s_end(transactional_db: None, tmp_path: Path):
    server = Server(tmp_path, times=PATIENT)
    server.start()
    try:
        rows = await sat(server.url.replace("ws", "http", 1), seconds=18, token_s=16)
    finally:
        server.stop()
        await sync_to_async(connections.close_all)()

    assert [row for row in rows if not row.is_well] == []
    assert {row.breaks for row in rows if row.lasting} == {0}
