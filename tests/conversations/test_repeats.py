"""Every action of the trade done twice, and five times at once: what it does is done, told and written down once.

An action that is missing here fails the first test; add its line to the table.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.utils.timezone import now

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Membership
from conversations import actions
from conversations.models import (
    Attachment,
    ContactIdentity,
    Conversation,
    Delivery,
    Inbox,
    Message,
    ProviderAccount,
    WebhookDelivery,
)
from conversations.providers import Outcome
from conversations.providers.base import Checked, Fetched, Template
from jobs.models import Job, State
from tests.gateways.lines import picture, qr_inbox
from tests.telegram.lines import telegram_inbox
from tests.trade import Frames, published, reply, written
from tests.whatsapp.lines import whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
TOGETHER = 5
SOON = now() + timedelta(hours=1)


@dataclass
class Stage:
    """Who and what the table's lines play with."""

    ana: Person
    carla: Person
    davi: Person
    site: Inbox
    conversation: Conversation
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.conversation.pk

    @property
    def first(self) -> int:
        """The message that the customer began with."""
        return Message.objects.filter(conversation=self.conversation).earliest("pk").pk

    @property
    def contact(self) -> Actor:
        return Actor.contact(self.conversation.tenant_id, self.conversation.contact_id)


Act = Callable[[Stage], Any]
UPDATED = ["conversation_updated"]
LINE = ["chat_message", *UPDATED]
HOUSE = ["directory_updated"]


@dataclass
class Line:
    """What an action does once; `again` is the code with which a repeat is refused, `makes_more` that it is none."""

    act: Act
    before: Act = lambda stage: None
    audited: int = 1
    agents: list[str] = field(default_factory=list)
    contact: list[str] = field(default_factory=list)
    again: str = ""
    makes_more: bool = False


def answered(stage: Stage) -> None:
    stage.made["message"] = reply(stage.ana, stage.conversation).pk


def closed(stage: Stage) -> None:
    actions.close_conversation(stage.ana.actor, stage.id)


def labelled(stage: Stage) -> None:
    stage.made["label"] = actions.create_label(stage.carla.actor, name="vip").pk
    actions.update_conversation(stage.ana.actor, stage.id, labels=["vip"])


def teamed(stage: Stage) -> None:
    stage.made["team"] = actions.create_team(stage.carla.actor, name="Vendas", user_ids=[stage.ana.user_id]).pk
    actions.assign(stage.ana.actor, stage.id, user_id=None, team_id=stage.made["team"])


def overslept(stage: Stage) -> None:
    with clock.at(now() - timedelta(hours=2)):
        actions.snooze(stage.ana.actor, stage.id, until=now() - timedelta(hours=1))


def asked(stage: Stage) -> None:
    stage.made["survey"] = actions.send_survey(stage.ana.actor, stage.id).pk


def closed_without_survey(stage: Stage) -> None:
    Inbox.objects.filter(pk=stage.site.pk).update(csat_enabled=False)
    closed(stage)


def jobless(stage: Stage) -> None:
    answered(stage)
    Message.objects.update(created_at=now() - timedelta(minutes=5))
    Job.objects.all().delete()


def failed(stage: Stage) -> None:
    answered(stage)
    actions.advance(Actor.system(stage.ana.tenant_id), stage.made["message"], Delivery.FAILED, error="Sem rede")
    Job.objects.all().delete()


def buried(stage: Stage) -> None:
    answered(stage)
    Job.objects.update(state=State.DEAD, attempts=8, last_error="TimeoutError")


def left(stage: Stage) -> None:
    actions.assign(stage.ana.actor, stage.id, user_id=stage.ana.user_id)
    Membership.objects.filter(pk=stage.ana.membership_id).update(is_active=False)


def another_customer(stage: Stage) -> None:
    stage.made["contact"] = actions.create_contact(stage.ana.actor, name="Otto")[0].pk


def thrown_away(stage: Stage) -> None:
    uploaded(stage)
    Attachment.objects.update(created_at=now() - timedelta(days=2))


def uploaded(stage: Stage) -> Attachment:
    return actions.attach_file(
        stage.ana.actor,
        stage.site,
        stage.conversation,
        name="nota.txt",
        content=BytesIO(b"ola"),
        size=3,
        sender_key=stage.ana.actor.key,
    )


def online(stage: Stage) -> Inbox:
    """WhatsApp beside the web chat."""
    inbox = whatsapp_inbox(stage.site.tenant)
    stage.made["line"] = inbox.pk
    return inbox


def by_telegram(stage: Stage) -> None:
    """A bot that is not told yet where to post."""
    inbox = telegram_inbox(stage.site.tenant)
    inbox.account.sealed = {"bot_token": inbox.account.sealed["bot_token"]}
    inbox.account.save()
    stage.made["line"] = inbox.pk


def system(stage: Stage) -> Actor:
    return Actor.system(stage.ana.tenant_id)


def delivered_to_us(stage: Stage) -> None:
    online(stage)
    actions.take_delivery(system(stage), stage.made["line"], b"{}")
    stage.made["delivery"] = WebhookDelivery.objects.get().pk


def unread_delivery(stage: Stage) -> None:
    delivered_to_us(stage)
    WebhookDelivery.objects.update(received_at=now() - timedelta(minutes=1))


def old_delivery(stage: Stage) -> None:
    delivered_to_us(stage)
    actions.finish_deliveries(system(stage), stage.made["line"], [stage.made["delivery"]])
    WebhookDelivery.objects.update(received_at=now() - timedelta(days=30))


def put_aside(stage: Stage) -> Any:
    row, _is_new = actions.set_aside(system(stage), stage.made["line"], {}, key="status:1", target="1", reason="early")
    stage.made["aside"] = row.pk


def doubted(stage: Stage) -> None:
    online(stage)
    row, _is_new = actions.set_aside(
        system(stage), stage.made["line"], {}, key="message:1", reason="quarantined", error="too_old"
    )
    stage.made["aside"] = row.pk


def failing(stage: Stage) -> None:
    online(stage)
    row, _is_new = actions.set_aside(system(stage), stage.made["line"], {}, key="message:1", reason="failed")
    stage.made["aside"] = row.pk


def unreadable(stage: Stage) -> None:
    delivered_to_us(stage)
    actions.quarantine_delivery(system(stage), stage.made["delivery"], "no JSON")


def parked(stage: Stage) -> None:
    online(stage)
    put_aside(stage)


def awaiting_file(stage: Stage) -> None:
    Message.objects.filter(pk=stage.first).update(metadata={"media": {"state": "waiting"}}, message_type="image")


def known_by_phone(stage: Stage) -> None:
    ContactIdentity.objects.create(
        tenant_id=stage.ana.tenant_id,
        inbox=online(stage),
        contact_id=stage.conversation.contact_id,
        identifier="+5591988887777",
    )


def written_by_phone(stage: Stage) -> Conversation:
    return written(online(stage), identifier="+5591988887777").conversation


def to_be_sent(stage: Stage) -> None:
    stage.made["message"] = reply(stage.ana, written_by_phone(stage)).pk


def being_sent(stage: Stage) -> None:
    to_be_sent(stage)
    attempt = actions.begin_sending(system(stage), stage.made["message"])
    stage.made["attempt"] = attempt.pk if attempt else 0


def shows_writing(stage: Stage) -> None:
    stage.made["chat"] = written_by_phone(stage).pk
    ProviderAccount.objects.update(config={"send_typing": True})


def at_the_provider(stage: Stage) -> None:
    answered(stage)
    Message.objects.filter(pk=stage.made["message"]).update(provider_id="wamid.1", status=Delivery.SENT)


def with_phone(stage: Stage) -> None:
    stage.made["phone"] = qr_inbox(stage.site.tenant, "evolution", "http://127.0.0.1:9").pk


def phone_connected(stage: Stage) -> None:
    with_phone(stage)
    actions.note_session(system(stage), stage.made["phone"], status="connected")


def from_phone(stage: Stage) -> actions.Written:
    known = ContactIdentity.objects.filter(contact_id=stage.conversation.contact_id, inbox=stage.site)
    return actions.Written(identifier=known[0].identifier, content="Já respondo", external_id="3EB0PHONE")


def closed_at(stage: Stage) -> Any:
    return Conversation.objects.get(pk=stage.id).closed_at


SENT = ["chat_message", "conversation_updated"]
TABLE = {
    "send_message": Line(
        lambda s: actions.send_message(s.ana.actor, s.id, content="Olá!", client_message_id="c1"),
        agents=SENT,
        contact=["chat_message"],
    ),
    "delete_message": Line(
        lambda s: actions.delete_message(s.ana.actor, s.made["message"]),
        before=answered,
        agents=["message_deleted", *UPDATED],
        contact=["message_deleted"],
    ),
    "react": Line(
        lambda s: actions.react(s.ana.actor, s.first, "👍"), agents=["message_reaction"], contact=["message_reaction"]
    ),
    "mark_read": Line(
        lambda s: actions.mark_read(s.ana.actor, s.id),
        audited=0,
        agents=["message_read", *UPDATED],
        contact=["message_read"],
    ),
    "mark_received": Line(
        lambda s: actions.mark_received(s.contact, s.id, s.made["message"]),
        before=answered,
        audited=0,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "identify": Line(lambda s: actions.identify(s.contact, s.site.pk, "cliente-7"), agents=["contact_updated"]),
    "advance": Line(
        lambda s: actions.advance(Actor.system(s.ana.tenant_id), s.made["message"], Delivery.SENT),
        before=answered,
        audited=0,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "give_up_delivery": Line(
        lambda s: actions.give_up_delivery(Actor.system(s.ana.tenant_id), s.made["message"]),
        before=buried,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "retry_message": Line(
        lambda s: actions.retry_message(s.ana.actor, s.made["message"]),
        before=failed,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "receive_message": Line(
        lambda s: written(s.site, "e agora?", client_message_id="w1"), agents=SENT, contact=["chat_message"]
    ),
    "start_conversation": Line(
        lambda s: actions.start_conversation(s.ana.actor, contact_id=s.made["contact"], inbox_id=s.site.pk),
        before=another_customer,
        agents=UPDATED,
        again="conversation_open",
    ),
    "update_conversation": Line(
        lambda s: actions.update_conversation(s.ana.actor, s.id, priority="urgent"), agents=UPDATED
    ),
    "assign": Line(lambda s: actions.assign(s.ana.actor, s.id, user_id=s.ana.user_id), agents=LINE),
    "transfer": Line(lambda s: actions.transfer(s.ana.actor, s.id, user_id=s.carla.user_id), agents=LINE),
    "snooze": Line(lambda s: actions.snooze(s.ana.actor, s.id, until=SOON), agents=LINE),
    "wake": Line(lambda s: actions.wake(Actor.system(s.ana.tenant_id), s.id), before=overslept, agents=LINE),
    "close_conversation": Line(
        lambda s: actions.close_conversation(s.ana.actor, s.id),
        audited=2,
        agents=LINE,
        contact=["conversation_updated", "survey"],
    ),
    "reopen_conversation": Line(
        lambda s: actions.reopen_conversation(s.ana.actor, s.id), before=closed, agents=LINE, contact=UPDATED
    ),
    "send_survey": Line(lambda s: actions.send_survey(s.ana.actor, s.id), contact=["survey"]),
    "survey_after_close": Line(
        lambda s: actions.survey_after_close(Actor.system(s.ana.tenant_id), s.id, closed_at(s)),
        before=closed_without_survey,
        contact=["survey"],
    ),
    "answer_survey": Line(
        lambda s: actions.answer_survey(s.contact, s.made["survey"], rating=5, feedback="Ótimo"),
        before=asked,
        agents=UPDATED,
    ),
    "create_contact": Line(
        lambda s: actions.create_contact(s.ana.actor, name="Otto"), agents=["contact_created"], makes_more=True
    ),
    "update_contact": Line(
        lambda s: actions.update_contact(s.ana.actor, s.conversation.contact_id, phone="+55 91 98888-7777"),
        agents=["contact_updated"],
    ),
    "create_inbox": Line(
        lambda s: actions.create_inbox(s.davi.actor, name="Loja", channel="api"), agents=HOUSE, again="not_unique"
    ),
    "update_inbox": Line(lambda s: actions.update_inbox(s.davi.actor, s.site.pk, csat_enabled=False), agents=HOUSE),
    "rotate_inbox_secret": Line(lambda s: actions.rotate_inbox_secret(s.davi.actor, s.site.pk), makes_more=True),
    "delete_inbox": Line(lambda s: actions.delete_inbox(s.davi.actor, s.site.pk), agents=HOUSE),
    "create_team": Line(lambda s: actions.create_team(s.carla.actor, name="Vendas"), agents=HOUSE, again="not_unique"),
    "update_team": Line(
        lambda s: actions.update_team(s.carla.actor, s.made["team"], name="Suporte", user_ids=[]),
        before=teamed,
        agents=HOUSE,
    ),
    "delete_team": Line(
        lambda s: actions.delete_team(s.carla.actor, s.made["team"]),
        before=teamed,
        agents=[*UPDATED, *HOUSE],
        again="not_found",
    ),
    "create_label": Line(lambda s: actions.create_label(s.carla.actor, name="vip"), agents=HOUSE, again="not_unique"),
    "update_label": Line(
        lambda s: actions.update_label(s.carla.actor, s.made["label"], name="ouro"),
        before=labelled,
        agents=[*UPDATED, *HOUSE],
    ),
    "delete_label": Line(
        lambda s: actions.delete_label(s.carla.actor, s.made["label"]),
        before=labelled,
        agents=[*UPDATED, *HOUSE],
        again="not_found",
    ),
    "attach_file": Line(uploaded, makes_more=True),
    "release_conversations": Line(
        lambda s: actions.release_conversations(Actor.system(s.ana.tenant_id), s.ana.user_id), before=left, agents=LINE
    ),
    "await_silence": Line(lambda s: actions.await_silence(s.ana.actor, s.id, private=False, moment=SOON), audited=0),
    "discard_orphans": Line(lambda s: actions.discard_orphans(), audited=0),
    "discard_unclaimed": Line(lambda s: actions.discard_unclaimed(), before=thrown_away, audited=0),
    "take_delivery": Line(lambda s: actions.take_delivery(system(s), s.made["line"], b"{}"), before=online, audited=0),
    "finish_deliveries": Line(
        lambda s: actions.finish_deliveries(system(s), s.made["line"], [s.made["delivery"]]),
        before=delivered_to_us,
        audited=0,
    ),
    "quarantine_delivery": Line(
        lambda s: actions.quarantine_delivery(system(s), s.made["delivery"], "Nobody can read this."),
        before=delivered_to_us,
    ),
    "part_delivery": Line(
        lambda s: actions.part_delivery(system(s), s.made["delivery"], "TypeError"), before=delivered_to_us, audited=0
    ),
    "queue_reader": Line(lambda s: actions.queue_reader(system(s), s.made["line"]), before=delivered_to_us, audited=0),
    "queue_readers": Line(lambda s: actions.queue_readers(), before=unread_delivery, audited=0),
    "discard_deliveries": Line(lambda s: actions.discard_deliveries(), before=old_delivery, audited=0),
    "set_aside": Line(put_aside, before=online, audited=0),
    "drop_set_aside": Line(lambda s: actions.drop_set_aside(system(s), s.made["aside"]), before=parked, audited=0),
    "bury_set_aside": Line(lambda s: actions.bury_set_aside(system(s), s.made["aside"]), before=failing),
    "quarantine_again": Line(
        lambda s: actions.quarantine_again(system(s), s.made["aside"], "too_old"), before=doubted, audited=0
    ),
    "rerun_set_aside": Line(lambda s: actions.rerun_set_aside(s.davi.actor, s.made["aside"]), before=doubted),
    "discard_set_aside": Line(
        lambda s: actions.discard_set_aside(s.davi.actor, s.made["aside"]), before=doubted, again="not_found"
    ),
    "reread_delivery": Line(lambda s: actions.reread_delivery(s.davi.actor, s.made["delivery"]), before=unreadable),
    "discard_delivery": Line(
        lambda s: actions.discard_delivery(s.davi.actor, s.made["delivery"]), before=unreadable, again="not_found"
    ),
    "keep_media": Line(
        lambda s: actions.keep_media(system(s), s.first, Fetched(b"ola", "text/plain"), name="nota.txt"),
        before=awaiting_file,
        agents=["message_updated"],
    ),
    "lose_media": Line(
        lambda s: actions.lose_media(system(s), s.first), before=awaiting_file, audited=0, agents=["message_updated"]
    ),
    "edit_message": Line(
        lambda s: actions.edit_message(s.contact, s.first, content="Oi, bom dia", edit_id="e1", stamp="2026-01-01"),
        agents=["message_updated", *UPDATED],
    ),
    "change_identity": Line(
        lambda s: actions.change_identity(
            system(s),
            s.made["line"],
            before=["+5591988887777"],
            identities={"+5511987654321": "5511987654321"},
            phone="+5511987654321",
        ),
        before=known_by_phone,
        agents=["contact_updated"],
    ),
    "configure_account": Line(
        lambda s: actions.configure_account(s.davi.actor, s.made["line"], config={"send_read": True}, secrets={}),
        before=online,
    ),
    "note_account": Line(
        lambda s: actions.note_account(
            system(s), s.made["line"], facts={}, error="DISABLED_UPDATE", pauses=True, templates_changed=False
        ),
        before=online,
        agents=["directory_updated"],
    ),
    "note_check": Line(
        lambda s: actions.note_check(system(s), s.made["line"], Checked({"quality_rating": "GREEN"})),
        before=online,
        audited=0,
    ),
    "request_check": Line(lambda s: actions.request_check(s.davi.actor, s.made["line"]), before=online, audited=0),
    "request_webhook": Line(lambda s: actions.request_webhook(s.davi.actor, s.made["line"]), before=by_telegram),
    "queue_account_checks": Line(lambda s: actions.queue_account_checks(), before=online, audited=0),
    "start_session": Line(lambda s: actions.start_session(s.davi.actor, s.made["phone"]), before=with_phone),
    "restart_session": Line(lambda s: actions.restart_session(s.davi.actor, s.made["phone"]), before=phone_connected),
    "queue_session_looks": Line(lambda s: actions.queue_session_looks(), before=phone_connected, audited=0),
    "count_ignored": Line(
        lambda s: actions.count_ignored(system(s), s.made["phone"], "group"), before=with_phone, audited=0
    ),
    "react_on_phone": Line(
        lambda s: actions.react_on_phone(system(s), s.first, "🎉"),
        agents=["message_reaction"],
        contact=["message_reaction"],
    ),
    "note_session": Line(
        lambda s: actions.note_session(system(s), s.made["phone"], status="connected"),
        before=with_phone,
        audited=0,
        agents=HOUSE,
    ),
    "look_at_session": Line(
        lambda s: actions.look_at_session(system(s), s.made["phone"]), before=with_phone, audited=0
    ),
    "end_session": Line(
        lambda s: actions.end_session(s.davi.actor, s.made["phone"]), before=phone_connected, agents=HOUSE
    ),
    "record_from_phone": Line(
        lambda s: actions.record_from_phone(system(s), s.site.pk, from_phone(s)), agents=SENT, contact=["chat_message"]
    ),
    "ask_for_photo": Line(lambda s: actions.ask_for_photo(system(s), s.site.pk, s.conversation.contact_id), audited=0),
    "keep_photo": Line(
        lambda s: actions.keep_photo(system(s), s.conversation.contact_id, picture()), agents=["contact_updated"]
    ),
    "save_templates": Line(
        lambda s: actions.save_templates(
            system(s), s.made["line"], [Template("oi", "pt_BR", "utility", "approved", [])]
        ),
        before=online,
        audited=0,
    ),
    "report_status": Line(
        lambda s: actions.report_status(system(s), s.site.pk, provider_id="wamid.1", status=Delivery.READ),
        before=at_the_provider,
        audited=0,
        agents=["message_status"],
        contact=["message_status"],
    ),
    "begin_sending": Line(lambda s: actions.begin_sending(system(s), s.made["message"]), before=to_be_sent, audited=0),
    "show_writing": Line(lambda s: actions.show_writing(s.ana.actor, s.made["chat"]), before=shows_writing, audited=0),
    "settle_sending": Line(
        lambda s: actions.settle_sending(system(s), s.made["attempt"], Outcome(Delivery.SENT, "wamid.1")),
        before=being_sent,
        audited=0,
        agents=["message_status"],
    ),
    "queue_undelivered": Line(lambda s: actions.queue_undelivered(), before=jobless, audited=0),
}
NAMES = sorted(TABLE)


@pytest.fixture
def stage(ana: Person, carla: Person, davi: Person, site: Inbox, conversation: Conversation) -> Stage:
    return Stage(ana, carla, davi, site, conversation)


def outcome(line: Line, stage: Stage) -> str:
    """Do it and say how it went: the code of the refusal, or nothing."""
    try:
        line.act(stage)
    except Refused as refused:
        return refused.code
    except ObjectDoesNotExist:
        return "not_found"
    return ""


def outcome_in_a_thread(line: Line, stage: Stage) -> str:
    try:
        return outcome(line, stage)
    finally:
        connection.close()


def told(frames: Frames, stage: Stage) -> dict[str, list[str]]:
    return {
        "agents": frames.to("agents").types,
        "contact": frames.to(f"c{stage.conversation.contact_id}.i{stage.site.pk}").types,
    }


def test_every_action_is_in_the_table():
    said = {name for name in actions.__all__ if name.islower()}

    assert said - set(TABLE) == set()


@pytest.mark.parametrize("name", NAMES)
def test_it_is_told_and_written_down_once(name: str, stage: Stage):
    line = TABLE[name]
    line.before(stage)

    with published(audited=line.audited) as frames:
        assert outcome(line, stage) == ""

    assert told(frames, stage) == {"agents": line.agents, "contact": line.contact}
    assert frames.to("supervisors").types.count("audit_log") == line.audited


@pytest.mark.parametrize("name", NAMES)
def test_a_second_time_changes_nothing(name: str, stage: Stage):
    line = TABLE[name]
    line.before(stage)
    line.act(stage)

    with published(audited=line.audited if line.makes_more else 0) as frames:
        assert outcome(line, stage) == line.again

    assert line.makes_more or frames == []


@pytest.mark.parametrize("name", NAMES)
def test_five_at_once_are_one(name: str, stage: Stage):
    line = TABLE[name]
    line.before(stage)
    times = TOGETHER if line.makes_more else 1

    with published(audited=line.audited * times) as frames, ThreadPoolExecutor(TOGETHER) as pool:
        outcomes = list(pool.map(lambda _: outcome_in_a_thread(line, stage), range(TOGETHER)))

    assert sorted(outcomes) == sorted([""] * times + [line.again] * (TOGETHER - times))
    assert told(frames, stage) == {"agents": line.agents * times, "contact": line.contact * times}
