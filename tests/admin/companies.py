"""Two companies with something of everything that the back office shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.actions.keys import create_key
from accounts.actor import Role
from accounts.models import LoginFailure, Tenant, User
from conversations import actions
from conversations.models import (
    Attachment,
    Conversation,
    Inbox,
    Message,
    MessagePart,
    MessageTemplate,
    ProviderAccount,
    SendAttempt,
    SetAside,
    WebhookDelivery,
)
from jobs import later
from jobs.models import Beat, Job, State
from realtime.models import Connection, Epoch, Presence, Visit
from tests.trade import inbox_of, reply, written
from tests.whatsapp.lines import whatsapp_inbox
from tests.world import PASSWORD, Person, member, tenant

STAFF_PASSWORD = "girassol-branco-9"


class Company(NamedTuple):
    tenant: Tenant
    admin: Person
    agent: Person
    inbox: Inbox


def company(name: str) -> Company:
    """A company with an admin, an agent and a customer who has been served and asked how it was."""
    of = tenant(name, name.lower())
    admin, agent = member(of, f"{name}-admin", Role.ADMIN), member(of, f"{name}-agent")
    made = Company(of, admin, agent, inbox_of(of, f"{name}-inbox"))
    actions.create_label(admin.actor, name=f"{name}-label")
    for number in range(2):
        more(made, number)
    Connection.objects.create(
        id=f"{name}-socket", process="p", tenant_id=of.pk, user_id=agent.user_id, expires_at=now() + timedelta(hours=1)
    )
    Visit.objects.create(
        id=f"{name}-widget", process="p", tenant_id=of.pk, contact_id=1, expires_at=now() + timedelta(hours=1)
    )
    Presence.objects.create(tenant_id=of.pk, user_id=agent.user_id)
    return made


def more(made: Company, number: int) -> Conversation:
    """One more of each thing, so that a page that asks once for each row is found out."""
    name = f"{made.tenant.name}-{number}"
    admin, agent = made.admin, made.agent
    actions.create_team(admin.actor, name=f"{name}-team", user_ids=[agent.user_id])
    message = written(made.inbox, f"{name} says hello", f"v:{name}", name=f"{name}-contact")
    conversation = message.conversation
    actions.update_conversation(agent.actor, conversation.pk, labels=[f"{made.tenant.name}-label"])
    reply(agent, conversation, f"{name} hears back")
    actions.react(agent.actor, message.pk, "👍")
    actions.mark_read(agent.actor, conversation.pk)
    Attachment.objects.create(
        tenant=made.tenant,
        inbox=made.inbox,
        conversation=conversation,
        message=message,
        sender_key=agent.actor.key,
        key=f"stored/{name}",
        name=f"{name}.png",
        content_type="image/png",
        size=10,
    )
    actions.close_conversation(agent.actor, conversation.pk)
    survey = actions.send_survey(agent.actor, conversation.pk)
    assert survey is not None
    actions.answer_survey(agent.actor, survey.pk, rating=5, feedback=f"{name} was well served")
    by_provider(made, message, name)
    create_key(admin.actor, name=f"{name}-key")
    admin.session()
    later("conversations.wake", made.tenant.pk, conversation.pk, tenant_id=made.tenant.pk)
    wakes = Job.objects.filter(tenant_id=made.tenant.pk, name="conversations.wake")
    wakes.update(state=State.DEAD, last_error="ValueError")
    return conversation


def by_provider(made: Company, message: Message, name: str) -> None:
    """A WhatsApp inbox, what came to it, what was set aside, and what was sent."""
    line = whatsapp_inbox(made.tenant, f"{name}-line")
    common = {"tenant": made.tenant, "inbox": line}
    WebhookDelivery.objects.create(**common, digest=name, body=name.encode())
    SetAside.objects.create(**common, key=f"status:{name}", body={}, reason="early")
    SendAttempt.objects.create(**common, message=message, state="taken", provider_id=f"wamid.{name}")
    MessagePart.objects.create(**common, message=message, number=1, provider_id=f"wamid.{name}")
    MessageTemplate.objects.create(**common, name=f"{name}-template", language="pt_BR", approval="approved")


def platform() -> None:
    """What belongs to nobody but the platform."""
    Epoch.current()
    Beat.objects.get_or_create(name="audit.anchor")
    LoginFailure.objects.create(account="0a", ip="0b")
    User.objects.create_superuser("root", "root@niochat.example", STAFF_PASSWORD)


def logged_in(username: str, password: str = PASSWORD) -> Client:
    """A browser in which this person has logged in by the page."""
    client = Client()
    response = client.post("/login/", {"username": username, "password": password, "next": "/admin/"})
    assert response.headers.get("Location") == "/admin/", response.content
    return client


def secrets_of(made: Company) -> Iterator[str]:
    """Whatever must be on no page."""
    for person in (made.admin, made.agent):
        yield person.user.password
        for session in person.membership.sessions.all():
            yield session.refresh_jti
        for key in person.membership.client_keys.all():
            yield key.secret_hash
    yield made.inbox.sealed_secret
    for account in ProviderAccount.objects.filter(tenant=made.tenant):
        yield from account.sealed.values()
        yield account.secret("access_token")


def url(what: str, of: Model | type[Model], *args: Any) -> str:
    """A page of the back office about a row or a model."""
    return reverse(f"admin:{of._meta.app_label}_{of._meta.model_name}_{what}", args=args)
