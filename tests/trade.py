"""The trade's part of the cast: inboxes, customers, what was said; and what was published meanwhile."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.actor import Actor, Origin
from accounts.models import ClientKey, Tenant
from audit.models import AuditRecord
from conversations import actions
from conversations.models import Channel, Conversation, Inbox, Label, Message, Team
from jobs.models import Job, State
from jobs.worker import drain
from realtime.models import StreamEvent
from tests.world import Person


def inbox_of(tenant: Tenant, name: str = "Site", channel: str = Channel.WEBCHAT, **fields: Any) -> Inbox:
    """An inbox with a secret."""
    inbox = Inbox(tenant=tenant, name=name, channel=channel, **fields)
    inbox.new_secret()
    inbox.save()
    return inbox


def written(inbox: Inbox, content: str = "Oi, tudo bem?", identifier: str = "v:joana", **fields: Any) -> Message:
    """What a customer of an inbox writes."""
    said = actions.Written(identifier=identifier, content=content, name=fields.pop("name", "Joana Silva"), **fields)
    actor = Actor.system(inbox.tenant_id, Origin.WIDGET)
    return actions.receive_message(actor, inbox.pk, said)[0]


def fresh(message: Message) -> Message:
    """How it is stored now."""
    return Message.objects.get(pk=message.pk)


def again() -> None:
    """Run what waits for its backoff."""
    Job.objects.filter(state=State.READY).update(run_at=now() - timedelta(seconds=1))
    drain()


class Frames(list[dict[str, Any]]):
    """The frames that were published in a block, in the order of the log."""

    @property
    def types(self) -> list[str]:
        return [frame["type"] for frame in self]

    def to(self, stream: str) -> Frames:
        """Only those of one stream, named without the tenant: `agents`, `c91.i3`."""
        return Frames(frame for frame in self if frame["stream"].split(".", 1)[1] == stream)


@contextmanager
def published(*, audited: int | None = None) -> Iterator[Frames]:
    """Collect what the block publishes; `audited` is how many records it must leave in the book."""
    known = set(StreamEvent.objects.values_list("stream", "seq"))
    records = AuditRecord.objects.count()
    frames = Frames()
    yield frames
    rows = StreamEvent.objects.order_by("stream", "seq").values_list("stream", "seq", "body")
    frames += [json.loads(body) for stream, seq, body in rows if (stream, seq) not in known]
    if audited is not None:
        assert AuditRecord.objects.count() - records == audited


@pytest.fixture
def site(aurora: Tenant) -> Inbox:
    """Aurora's web chat."""
    return inbox_of(aurora)


@pytest.fixture
def erp(aurora: Tenant) -> Inbox:
    """Aurora's `api` inbox."""
    return inbox_of(aurora, "ERP", Channel.API)


@pytest.fixture
def bakery(sol: Tenant) -> Inbox:
    """The other company's web chat."""
    return inbox_of(sol, "Balcão")


@pytest.fixture
def conversation(site: Inbox) -> Conversation:
    """Joana has written to Aurora; nobody has answered yet."""
    return written(site).conversation


@pytest.fixture
def foreign(bakery: Inbox) -> Conversation:
    """Somebody has written to the other company."""
    return written(bakery, identifier="v:otto", name="Otto").conversation


@pytest.fixture
def things(site: Inbox, conversation: Conversation, ana: Person, davi: Person) -> dict[str, int]:
    """One thing of Aurora's of each kind that a path can name."""
    upload = io.BytesIO(b"um texto")
    file = actions.attach_file(
        ana.actor, site, conversation, name="nota.txt", content=upload, size=8, sender_key=ana.actor.key
    )
    key = ClientKey.objects.create(membership_id=davi.membership_id, name="ERP", prefix="abc", secret_hash="x")
    return {
        "conversation_id": conversation.pk,
        "message_id": Message.objects.get(conversation=conversation).pk,
        "contact_id": conversation.contact_id,
        "inbox_id": site.pk,
        "team_id": Team.objects.create(tenant_id=site.tenant_id, name="Vendas").pk,
        "label_id": Label.objects.create(tenant_id=site.tenant_id, name="troca").pk,
        "attachment_id": file.pk,
        "user_id": ana.user_id,
        "key_id": key.pk,
        "session_id": ana.session().pk,
    }


def reply(person: Person, conversation: Conversation, content: str = "Olá!", **fields: Any) -> Message:
    """What somebody of the team answers."""
    return actions.send_message(person.actor, conversation.pk, content=content, **fields)[0]
