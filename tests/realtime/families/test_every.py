"""What every family does alike on the real server: bad input, floods, lost logs, ended rights."""

from __future__ import annotations

import json

import pytest

from accounts.actions import members
from conversations.models import Conversation
from realtime import streams
from tests.realtime.clients import Client, Door, away, token
from tests.realtime.families.documents import EVERY, Kind
from tests.realtime.families.talking import (
    codes,
    declared,
    ended,
    fits,
    flooded,
    garbage,
    is_declared,
    lost,
    opened,
    passed,
)
from tests.world import Person

BAD = [
    pytest.param(kind, text, code, id=f"{name}: {wrong}")
    for name, kind in EVERY.items()
    for wrong, text, code in kind.bad
]
of_every_family = pytest.mark.parametrize("kind", EVERY.values(), ids=EVERY.keys())


@pytest.fixture
async def bruno_listens(door: Door, bruno: Person, kind: Kind) -> Client:
    """Bruno's client of the family."""
    return await opened(door, kind.path(bruno), bruno)


@pytest.mark.parametrize(("kind", "text", "code"), BAD)
async def test_a_bad_frame_gets_the_familys_error_and_ends_nothing(
    bruno_listens: Client, conversation: Conversation, kind: Kind, text: str, code: str
):
    await bruno_listens.raw(text.replace("CONVERSATION", str(conversation.pk)))

    frame = await bruno_listens.next("error")

    assert (codes([frame]), fits(frame, kind.frames["error"])) == ([code], True)
    await passed(bruno_listens)


@of_every_family
async def test_a_wrong_or_expired_token_is_an_error_and_4401(door: Door, ana: Person, kind: Kind):
    path = kind.path(ana)
    for bad, code in ((garbage(), "TOKEN_INVALID"), (await token(ana, seconds=-5), "TOKEN_EXPIRED")):
        client = await door.raw(f"{path}{'&' if '?' in path else '?'}token={bad}")
        assert await ended(client) == (4401, code)
        assert fits(client.frames[0], kind.frames["error"])


@of_every_family
async def test_a_frame_of_one_megabyte_is_not_read(bruno_listens: Client, kind: Kind):
    await bruno_listens.raw(json.dumps({"type": "ping", "data": {}, "x": "x" * 2**20}))

    assert (await ended(bruno_listens))[0] == 1009


@of_every_family
async def test_a_removed_member_is_shut_out_at_once(bruno: Person, davi: Person, bruno_listens: Client, kind: Kind):
    await away(lambda: members.remove_member(davi.actor, bruno.user_id))()

    assert await ended(bruno_listens, within=2) == (4403, "FORBIDDEN")
    assert codes(bruno_listens.frames) == ["FORBIDDEN"]


@of_every_family
async def test_a_flood_is_slowed_down_then_ended(bruno_listens: Client, kind: Kind):
    assert await flooded(bruno_listens) == (4429, "RATE_LIMITED")


@of_every_family
async def test_events_that_are_gone_send_the_client_away_to_begin_again(
    bruno: Person, bruno_listens: Client, kind: Kind
):
    await away(lost)(streams.agents(bruno.tenant_id))

    assert await ended(bruno_listens) == (1012, "UNAVAILABLE")


@of_every_family
def test_the_module_declares_what_the_document_prints(kind: Kind):
    frames = declared(kind.family)

    assert frames.keys() == kind.frames.keys()
    assert [name for name, shape in kind.frames.items() if not is_declared(shape, frames[name])] == []
