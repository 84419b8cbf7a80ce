"""Our channel layer keeps Channels' specification, over both buses."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.exceptions import ChannelFull

from realtime.layer import NioChannelLayer
from tests.patience import PATIENCE_S

BUSES = ["memory://", pytest.param(os.environ.get("REDIS_URL", ""), marks=pytest.mark.redis)]
if not os.environ.get("REDIS_URL"):
    BUSES.pop()


@pytest.fixture(params=BUSES, ids=["memory", "redis"][: len(BUSES)])
def settings_of_layer(request):
    return {"bus": request.param, "prefix": f"test{secrets.token_hex(4)}", "capacity": 3}


@pytest.fixture
async def layer(settings_of_layer):
    layer = NioChannelLayer(**settings_of_layer)
    yield layer
    await layer.flush()
    await layer.close()


@pytest.fixture
async def other(settings_of_layer):
    """The layer as another process would have it."""
    layer = NioChannelLayer(**settings_of_layer)
    yield layer
    await layer.close()


async def nothing(layer: NioChannelLayer, channel: str) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.2)


async def soon(layer: NioChannelLayer, channel: str) -> dict[str, Any]:
    return await asyncio.wait_for(layer.receive(channel), PATIENCE_S)


async def test_a_message_goes_through_a_normal_channel(layer, other):
    message = {"type": "test.message", "text": "Olá 😀", "bytes": b"\x00\xff", "deep": {"list": [1, 2.5, None, True]}}

    await other.send("test-channel-1", message)

    assert await soon(layer, "test-channel-1") == message


async def test_a_reader_that_waits_is_woken_by_another_process(layer, other):
    reading = asyncio.create_task(soon(layer, "test-channel-1"))
    await asyncio.sleep(0.05)
    started = asyncio.get_running_loop().time()

    await other.send("test-channel-1", {"type": "late"})

    assert await reading == {"type": "late"}
    assert asyncio.get_running_loop().time() - started < 0.5


async def test_each_message_of_a_normal_channel_has_one_reader(layer, other):
    readers = [asyncio.create_task(soon(layer, "work")), asyncio.create_task(soon(other, "work"))]
    await asyncio.sleep(0.05)

    await layer.send("work", {"type": "a"})
    await layer.send("work", {"type": "b"})

    assert sorted(message["type"] for message in await asyncio.gather(*readers)) == ["a", "b"]
    await nothing(layer, "work")


@pytest.mark.parametrize("normal", [True, False])
async def test_a_full_channel_refuses(layer, normal):
    channel = "test-channel-1" if normal else await layer.new_channel()
    for _ in range(3):
        await layer.send(channel, {"type": "test.message"})

    with pytest.raises(ChannelFull):
        await layer.send(channel, {"type": "test.message"})


async def test_a_capacity_may_be_given_by_name(settings_of_layer):
    layer = NioChannelLayer(**settings_of_layer, channel_capacity={"tiny*": 1})
    await layer.send("tiny-one", {"type": "a"})

    with pytest.raises(ChannelFull):
        await layer.send("tiny-one", {"type": "b"})
    await layer.close()


async def test_a_message_goes_to_a_process_specific_channel_of_another_process(layer, other):
    channel = await layer.new_channel()

    await other.send(channel, {"type": "test.message", "text": "Local only please"})

    assert await soon(layer, channel) == {"type": "test.message", "text": "Local only please"}


@pytest.mark.parametrize("normal", [True, False])
async def test_messages_keep_their_order(layer, normal):
    channel = "test-channel-3" if normal else await layer.new_channel()
    for number in range(3):
        await layer.send(channel, {"type": f"message.{number}"})

    assert [(await soon(layer, channel))["type"] for _ in range(3)] == ["message.0", "message.1", "message.2"]


@pytest.mark.parametrize("normal", [True, False])
async def test_a_group_reaches_its_members_in_every_process_and_nobody_else(layer, other, normal):
    async def channel(of: NioChannelLayer, name: str) -> str:
        return name if normal else await of.new_channel(prefix=name)

    one, left, two = await channel(layer, "gr-1"), await channel(layer, "gr-2"), await channel(other, "gr-3")
    for of, name in ((layer, one), (layer, left), (other, two)):
        await of.group_add("test-group", name)
        await of.group_add("test-group", name)
    await layer.group_discard("test-group", left)
    await layer.group_discard("test-group", left)

    await layer.group_send("test-group", {"type": "message.1"})

    assert await soon(layer, one) == {"type": "message.1"}
    assert await soon(other, two) == {"type": "message.1"}
    await nothing(layer, left)
    await nothing(layer, one)


async def test_members_get_copies_of_their_own(layer):
    channels = [await layer.new_channel() for _ in range(2)]
    for channel in channels:
        await layer.group_add("test-group", channel)
    await layer.group_send("test-group", {"type": "x", "list": []})

    (await soon(layer, channels[0]))["list"].append("mine")

    assert await soon(layer, channels[1]) == {"type": "x", "list": []}


async def test_sending_to_a_group_never_fails_for_a_full_member(layer):
    channel = await layer.new_channel()
    await layer.group_add("test-group", channel)
    await layer.group_add("test-group", "normal")

    for _ in range(5):
        await layer.group_send("test-group", {"type": "message.1"})
    await asyncio.sleep(0.1)

    assert [await soon(layer, channel) for _ in range(3)] == [{"type": "message.1"}] * 3
    await nothing(layer, channel)


@pytest.mark.parametrize("normal", [True, False])
async def test_a_message_expires(settings_of_layer, normal):
    layer = NioChannelLayer(**settings_of_layer, expiry=0.1)
    channel = "test-channel-1" if normal else await layer.new_channel()
    for _ in range(3):
        await layer.send(channel, {"type": "old"})
    await asyncio.sleep(0.15)

    await layer.send(channel, {"type": "new"})

    assert await soon(layer, channel) == {"type": "new"}
    await nothing(layer, channel)
    await layer.close()


async def test_a_membership_expires(settings_of_layer):
    layer = NioChannelLayer(**settings_of_layer, group_expiry=-1)
    channel = await layer.new_channel()
    await layer.group_add("test-group", channel)
    await layer.group_add("test-group", "normal")

    await layer.group_send("test-group", {"type": "x"})

    await nothing(layer, channel)
    await nothing(layer, "normal")
    await layer.close()


async def test_flush_leaves_nothing(layer):
    channel = await layer.new_channel()
    await layer.group_add("test-group", channel)
    await layer.group_add("test-group", "normal")
    await layer.send("normal", {"type": "x"})
    await layer.send(channel, {"type": "x"})

    await layer.flush()
    await layer.group_send("test-group", {"type": "y"})

    await nothing(layer, "normal")
    await nothing(layer, channel)


async def test_a_reader_that_gives_up_loses_no_message(layer):
    channel = await layer.new_channel()
    await nothing(layer, channel)

    await layer.send(channel, {"type": "x"})

    assert await soon(layer, channel) == {"type": "x"}


async def test_channel_names_do_not_depend_on_the_random_seed(layer):
    random.seed(1)
    first = await layer.new_channel()
    random.seed(1)

    assert await layer.new_channel() != first


@pytest.mark.parametrize("name", ["spa ce", "ümlaut", "x" * 100, 5, "a!b!c", ""])
async def test_a_bad_name_or_message_is_refused(layer, name):
    with pytest.raises(TypeError):
        await layer.send(name, {"type": "x"})
    with pytest.raises(TypeError):
        await layer.group_add(name, "fine")
    with pytest.raises(TypeError):
        await layer.group_send("fine", "no dict")


async def test_the_extensions_are_named(layer):
    assert layer.extensions == ["groups", "flush"]
    assert layer.ChannelFull is ChannelFull


def test_the_layer_works_from_synchronous_code(settings_of_layer):
    async def both() -> dict[str, Any]:
        layer = NioChannelLayer(**settings_of_layer)
        await layer.send("sync", {"type": "x"})
        received = await soon(layer, "sync")
        await layer.close()
        return received

    assert async_to_sync(both)() == {"type": "x"}


async def test_local_fan_out_hears_bytes_posted_by_threads_and_other_processes(layer, other):
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    assert await layer.attach({"t7.agents": heard.put_nowait}) is True
    await other.station.line.ready()

    await asyncio.to_thread(other.post, [("t7.agents", b"K1 {}"), ("t7.other", b"K1 {}")])
    other.post([("t7.agents", b"K2 {}")])

    assert [await asyncio.wait_for(heard.get(), PATIENCE_S) for _ in range(2)] == [b"K1 {}", b"K2 {}"]
    layer.detach("t7.agents")
    other.post([("t7.agents", b"K3 {}")])
    await asyncio.sleep(0.05)
    assert heard.empty()


async def test_local_fan_out_and_ordinary_consumers_share_a_group(layer):
    heard: list[bytes] = []
    channel = await layer.new_channel()
    await layer.group_add("t7.agents", channel)
    await layer.attach({"t7.agents": heard.append})

    await layer.group_send("t7.agents", {"type": "x"})
    layer.post([("t7.agents", b"T{}")])

    assert await soon(layer, channel) == {"type": "x"}
    await nothing(layer, channel)
    assert heard == [b"T{}"]
