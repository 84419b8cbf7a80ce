"""What the JavaScript client promises, kept against the real server: nothing lost, nothing twice, in order."""

from __future__ import annotations

import asyncio

import pytest

from conversations.models import Message
from realtime.models import Stream, StreamEvent
from tests.patience import PATIENCE_S
from tests.realtime.clients import away

pytestmark = pytest.mark.django_db(transaction=True)


def contents(node) -> list[str]:
    return [data["message"]["content"] for data in node.of("chat_message")]


def stored(conversation) -> list[str]:
    """What agents wrote in a conversation, in the order in which it was stored."""
    rows = Message.objects.filter(conversation=conversation).exclude(sender_key__startswith="c").order_by("pk")
    return list(rows.values_list("content", flat=True))


async def test_two_agents_and_a_customer_follow_each_other(running_server, node, *, ana, bruno, conversation, customer):
    one = await node(running_server, token=await away(ana.token)())
    two = await node(running_server, token=await away(bruno.token)(), auth="frame", snapshot=True)
    welcome, _ = await one.do("connect"), await two.do("connect")
    assert welcome["user_id"] == ana.user_id
    await two.has("snapshot")
    assert [row["id"] for row in two.of("snapshot")[0]["conversations"]] == [conversation.pk]

    assert (await one.do("joinConversation", conversation.pk))["user_ids"] == [ana.user_id]
    await two.do("joinConversation", conversation.pk)
    await two.do("startTyping", conversation.pk)
    await one.until(lambda: any(data["user_id"] == bruno.user_id for data in one.of("typing")))

    sent = await two.do("sendMessage", conversation.pk, "Bom dia")
    await one.do("react", sent["message_id"], "👍")
    await one.do("markAsRead", conversation.pk, sent["message_id"])
    await customer("Obrigada")
    await two.do("deleteMessage", sent["message_id"])
    for each in (one, two):
        await each.has("message_deleted")
        assert contents(each) == ["Bom dia", "Obrigada"]
        assert [data["reaction"] for data in each.of("message_reaction")] == ["👍"]
        assert [data["message_id"] for data in each.of("message_read")] == [sent["message_id"]]
        assert {data["message_id"] for data in each.of("message_deleted")} == {sent["message_id"]}
    synced = await one.do("sync", conversation.pk, 0)
    assert [message["content"] for message in synced["messages"]][-1] == "Obrigada"


async def test_a_refusal_reaches_whoever_asked(running_server, node, ana, eva):
    one = await node(running_server, token=await away(ana.token)())
    await one.do("connect")
    with pytest.raises(RuntimeError, match="NOT_FOUND"):
        await one.do("sendMessage", 999_999, "x")
    with pytest.raises(RuntimeError, match="VALIDATION"):
        await one.do("joinConversation", "abc")
    assert await one.do("isConnected")


async def test_a_token_s_end_is_gone_through_without_a_break(running_server, node, ana, customer):
    async def renew() -> str:
        return str(await away(ana.token)(seconds=60))

    one = await node(running_server, token=await away(ana.token)(seconds=6), renew=renew)
    await one.do("connect")
    await one.has("auth_expiring")
    beats = len(one.of("heartbeat"))
    await one.until(lambda: len(one.of("heartbeat")) >= beats + 4)  # One a second: past the first token's end.
    await customer("Ainda aí?")
    await one.until(lambda: contents(one) == ["Ainda aí?"])
    assert (one.renewals, one.of("disconnected")) == (1, [])


async def test_an_ended_session_is_renewed_once_and_then_believed(running_server, node, ana, customer):
    async def renew() -> str:
        return str(await away(ana.token)())

    lived = await node(running_server, token=await away(ana.token)(seconds=-5), renew=renew)
    await lived.do("connect")
    assert lived.renewals == 1

    ended = await node(running_server, token=await away(ana.token)(seconds=-5))
    with pytest.raises(RuntimeError, match="TOKEN_EXPIRED"):
        await ended.do("connect")
    assert ended.of("state")[-1]["state"] == "error"


async def test_a_server_that_dies_again_and_again_costs_no_message_and_doubles_none(
    own_server, node, ana, bruno, conversation
):
    writer = await node(own_server, token=await away(ana.token)())
    reader = await node(own_server, token=await away(bruno.token)())
    await writer.do("connect")
    await reader.do("connect")
    wanted = [f"mensagem {number}" for number in range(40)]
    answers = []
    for start in range(0, len(wanted), 10):
        answers += [writer.begin("sendMessage", conversation.pk, text) for text in wanted[start : start + 10]]
        await asyncio.wait([answers[start + 2]])
        await asyncio.to_thread(own_server.kill)
        await asyncio.to_thread(own_server.start)
    await asyncio.wait_for(asyncio.gather(*answers), PATIENCE_S)

    await reader.until(lambda: len(contents(reader)) >= len(wanted))
    assert await away(stored)(conversation) == wanted
    assert contents(reader) == wanted
    assert contents(writer) == wanted


async def test_a_reload_resumes_from_the_stored_position(running_server, node, ana, customer, tmp_path):
    kept = {"file": str(tmp_path / "position.json"), "token": await away(ana.token)()}
    before = await node(running_server, **kept)
    await before.do("connect")
    await customer("um")
    await before.until(lambda: contents(before) == ["um"])
    await before.end()
    await customer("dois")

    after = await node(running_server, **kept)
    await after.do("connect")
    await customer("três")
    await after.until(lambda: len(contents(after)) == 2)
    assert contents(after) == ["dois", "três"]
    assert after.of("resync") == []


def prune() -> None:
    """A week has passed: what was kept is gone."""
    for stream in Stream.objects.all():
        StreamEvent.objects.filter(stream=stream.name).delete()
        Stream.objects.filter(pk=stream.pk).update(floor=stream.head)


async def test_what_the_log_has_no_more_is_told_by_a_snapshot(
    running_server, node, *, ana, conversation, customer, tmp_path
):
    kept = {"file": str(tmp_path / "position.json"), "token": await away(ana.token)(), "snapshot": True}
    before = await node(running_server, **kept)
    await before.do("connect")
    await before.has("snapshot")
    await before.end()
    await customer("longe")
    await away(prune)()

    after = await node(running_server, **kept)
    await after.do("connect")
    await after.has("snapshot")
    await customer("perto")
    await after.until(lambda: contents(after) == ["perto"])
    assert after.of("snapshot")[0]["conversations"][0]["last_message"] == "longe"
