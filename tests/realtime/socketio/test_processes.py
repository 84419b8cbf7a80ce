"""Several processes behind Redis: polls pinned by the session's id, events from anywhere, rooms that outlive both."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from django.conf import settings

from conversations.models import Conversation
from tests.patience import PATIENCE_S
from tests.realtime.clients import Door, away, token
from tests.realtime.conftest import TIMES
from tests.realtime.serving import ROOT, Server
from tests.realtime.socketio.pinning import Pinning
from tests.realtime.socketio.talking import POLLING, UPGRADING, Counter
from tests.trade import reply
from tests.world import Person


@pytest.fixture(scope="module")
def processes(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """Two servers on one database and one Redis, each with a name."""
    servers = {name: Server(tmp_path_factory.mktemp(name), times=TIMES, process=name) for name in ("p1", "p2")}
    for server in servers.values():
        server.start()
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture
async def proxy(processes: dict[str, Server], door: Door) -> AsyncIterator[Pinning]:
    """What `deploy/nginx.conf` does: a session's requests go to the process that its id names, new ones in turn."""
    async with Pinning({name: server.port for name, server in processes.items()}) as running:
        yield running


@pytest.mark.redis
@pytest.mark.parametrize("transports", [POLLING, UPGRADING], ids=["polling", "upgrading"])
async def test_polls_find_their_process_and_events_come_from_any(
    processes: dict[str, Server],
    proxy: Pinning,
    ana: Person,
    bruno: Person,
    conversation: Conversation,
    *,
    transports: list[str],
):
    async with Counter(processes["p1"]) as counter:
        hers = await counter.open(await token(ana), joined=conversation.pk, transports=transports, url=proxy.url)
        his = await counter.open(await token(bruno), joined=conversation.pk, transports=transports, url=proxy.url)

        await hers.emit("typing_start", {"conversation_id": conversation.pk})
        assert (await his.next("user_typing"))["data"]["user_id"] == ana.user_id
        for number in range(5):
            await away(reply)(bruno, conversation, f"{number}")
        for client in (hers, his):
            await client.next(lambda told: told["is"] == "message:new" and told["data"]["content"]["text"] == "4")

        assert [data["content"]["text"] for data in hers.payloads("message:new")] == list("01234")
        assert hers.count("disconnect") == his.count("disconnect") == 0
        assert {"p1", "p2"} <= proxy.sessions


@pytest.mark.redis
async def test_a_session_is_unknown_to_the_other_process(processes: dict[str, Server], door: Door):
    own, other = (server.url.replace("ws://", "http://") for server in processes.values())
    opening = await away(lambda: httpx.get(f"{own}/socket.io/?EIO=4&transport=polling", timeout=PATIENCE_S).text)()
    sid = re.search(r'"sid":"([^"]+)"', opening)

    assert sid
    assert sid[1].startswith("p1-")
    astray = await away(
        lambda: httpx.get(f"{other}/socket.io/?EIO=4&transport=polling&sid={sid[1]}", timeout=PATIENCE_S)
    )()
    assert astray.status_code == 400


@pytest.mark.redis
async def test_a_killed_process_has_its_clients_find_their_rooms_in_another(
    processes: dict[str, Server], proxy: Pinning, ana: Person, bruno: Person, conversation: Conversation
):
    async with Counter(processes["p1"]) as counter:
        client = await counter.open(await token(ana), joined=conversation.pk, transports=POLLING, url=proxy.url)
        name = proxy.latest
        proxy.avoid = name
        processes[name].kill()

        try:
            await client.next("joined_conversation")
            await away(reply)(bruno, conversation, "found again")
            await client.next(
                lambda told: told["is"] == "message:new" and told["data"]["content"]["text"] == "found again"
            )
        finally:
            processes[name].start()


def test_the_proxys_configuration_has_a_line_for_each_process():
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    upstream = re.search(r"upstream niochat_sockets \{(.*?)\}", text, re.DOTALL)
    pinned = re.findall(r'"~\^(\d+)-"\s+127\.0\.0\.1:(\d+);', text)

    assert upstream
    assert pinned == [(port, port) for port in re.findall(r"server 127\.0\.0\.1:(\d+);", upstream[1])]
    assert "Environment=SOCKETIO_PROCESS=%i" in (ROOT / "deploy" / "niochat-sockets@.service").read_text()
    assert settings.SOCKETIO_PROCESS == ""
