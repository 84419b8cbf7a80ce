"""One customer on two sites of a company: each site's widget knows its own."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actor import Actor
from conversations import actions
from conversations.models import ContactIdentity, Conversation, Delivery, Inbox, Message
from conversations.typing import show_typing
from tests.trade import inbox_of, reply, written
from tests.widget.sockets import known, opened, quiet
from tests.widget.visiting import SHOP, browser_of
from tests.world import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fanout_ends")]


@pytest.fixture
def elsewhere(site: Inbox, conversation: Conversation) -> Conversation:
    """Joana's conversation on another site of Aurora's, which knows the same contact."""
    other = inbox_of(site.tenant, "Outra loja", allowed_origins=[SHOP])
    ContactIdentity.objects.create(
        tenant=site.tenant, inbox=other, contact_id=conversation.contact_id, identifier="v:joana"
    )
    return written(other, "Na outra loja").conversation


def busy(ana: Person, conversation: Conversation) -> Message:
    """Everything that a customer's widget is told of happens in a conversation."""
    message = reply(ana, conversation, "Segredo da outra")
    actions.react(ana.actor, message.pk, "👍")
    actions.mark_read(ana.actor, conversation.pk)
    actions.advance(Actor.system(ana.tenant_id), message.pk, Delivery.SENT)
    show_typing(
        ana.actor, Conversation.visible_to(ana.actor).select_related("inbox").get(pk=conversation.pk), is_typing=True
    )
    actions.delete_message(ana.actor, reply(ana, conversation, "Engano").pk)
    actions.close_conversation(ana.actor, conversation.pk)
    return message


async def test_what_is_said_on_another_site_never_reaches_this_one(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation
) -> None:
    assert elsewhere.contact_id == conversation.contact_id
    async with opened(known(site)) as socket:
        connected = await socket.hear("connected")
        await socket.hear("agent_status")

        await quiet(busy)(ana, elsewhere)
        await quiet(reply)(ana, conversation, "Daqui")

        assert (await socket.hear())["data"]["message"]["content"] == "Daqui"
    assert list(connected["data"]["cursors"]) == [f"t{site.tenant_id}.c{conversation.contact_id}.i{site.pk}"]


async def test_a_resume_brings_nothing_of_another_site(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation
) -> None:
    await quiet(busy)(ana, elsewhere)
    ours = f"t{site.tenant_id}.c{conversation.contact_id}.i{site.pk}"
    theirs = f"t{site.tenant_id}.c{conversation.contact_id}.i{elsewhere.inbox_id}"
    async with opened(known(site)) as socket:
        epoch = (await socket.hear("connected"))["data"]["epoch"]
        await socket.hear("agent_status")
        await socket.say("resume", epoch=epoch, cursors={ours: 0, theirs: 0})

        seen = [await socket.hear()]
        while seen[-1]["type"] != "resumed":
            seen.append(await socket.hear())

    assert {frame["stream"] for frame in seen if "stream" in frame} == {ours}
    assert list(seen[-1]["data"]["cursors"]) == [ours]


@pytest.mark.parametrize("command", ["read", "received", "react"])
async def test_a_message_of_another_site_is_not_there(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation, command: str
) -> None:
    message = await quiet(reply)(ana, elsewhere)
    async with opened(known(site)) as socket:
        await socket.say(command, message_id=message.pk, reaction="👍")

        assert (await socket.hear("error"))["data"]["code"] == "NOT_FOUND"


async def test_the_history_of_another_site_is_not_shown(
    site: Inbox, ana: Person, conversation: Conversation, elsewhere: Conversation
) -> None:
    def shown() -> tuple[Any, Any]:
        browser = browser_of(site, "v:joana")
        return browser.get("/snapshot").json(), browser.get("/messages").json()

    await quiet(busy)(ana, elsewhere)
    state, history = await quiet(shown)()

    assert state["conversation"]["id"] == conversation.pk
    assert {message["conversation_id"] for message in [*state["messages"], *history]} == {conversation.pk}


async def test_a_token_of_another_site_does_not_renew_it(
    site: Inbox, conversation: Conversation, elsewhere: Conversation
) -> None:
    other = await quiet(Inbox.objects.get)(pk=elsewhere.inbox_id)
    async with opened(known(site)) as socket:
        await socket.say("auth", token=known(other))

        assert await socket.ended() == 4401
