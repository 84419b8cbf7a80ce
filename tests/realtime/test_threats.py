"""The lines of the threat table that have a socket's answer, each under its number, on a real server."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts import tokens
from accounts.actions import keys, members, platform, profile, sessions
from accounts.credentials import resolve
from conversations import actions
from conversations.models import Conversation
from realtime.commands import DASHBOARD
from realtime.models import Connection, Epoch
from tests.realtime.clients import Client, Door, Frame, away, token
from tests.trade import inbox_of, written
from tests.world import Person


def frame(type: str, **fields: Any) -> str:  # noqa: A002 - the frame's own word
    return json.dumps({"type": type, **fields})


BIG = 2**53
FRAMES = [
    ("5 broken", '{"type": ', "BAD_JSON"),
    ("5 empty", "", "BAD_JSON"),
    ("6 array", "[]", "BAD_MESSAGE"),
    ("6 null", "null", "BAD_MESSAGE"),
    ("6 string", '"ping"', "BAD_MESSAGE"),
    ("7 missing", "{}", "UNKNOWN_TYPE"),
    ("7 number", '{"type": 5}', "UNKNOWN_TYPE"),
    ("7 unknown", '{"type": "dance"}', "UNKNOWN_TYPE"),
    ("8 channels", '{"type": "websocket.disconnect"}', "UNKNOWN_TYPE"),
    ("8 control", '{"type": "ctl.rights"}', "UNKNOWN_TYPE"),
    ("8 push", '{"type": "chat_message", "data": {}}', "UNKNOWN_TYPE"),
    ("8 attribute", '{"type": "__class__"}', "UNKNOWN_TYPE"),
    ("8 method", '{"type": "execute"}', "UNKNOWN_TYPE"),
    ("9", '{"type": "ping", "type": "message"}', "BAD_JSON"),
    ("10", '{"type": "ping", "x": ' + "[" * 20_000, "TOO_DEEP"),
    ("10 closed", '{"type": "ping", "x": ' + "[" * 17 + "]" * 17 + "}", "TOO_DEEP"),
    ("11 digits", '{"type": "ping", "request_id": ' + "9" * 5000 + "}", "BAD_NUMBER"),
    ("11 2^53", f'{{"type": "join", "conversation_id": {BIG}}}', "BAD_NUMBER"),
    ("11 2^63", f'{{"type": "read", "conversation_id": 1, "message_id": {2**63}}}', "BAD_NUMBER"),
    ("12 NaN", '{"type": "ping", "x": NaN}', "BAD_NUMBER"),
    ("12 Infinity", '{"type": "ping", "x": -Infinity}', "BAD_NUMBER"),
    ("12 1e999", '{"type": "ping", "x": 1e999}', "BAD_NUMBER"),
    ("13 value", '{"type": "ping", "x": "a\\u0000b"}', "BAD_TEXT"),
    ("13 key", '{"type": "ping", "\\u0000": 1}', "BAD_TEXT"),
    ("14", '{"type": "ping", "x": ["\\ud800"]}', "BAD_TEXT"),
    ("16", frame("message", conversation_id=1, content="z" * 16_385), "TOO_LONG"),
    ("64 join", frame("join", conversation_id=999_999), "NOT_FOUND"),
    ("84 negative", frame("resume", epoch="e", cursors={"t1.agents": -1}), "BAD_CURSOR"),
    ("84 string", frame("resume", epoch="e", cursors={"t1.agents": "5"}), "BAD_CURSOR"),
    ("id true", frame("join", conversation_id=True), "VALIDATION"),
    ("id text", frame("join", conversation_id="1 or 1"), "VALIDATION"),
    ("id missing", frame("join"), "REQUIRED"),
    ("presence", frame("presence", status="asleep"), "INVALID_CHOICE"),
]


async def goes_on(client: Client) -> bool:
    return bool((await client.ask("ping"))["type"] == "pong")


@pytest.mark.parametrize(("text", "code"), [row[1:] for row in FRAMES], ids=[row[0] for row in FRAMES])
async def test_a_bad_frame_gets_its_code_and_ends_nothing(door: Door, ana: Person, text: str, code: str):
    client = await door.open(await token(ana))

    await client.raw(text)

    assert (await client.next("error"))["data"]["code"] == code
    assert await goes_on(client)


CLOSES: list[tuple[str, str | bytes | list[str | bytes], bool | None, tuple[int, str | None]]] = [
    ("1", "x" * (64 * 1024 + 1), None, (1009, None)),
    ("1 huge", "x" * 900_000, None, (1009, None)),
    ("2", ["x" * 1024] * 65, None, (1009, None)),
    ("3", b"binary", None, (1003, "UNSUPPORTED_DATA")),
    ("4", b'{"type": "\xff\xfe"}', True, (1007, None)),
]


@pytest.mark.parametrize(("data", "text", "end"), [row[1:] for row in CLOSES], ids=[row[0] for row in CLOSES])
async def test_a_frame_that_breaks_the_protocol_closes_with_its_code(door: Door, ana: Person, data, text, end):
    client = await door.open(await token(ana))

    await client.connection.send(data, text=text)

    assert await client.end() == end


async def test_1_a_frame_of_64_kib_is_read(door: Door, ana: Person):
    client = await door.open(await token(ana))

    await client.raw('{"type": "ping", "request_id": "asked", "x": "' + "x" * (64 * 1024 - 48) + '"}')

    assert (await client.next("pong"))["data"]["request_id"] == "asked"


async def test_23_compression_is_not_negotiated(door: Door, ana: Person):
    client = await door.open(await token(ana), compression="deflate")

    assert client.connection.protocol.extensions == []


async def test_24_a_flood_of_control_frames_closes(door: Door, ana: Person):
    client = await door.open(await token(ana))

    for _ in range(200):
        await client.connection.ping()

    assert (await client.end())[0] == 4429


async def test_25_a_flood_is_read_slower_and_then_closed_and_nobody_else_notices(
    door: Door, ana: Person, bruno: Person
):
    flooding, calm = await door.open(await token(ana)), await door.open(await token(bruno))

    async def flood() -> None:
        while True:
            await flooding.send("ping")
            await asyncio.sleep(0)  # A client that never has to wait would never read.

    started = time.monotonic()
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(flood(), 20)
    took = time.monotonic() - started

    assert await flooding.end() == (4429, "RATE_LIMITED")
    assert took > 1
    assert sum(frame["type"] == "pong" for frame in flooding.frames) < 120 + 20 * took + 20
    assert await goes_on(calm)


async def test_25_a_queue_of_a_hundred_sent_at_once_is_welcome(door: Door, ana: Person):
    client = await door.open(await token(ana))

    for number in range(100):
        await client.send("ping", request_id=number)

    assert [(await client.next("pong"))["data"]["request_id"] for _ in range(100)] == list(range(100))
    assert not [frame for frame in client.frames if frame["type"] == "error"]


async def test_27_a_client_that_does_not_read_is_closed_within_a_while(door: Door, ana: Person, aurora):
    def history() -> None:
        inbox = inbox_of(aurora)
        for _ in range(8):
            written(inbox, "x" * 16_000)

    await away(history)()
    credential, epoch = await token(ana), await away(Epoch.current)()
    _reader, writer = await handshake(door, credential)
    resume = frame(
        "resume", epoch=epoch, cursors={f"t{ana.tenant_id}.agents": 0, f"t{ana.tenant_id}.u{ana.user_id}": 0}
    )
    for _ in range(100):
        writer.write(masked(resume.encode()))

    leases = Connection.objects.filter(user_id=ana.user_id, leaving=False)
    async with asyncio.timeout(15):
        while not await away(leases.exists)():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while await away(leases.exists)():  # noqa: ASYNC110 - it is another process that changes
            await asyncio.sleep(0.2)
    writer.close()

    assert 'niochat_sockets_closed_total{code="4408"}' in metrics_of(door)


def metrics_of(door: Door) -> str:
    return httpx.get(f"http://127.0.0.1:{door.server.port}/metrics").text


async def handshake(door: Door, credential: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A client without a library: it answers nothing by itself."""
    reader, writer = await asyncio.open_connection("127.0.0.1", door.server.port, limit=2**16)
    writer.write(
        f"GET /ws/dashboard/?token={credential} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b"101" in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def masked(payload: bytes) -> bytes:
    """A text frame with a mask of zeros."""
    length = len(payload)
    head = bytes((0x81, 0x80 | length)) if length < 126 else b"\x81\xfe" + length.to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


async def test_28_silence_without_credentials_is_closed(door: Door):
    client = await door.raw()

    assert await client.end() == (4401, "AUTH_TIMEOUT")


async def test_29_a_command_before_credentials_is_closed(door: Door):
    client = await door.raw()

    await client.send("ping")

    assert await client.end() == (4401, "NOT_AUTHENTICATED")


async def test_30_a_peer_without_a_sign_of_life_is_closed(door: Door, ana: Person):
    reader, writer = await handshake(door, await token(ana))

    async with asyncio.timeout(8):
        data = await reader.read(-1)
    writer.close()

    assert data[-len("..no sign of life") :] == (4408).to_bytes(2, "big") + b"no sign of life"


async def test_31_the_twenty_first_socket_is_one_too_many_and_the_others_stay(door: Door, ana: Person):
    credential = await token(ana)
    kept = [await door.open(credential) for _ in range(20)]

    newest = await door.raw(f"/ws/dashboard/?token={credential}")

    assert await newest.end() == (4429, "RATE_LIMITED")
    assert all([await goes_on(client) for client in kept])
    await kept[0].connection.close()
    await asyncio.sleep(0.2)
    await door.open(credential)


def forged(person: Person, algorithm: str = "HS256", key: str | None = None, **changes: Any) -> str:
    claims = jwt.decode(person.token(), options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, settings.SECRET_KEY if key is None else key, algorithm=algorithm)


BAD_CREDENTIALS: dict[str, tuple[Callable[[Person], str], str]] = {
    "40 garbage": (lambda _: "garbage", "TOKEN_INVALID"),
    "40 signature": (lambda person: forged(person, key="x" * 40), "TOKEN_INVALID"),
    "40 key": (lambda _: "nk_abcdefgh_notakey", "TOKEN_INVALID"),
    "41": (lambda person: person.token(seconds=-1), "TOKEN_EXPIRED"),
    "42 audience": (lambda person: forged(person, aud="others"), "TOKEN_INVALID"),
    "42 issuer": (lambda person: forged(person, iss="others"), "TOKEN_INVALID"),
    "42 exp": (lambda person: forged(person, exp=None), "TOKEN_INVALID"),
    "43 none": (lambda person: forged(person, "none", ""), "TOKEN_INVALID"),
    "43 HS512": (lambda person: forged(person, "HS512"), "TOKEN_INVALID"),
    "44": (lambda person: tokens.mint(person.session()).refresh, "TOKEN_INVALID"),
    "58 long": (lambda _: "x" * 8_000, "TOKEN_INVALID"),
}


@pytest.mark.filterwarnings("ignore:The HMAC key is")
@pytest.mark.parametrize(("make", "code"), BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
async def test_a_bad_credential_is_closed_with_its_code(door: Door, ana: Person, make, code):
    credential = await away(make)(ana)
    client = await door.raw()
    await client.send("auth", token=credential)

    assert await client.end() == (4401, code)


# --- rights that end -------------------------------------------------------------------------------------------------


def log_out(person: Person, credential: str) -> None:
    actor = resolve(credential)
    sessions.end_session(actor, actor.session_id or 0)


def reuse_a_refresh_token(person: Person, credential: str) -> None:
    session = person.membership.sessions.get(pk=resolve(credential).session_id or 0)
    old = tokens.mint(session).refresh
    for _ in range(2):
        APIClient().post("/api/v1/auth/token/refresh", {"refresh": old})


def change_password(person: Person, credential: str) -> None:
    profile.change_password(resolve(person.token()), make_password("outra-senha-9"))


def disable(person: Person, credential: str) -> None:
    platform.set_user_active(person.actor, person.user_id, active=False)


def suspend(person: Person, credential: str) -> None:
    platform.suspend_tenant(person.actor)


def promote(person: Person, credential: str) -> None:
    members.change_member(person.actor, person.user_id, role="supervisor")


def remove(person: Person, credential: str) -> None:
    members.remove_member(person.actor, person.user_id)


def restrict_an_inbox(person: Person, credential: str) -> None:
    inbox = inbox_of(person.membership.tenant)
    actions.update_inbox(person.actor, inbox.pk, restricted=True, user_ids=[person.user_id])


ENDS: dict[str, tuple[Callable[[Person, str], None], tuple[int, str]]] = {
    "47": (reuse_a_refresh_token, (4401, "SESSION_REVOKED")),
    "49": (log_out, (4401, "SESSION_REVOKED")),
    "50": (change_password, (4401, "SESSION_REVOKED")),
    "51": (disable, (4403, "USER_DISABLED")),
    "52 role": (promote, (4401, "SCOPE_CHANGED")),
    "52 inbox": (restrict_an_inbox, (4401, "SCOPE_CHANGED")),
    "52 removed": (remove, (4403, "FORBIDDEN")),
    "53": (suspend, (4403, "TENANT_INACTIVE")),
}


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


# --- what is not yours -----------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(eva: Person) -> Conversation:
    return written(inbox_of(eva.membership.tenant), "só da padaria").conversation


@pytest.fixture
def hidden(ana: Person, carla: Person) -> Conversation:
    """In a restricted inbox that ana is no member of."""
    inbox = inbox_of(ana.membership.tenant)
    actions.update_inbox(carla.actor, inbox.pk, restricted=True, user_ids=[])
    return written(inbox, "segredo").conversation


def commands_about(conversation: Conversation) -> list[Frame]:
    message_id, pk = conversation.last_message_id, conversation.pk
    return [
        {"type": "message", "conversation_id": pk, "content": "oi"},
        {"type": "typing", "conversation_id": pk, "is_typing": True},
        {"type": "read", "conversation_id": pk, "message_id": message_id},
        {"type": "sync", "conversation_id": pk, "last_message_id": message_id},
        {"type": "join", "conversation_id": pk},
        {"type": "react", "message_id": message_id, "reaction": "👍"},
        {"type": "delete", "message_id": message_id},
    ]


@pytest.fixture(params=["66 foreign", "67 hidden"])
def unseen(request: pytest.FixtureRequest) -> Conversation:
    found: Conversation = request.getfixturevalue(request.param.split()[1])
    found.refresh_from_db()
    return found


async def test_what_one_may_not_see_is_answered_as_what_does_not_exist(door: Door, ana: Person, unseen: Conversation):
    client = await door.open(await token(ana))
    nowhere = Conversation(pk=999_999, last_message_id=999_999)

    about_it = [await client.ask(**command) for command in commands_about(unseen)]
    about_nothing = await client.ask(**commands_about(nowhere)[0])

    assert {(answer["type"], answer["data"]["code"]) for answer in about_it} == {("error", "NOT_FOUND")}
    assert about_it[0]["data"] == about_nothing["data"]
    assert client.kept == []


def test_66_every_command_that_names_a_thing_is_tried():
    tried = {command["type"] for command in commands_about(Conversation(pk=1, last_message_id=1))}
    naming = {
        name for name, command in DASHBOARD.items() if {"conversation_id", "message_id"} & set(command.model_fields)
    }

    # Leaving a room that one is not in does nothing, whoever's it is.
    assert naming - tried == {"leave"}


async def test_63_nobody_sets_what_is_not_theirs_to_set(door: Door, ana: Person, aurora):
    conversation = await away(lambda: written(inbox_of(aurora)).conversation)()
    client = await door.open(await token(ana))

    await client.send(
        "message",
        conversation_id=conversation.pk,
        content="oi",
        tenant_id=99,
        sender="customer",
        status="read",
        seq=1,
        id=1,
    )
    shown = (await client.next("chat_message"))["data"]["message"]

    assert (shown["sender"], shown["status"], shown["author"]["id"]) == ("agent", "pending", ana.user_id)
    assert shown["id"] > conversation.last_message_id


async def test_22_78_79_81_a_message_is_refused_or_repeated_as_over_rest(door: Door, ana: Person, aurora):
    conversation = await away(lambda: written(inbox_of(aurora)).conversation)()
    client = await door.open(await token(ana))

    empty = await client.ask("message", conversation_id=conversation.pk, content=" \n ")
    first = await client.ask("message", conversation_id=conversation.pk, content="oi", client_message_id="c1")
    again = await client.ask("message", conversation_id=conversation.pk, content="outra", client_message_id="c1")
    await away(lambda: actions.close_conversation(ana.actor, conversation.pk))()
    late = await client.ask("message", conversation_id=conversation.pk, content="tarde demais")

    assert empty["data"]["code"] == "EMPTY"
    assert first["data"] == again["data"]
    assert late["data"]["code"] == "CONVERSATION_CLOSED"


async def test_82_another_s_message_may_not_be_deleted(door: Door, ana: Person, bruno: Person, aurora):
    def said() -> int:
        conversation = written(inbox_of(aurora)).conversation
        return actions.send_message(bruno.actor, conversation.pk, content="oi")[0].pk

    message_id = await away(said)()
    client = await door.open(await token(ana))

    answer = await client.ask("delete", message_id=message_id)

    assert answer["data"]["code"] == "FORBIDDEN"


async def test_ten_errors_within_a_minute_close(door: Door, ana: Person):
    client = await door.open(await token(ana))

    for _ in range(10):
        await client.raw("nonsense")

    assert (await client.end())[0] == 4400


async def test_20_markup_is_passed_on_as_it_was_written(door: Door, ana: Person, aurora):
    conversation = await away(lambda: written(inbox_of(aurora)).conversation)()
    client = await door.open(await token(ana))
    content = "<script>alert(1)</script> javascript:alert(1) \u202e\u200d😀"

    await client.send("message", conversation_id=conversation.pk, content=content)

    shown = await client.next("chat_message")
    assert shown["data"]["message"]["content"] == content


async def test_1011_never_appeared(running_server):
    lines = running_server.log.splitlines()

    # Between two tests the company is taken from under a socket that is just being let in.
    broken = [line for line in lines if "Traceback" in line and "matching query does not exist" not in line]
    assert broken == []
    assert [line for line in lines if re.search(r"\b1011\b", line)] == []
