"""A reply that is longer than a message of Telegram's: it goes in parts, and stays one message here."""

from __future__ import annotations

import io

import pytest

from conversations import actions
from conversations.models import Conversation, Inbox, Message, SendAttempt
from conversations.providers import Outcome
from conversations.providers.telegram import TelegramProvider
from jobs.worker import drain
from niochat.simulators.telegram_http import TelegramServer
from tests.telegram.lines import JOANA
from tests.telegram.test_sending import bot, chat, line, png
from tests.trade import Frames, again, fresh, published, reply
from tests.world import Person

__all__ = ["bot", "chat", "line"]
pytestmark = pytest.mark.django_db(transaction=True)
SENTENCE = "Segue a resposta completa, com tudo o que foi pedido. "
LONG = (SENTENCE * 200).strip()


def texts(bot: TelegramServer) -> list[str]:
    return [one.get("text") or one.get("caption", "") for one in bot.world.sent]


def statuses(frames: Frames) -> list[str]:
    return [one["data"]["status"] for one in frames if one["type"] == "message_status" and "agents" in one["stream"]]


def handed_over(message: Message, part: int) -> Outcome:
    """What a worker does between its two notes."""
    found = Message.objects.select_related("inbox__account", "conversation__contact").get(pk=message.pk)
    return TelegramProvider().send_part(found.inbox, found, part)


def test_a_long_text_goes_in_parts_and_is_sent_once_all_are(ana: Person, chat: Conversation, bot: TelegramServer):
    hers = Message.objects.get(sender_type="contact")
    with published() as frames:
        message = reply(ana, chat, LONG, reply_to=hers.pk, metadata={"buttons": ["Sim"]})
        drain()

    assert len(bot.world.sent) == 3
    assert " ".join(texts(bot)) == LONG
    assert all(text.endswith("pedido.") for text in texts(bot))
    assert ["reply_parameters" in one for one in bot.world.sent] == [True, False, False]
    assert ["reply_markup" in one for one in bot.world.sent] == [False, False, True]
    assert statuses(frames) == ["sent"]
    ids = [f"{JOANA}:{one['message_id']}" for one in bot.world.sent]
    assert (fresh(message).provider_id, message.names_at_provider()) == (ids[0], ids)


def test_a_long_caption_goes_on_as_texts(ana: Person, chat: Conversation, line: Inbox, bot: TelegramServer):
    content = png()
    file = actions.attach_file(
        ana.actor, line, chat, name="a.png", content=io.BytesIO(content), size=len(content), sender_key=ana.actor.key
    )
    message = reply(ana, chat, SENTENCE * 30, attachments=[file.pk])
    drain()

    assert [one["method"] for one in bot.world.sent] == ["sendPhoto", "sendMessage"]
    assert " ".join(texts(bot)) == (SENTENCE * 30).strip()
    assert fresh(message).status == "sent"


def test_what_the_customer_does_to_any_part_is_done_to_the_message(
    ana: Person, chat: Conversation, bot: TelegramServer
):
    message = reply(ana, chat, LONG)
    drain()
    last = bot.world.sent[-1]["message_id"]
    bot.world.react(JOANA, last, "👍")
    bot.world.say(JOANA, "Joana", {"text": "Isto?", "reply_to_message": {"message_id": last}})
    assert bot.world.quiet()
    drain()

    assert [mark.reaction for mark in fresh(message).reactions.all()] == ["👍"]
    assert Message.objects.get(content="Isto?").reply_to_id == message.pk


def test_deleting_it_takes_all_parts_back(ana: Person, chat: Conversation, bot: TelegramServer):
    message = reply(ana, chat, LONG)
    drain()
    actions.delete_message(ana.actor, message.pk)
    drain()

    (deleted,) = [one for one in bot.world.shown if one["event"] == "deleted"]
    assert deleted["message_ids"] == [one["message_id"] for one in bot.world.sent]


def test_what_is_deleted_on_its_way_stops_there_and_is_taken_back(ana: Person, chat: Conversation, bot: TelegramServer):
    message = reply(ana, chat, LONG)
    attempt = actions.begin_sending(ana.actor, message.pk)
    assert attempt is not None
    outcome = handed_over(message, 0)
    actions.delete_message(ana.actor, message.pk)
    actions.settle_sending(ana.actor, attempt.pk, outcome)
    drain()

    assert len(bot.world.sent) == 1
    (deleted,) = [one for one in bot.world.shown if one["event"] == "deleted"]
    assert deleted["message_ids"] == [bot.world.sent[0]["message_id"]]


def test_a_part_that_comes_too_fast_waits_and_goes_on_where_it_was(
    ana: Person, chat: Conversation, bot: TelegramServer
):
    message = reply(ana, chat, LONG)
    bot.world.moods.answers += ["", "throttled"]
    drain()
    assert (len(bot.world.sent), fresh(message).status) == (1, "pending")

    again()

    assert " ".join(texts(bot)) == LONG
    assert fresh(message).status == "sent"


def test_a_failure_in_the_middle_is_said_and_the_rest_can_be_sent(ana: Person, chat: Conversation, bot: TelegramServer):
    message = reply(ana, chat, LONG)
    bot.world.moods.answers += ["", "blocked"]
    with published() as frames:
        drain()

    assert statuses(frames) == ["failed"]
    assert fresh(message).error.startswith("1 of its 3 parts")
    assert fresh(message).error.endswith("Forbidden: bot was blocked by the user")

    actions.retry_message(ana.actor, message.pk)
    drain()

    assert " ".join(texts(bot)) == LONG
    assert fresh(message).status == "sent"


def test_a_part_whose_end_nobody_knows_is_not_repeated(ana: Person, chat: Conversation, bot: TelegramServer):
    message = reply(ana, chat, LONG)
    bot.world.moods.answers += ["", "taken_but_silent"]
    drain()
    again()

    assert (len(bot.world.sent), fresh(message).status) == (2, "failed")
    assert fresh(message).error.startswith("1 of its 3 parts")


def test_a_worker_that_dies_between_two_parts_is_followed_by_one_that_sends_the_rest(
    ana: Person, chat: Conversation, bot: TelegramServer
):
    message = reply(ana, chat, LONG)
    attempt = actions.begin_sending(ana.actor, message.pk)
    assert attempt is not None
    actions.settle_sending(ana.actor, attempt.pk, handed_over(message, 0))
    drain()

    assert " ".join(texts(bot)) == LONG
    assert list(SendAttempt.objects.order_by("pk").values_list("part", flat=True)) == [0, 1, 2]
    assert fresh(message).status == "sent"
