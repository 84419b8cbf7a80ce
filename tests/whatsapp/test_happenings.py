"""What customers and Meta do to messages: quotes, reactions, edits, revocations, statuses, in any order and twice."""

from __future__ import annotations

import time
from typing import Any

import pytest

from conversations.models import Conversation, Delivery, Inbox, Message, Reaction, SetAside
from jobs.models import Job
from jobs.worker import drain
from tests.trade import published, reply
from tests.whatsapp.lines import became, delivery, post, said
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def answered(line: Inbox, ana: Person, wamid: str = "wamid.ours") -> Message:
    """Joana wrote, and Ana's answer is at Meta."""
    post(line, delivery(said(wamid="wamid.hers")))
    drain()
    message = reply(ana, Conversation.objects.get())
    Job.objects.all().delete()
    Message.objects.filter(pk=message.pk).update(provider_id=wamid, status=Delivery.SENT)
    return message


def test_a_reply_quotes_the_message_that_it_answers(line: Inbox, ana: Person):
    ours = answered(line, ana)
    post(line, delivery(said("Esse", context={"id": "wamid.ours"}), said("Qual?", context={"id": "wamid.gone"})))
    drain()

    quoted = dict(Message.objects.filter(sender_type="contact").values_list("content", "reply_to"))
    assert (quoted["Esse"], quoted["Qual?"]) == (ours.pk, None)


def test_a_reaction_is_set_replaced_and_taken_back(line: Inbox, ana: Person):
    answered(line, ana)
    for emoji in ("👍", "❤️"):
        post(line, delivery(said(type="reaction", reaction={"message_id": "wamid.ours", "emoji": emoji})))
        drain()
        assert Reaction.objects.get().reaction == emoji
    post(line, delivery(said(type="reaction", reaction={"message_id": "wamid.ours"})))
    drain()

    assert Reaction.objects.count() == 0


def test_a_reaction_that_was_taken_back_does_not_come_back_by_an_older_report(line: Inbox, ana: Person):
    answered(line, ana)
    began = time.time()
    taken_back = said(type="reaction", reaction={"message_id": "wamid.ours"}, at=began + 9)
    older = said(type="reaction", reaction={"message_id": "wamid.ours", "emoji": "👍"}, at=began + 4)

    with published() as frames:
        for told in (taken_back, older):
            post(line, delivery(told))
            drain()

    assert Reaction.objects.count() == 0
    assert frames.to("agents").types == []


def test_an_edit_shows_the_new_words_and_keeps_the_old_ones(line: Inbox, ana: Person):
    answered(line, ana)
    edit = {"original_message_id": "wamid.hers", "message": {"type": "text", "text": {"body": "Oi, tudo bem?"}}}

    with published() as frames:
        post(line, delivery(said(type="edit", edit=edit, at=time.time() + 5)))
        drain()
        older = edit | {"message": {"type": "text", "text": {"body": "Velho"}}}
        post(line, delivery(said(type="edit", edit=older)))
        drain()

    message = Message.objects.get(provider_id="wamid.hers")
    assert (message.content, [one["content"] for one in message.metadata["edits"]]) == ("Oi, tudo bem?", ["Oi"])
    assert frames.to("agents").types == ["message_updated"]


def test_a_revoked_message_is_a_tombstone_of_the_contacts(line: Inbox, ana: Person):
    answered(line, ana)
    post(line, delivery(said(type="revoke", revoke={"original_message_id": "wamid.hers"})))
    drain()

    message = Message.objects.get(provider_id="wamid.hers")
    assert message.deleted_at is not None
    assert (message.content, message.deleted_by) == ("", None)


def test_nobody_edits_or_revokes_what_is_not_theirs(line: Inbox, ana: Person):
    answered(line, ana)
    edit = {"original_message_id": "wamid.ours", "message": {"type": "text", "text": {"body": "hacked"}}}
    post(
        line, delivery(said(type="edit", edit=edit), said(type="revoke", revoke={"original_message_id": "wamid.ours"}))
    )
    drain()

    ours = Message.objects.get(provider_id="wamid.ours")
    assert (ours.content, ours.deleted_at) == ("Olá!", None)


def test_statuses_in_any_order_and_twice_only_rise(line: Inbox, ana: Person):
    ours = answered(line, ana)
    with published() as frames:
        for status in ("read", "sent", "delivered", "read", "sent"):
            post(line, delivery(became("wamid.ours", status), became("wamid.ours", status)))
            drain()

    assert Message.objects.get(pk=ours.pk).status == "read"
    assert frames.to("agents").types == ["message_status"]


@pytest.mark.parametrize(
    ("reported", "told"),
    [
        (["delivered", "failed"], ["delivered"]),
        (["failed", "sent", "delivered", "failed"], ["failed", "delivered"]),
        (["delivered", "delivered", "sent", "read", "read"], ["delivered", "read"]),
    ],
)
def test_each_real_advance_is_told_once_to_either_side(line: Inbox, ana: Person, reported: list[str], told: list[str]):
    ours = answered(line, ana)
    with published() as frames:
        for status in reported:
            post(line, delivery(became("wamid.ours", status), became("wamid.ours", status)))
            drain()

    assert Message.objects.get(pk=ours.pk).status == told[-1]
    changes = [frame for frame in frames if frame["type"] == "message_status"]
    for stream in {frame["stream"] for frame in changes}:
        assert [frame["data"]["status"] for frame in changes if frame["stream"] == stream] == told


def test_a_failure_says_the_providers_reason(line: Inbox, ana: Person):
    ours = answered(line, ana)
    errors = [{"code": 131049, "title": "Not delivered", "error_data": {"details": "Too much marketing."}}]
    post(line, delivery(became("wamid.ours", "failed", errors=errors)))
    drain()

    ours.refresh_from_db()
    assert (ours.status, ours.error) == ("failed", "Too much marketing. (131049)")


def test_what_comes_before_its_message_waits_for_it(line: Inbox):
    edit = {"original_message_id": "wamid.late", "message": {"type": "text", "text": {"body": "Certo"}}}
    post(line, delivery(said(type="edit", edit=edit, at=time.time() + 1)))
    drain()
    assert (SetAside.objects.get().reason, Message.objects.count()) == ("early", 0)

    post(line, delivery(said("Errado", wamid="wamid.late")))
    drain()

    assert Message.objects.get().content == "Certo"
    assert SetAside.objects.count() == Job.objects.count() == 0


def test_nobody_changes_or_marks_what_another_customer_wrote(line: Inbox):
    post(line, delivery(said("Oi", wamid="wamid.hers")))
    thief: dict[str, Any] = {"phone": "5511911112222", "name": "Ladrão"}
    edit = {"original_message_id": "wamid.hers", "message": {"type": "text", "text": {"body": "Não quero mais"}}}
    for what in (
        {"type": "edit", "edit": edit, "at": time.time() + 1},
        {"type": "revoke", "revoke": {"original_message_id": "wamid.hers"}},
        {"type": "reaction", "reaction": {"message_id": "wamid.hers", "emoji": "👎"}},
    ):
        post(line, delivery(said(**thief, **what)))
    drain()

    hers = Message.objects.get(provider_id="wamid.hers")
    assert (hers.content, hers.deleted_at, hers.reactions.count()) == ("Oi", None, 0)
    assert list(SetAside.objects.values_list("error", flat=True)) == ["not_theirs"] * 3


def test_what_is_unsupported_is_shown_as_such(line: Inbox):
    post(line, delivery(said(type="poll", poll={"x": 1})))
    drain()

    message = Message.objects.get()
    assert message.content.startswith("O cliente enviou algo")
    assert message.metadata["unsupported"]["type"] == "poll"
