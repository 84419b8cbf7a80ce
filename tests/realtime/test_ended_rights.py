"""A right that ends closes the sockets that had it, and no other; each under its number in the threat table."""

from __future__ import annotations

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from accounts.actions import keys
from tests.realtime.clients import Client, Door, away, goes_on, token
from tests.realtime.endings import ENDS, disable, log_out
from tests.world import Person


@pytest.mark.parametrize(("act", "end"), ENDS.values(), ids=ENDS)
async def test_a_right_that_ends_closes_the_socket_within_two_seconds(door, ana, davi, eva, *, act, end):
    credential = await token(ana)
    ended, foreign = await door.open(credential), await door.open(await token(eva))

    await away(act)(ana, credential)

    assert await ended.end(within=2) == end
    assert await goes_on(foreign)


async def test_49_the_other_logins_of_a_user_go_on(door: Door, ana: Person):
    credential = await token(ana)
    ended, other = await door.open(credential), await door.open(await token(ana))

    await away(log_out)(ana, credential)

    await ended.end(within=2)
    assert await goes_on(other)


async def test_a_revoked_client_key_closes_its_sockets_only(door: Door, davi: Person):
    actor = await away(lambda: davi.actor)()
    key, text = await away(keys.create_key)(actor, name="robot")
    by_key, by_token = await door.open(text), await door.open(await token(davi))

    await away(keys.revoke_key)(actor, key.pk)

    assert await by_key.end(within=2) == (4401, "TOKEN_INVALID")
    assert await goes_on(by_token)


async def test_51_a_socket_opened_at_the_moment_of_a_revocation_does_not_slip_in(door: Door, ana: Person):
    """Opened before, while or after: in the end none of them hears anything more."""
    credential = await token(ana)
    opening = [asyncio.create_task(door.raw(f"/ws/dashboard/?token={credential}")) for _ in range(12)]
    await away(disable)(ana, credential)

    opened = await asyncio.gather(*opening, return_exceptions=True)
    ends = [await client.end(within=4) for client in opened if isinstance(client, Client)]

    assert all(isinstance(client, Client | InvalidStatus) for client in opened)
    assert {end[0] for end in ends} <= {4401, 4403}
