"""Who and what the actions of the table play with, and what has to have happened before each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.utils.timezone import now

from accounts import clock
from accounts.actor import Actor
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
from conversations.providers import Outcome, Verdict
from jobs.models import Job, State
from tests.gateways.lines import qr_inbox
from tests.telegram.lines import telegram_inbox
from tests.trade import reply, written
from tests.whatsapp.lines import whatsapp_inbox
from tests.world import Person


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
    told = {"type": "status"}
    row, _is_new = actions.set_aside(
        system(stage), stage.made["line"], told, key="status:1", target="1", reason="early"
    )
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


def uncertain(stage: Stage) -> None:
    being_sent(stage)
    lost = Outcome(Delivery.PENDING, verdict=Verdict.UNCERTAIN)
    actions.settle_sending(system(stage), stage.made["attempt"], lost)


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


@pytest.fixture
def stage(ana: Person, carla: Person, davi: Person, site: Inbox, conversation: Conversation) -> Stage:
    return Stage(ana, carla, davi, site, conversation)
