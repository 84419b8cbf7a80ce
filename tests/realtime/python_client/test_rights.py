"""The Python client's credentials: renewed, refused, ended, changed."""

from __future__ import annotations

import asyncio

import pytest

from accounts.actions.members import change_member
from accounts.actor import Role
from accounts.models import Membership
from niochat_client import (
    AuthenticationFailed,
    Backoff,
    ConnectionEnded,
    NioChatClient,
    Snapshot,
    State,
)
from tests.patience import PATIENCE_S
from tests.realtime.clients import away
from tests.realtime.python_client.conftest import SOON, client_of, eventually
from tests.realtime.python_client.hearing import said, turned, until

pytestmark = pytest.mark.usefixtures("hashed")


async def test_a_token_s_end_is_lived_through_without_a_break(running_server, ana, conversation, customer):
    given: list[str] = []
    states: list[State] = []

    async def short_lived() -> str:
        given.append(await away(lambda: ana.token(seconds=4))())
        return given[-1]

    async with NioChatClient(
        running_server.url, get_token=short_lived, on_state=lambda s, _: states.append(s)
    ) as client:
        await client.ready()
        await eventually(lambda: len(given) >= 3)
        await customer("ainda aí?")
        assert await said(client, "ainda aí?") == ["ainda aí?"]

    assert states == [State.CONNECTING, State.CONNECTED, State.DISCONNECTED]


async def test_a_logout_elsewhere_is_answered_by_one_new_login(running_server, ana, conversation, customer):
    states: list[State] = []
    async with client_of(running_server, ana, on_state=lambda state, _: states.append(state)) as client:
        await client.ready()
        await client.rest.logout()
        await turned(client, State.RECONNECTING)
        await client.ready()
        await customer("voltou?")
        assert await said(client, "voltou?") == ["voltou?"]
        assert (await client.rest.me())["username"] == ana.username

    assert State.ERROR not in states


async def test_a_fixed_token_that_ends_is_final(running_server, ana):
    token = await away(lambda: ana.token(seconds=5))()
    async with NioChatClient(running_server.url, token=token, backoff=SOON) as client:
        await client.ready()
        with pytest.raises(AuthenticationFailed):
            async with asyncio.timeout(PATIENCE_S):
                await client.run()
        with pytest.raises(AuthenticationFailed):
            await client.ping()

    assert client.state is State.ERROR


async def test_a_wrong_password_is_said_at_once_and_not_tried_again(running_server, ana):
    async with NioChatClient(running_server.url, username=ana.username, password="wrong") as client:
        with pytest.raises(AuthenticationFailed):
            await client.ready()


async def test_a_removed_member_does_not_come_back(running_server, ana, davi):
    async with client_of(running_server, ana) as client:
        await client.ready()
        await away(lambda: change_member(davi.actor, ana.user_id, is_active=False))()
        with pytest.raises(ConnectionEnded, match="4403"):
            async with asyncio.timeout(PATIENCE_S):
                await client.run()


async def test_changed_rights_are_followed_by_a_snapshot(running_server, ana, davi, conversation):
    async with client_of(running_server, ana) as client:
        await client.ready()
        await away(lambda: change_member(davi.actor, ana.user_id, role=Role.SUPERVISOR))()
        await until(client, lambda event: isinstance(event, Snapshot))

    assert (await away(Membership.objects.get)(pk=ana.membership_id)).role == Role.SUPERVISOR


async def test_an_address_without_niochat_is_said_at_once(running_server, ana):
    async with NioChatClient(f"{running_server.url}/elsewhere", token="nk_x") as client:
        with pytest.raises(ConnectionEnded, match="is this where NioChat is"):
            await client.ready()


async def test_attempts_can_be_limited(ana):
    nowhere = NioChatClient("http://127.0.0.1:9", token="nk_x", backoff=Backoff(first_s=0.01, attempts=3))
    async with nowhere as client:
        with pytest.raises(ConnectionEnded, match="Gave up after 3"):
            await client.ready()
