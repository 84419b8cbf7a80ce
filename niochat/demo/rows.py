"""The rows of a history, kept in memory until all of it has happened, then stored in bulk."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _

from accounts import clock
from accounts.actor import Actor
from accounts.models import Tenant, User
from audit.models import Verb
from conversations.models import (
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Label,
    Message,
    OpenInterval,
    Reaction,
    ReadMark,
    ReplyTime,
    Sender,
    Status,
    Survey,
)
from jobs import later
from niochat.demo.ledger import Ledger
from niochat.demo.numbers import numbers_for


class Profile(NamedTuple):
    """A customer as an inbox knows them."""

    identifier: str
    name: str = ""
    phone: str = ""
    email: str = ""


class Colleague(NamedTuple):
    """Somebody of the team, with what their actions are signed by."""

    user: User
    actor: Actor


class Rows:
    """What a tenant's history has left so far. Ids are taken at once, so that everything may name everything."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.ledger = Ledger(tenant.pk)
        self.contacts: dict[tuple[int, str], Contact] = {}
        self.identities: list[ContactIdentity] = []
        self.conversations: dict[tuple[int, int], list[Conversation]] = defaultdict(list)
        self.messages: dict[int, list[Message]] = defaultdict(list)
        self.intervals: dict[int, list[OpenInterval]] = defaultdict(list)
        self.surveys: dict[int, list[Survey]] = defaultdict(list)
        self.marks: dict[tuple[int, str], ReadMark] = {}
        self.reactions: dict[tuple[int, str], Reaction] = {}
        self.labels: dict[int, list[str]] = defaultdict(list)
        self.reply_times: list[ReplyTime] = []
        self.numbers = {model: numbers_for(model) for model in (Contact, Conversation, Message, Survey)}

    def message(self, conversation: Conversation, *, sender_key: str = "system", **fields: Any) -> Message:
        """Something is said, by whomever."""
        message = Message(
            pk=next(self.numbers[Message]),
            tenant=self.tenant,
            conversation=conversation,
            inbox=conversation.inbox,
            sender_key=sender_key,
            created_at=clock.now(),
            **fields,
        )
        self.messages[conversation.pk].append(message)
        return message

    def line(self, conversation: Conversation, activity: str, text: str, **names: Any) -> None:
        """A line of the product's own, in the tenant's language."""
        self.message(
            conversation,
            sender_type=Sender.SYSTEM,
            content=self.worded(text) % names,
            status=Delivery.DELIVERED,
            metadata={"activity": activity, **names},
        )

    def worded(self, text: str) -> str:
        with translation.override(self.tenant.language):
            return _(text)

    def opened(self, conversation: Conversation, moment: datetime) -> None:
        """The conversation is open from now."""
        interval = OpenInterval(tenant=self.tenant, conversation=conversation, opened_at=moment)
        self.intervals[conversation.pk].append(interval)

    def reopened(self, conversation: Conversation, moment: datetime) -> None:
        """A closed conversation is back in its resting state."""
        conversation.closed_at, conversation.answered = None, False
        conversation.status = Status.WAITING
        conversation.status = conversation.resting_status()
        self.opened(conversation, moment)

    def asked(self, actor: Actor, conversation: Conversation) -> Survey:
        """The customer is asked for a rating; who is rated is fixed now."""
        survey = Survey(
            pk=next(self.numbers[Survey]),
            tenant=self.tenant,
            conversation=conversation,
            inbox=conversation.inbox,
            contact=conversation.contact,
            agent_id=conversation.assignee_id or self.last_to_reply(conversation),
            sent_at=clock.now(),
        )
        self.surveys[conversation.pk].append(survey)
        self.ledger.note_in(conversation, actor, Verb.SURVEY_SENT, survey, agent_id=survey.agent_id)
        return survey

    def last_to_reply(self, conversation: Conversation) -> int | None:
        public = (message for message in reversed(self.messages[conversation.pk]) if not message.private)
        return next((message.sender_user_id for message in public if message.sender_type == Sender.AGENT), None)

    def store(self) -> None:
        """Write everything, each kind after those that it names."""
        held = list(chain.from_iterable(self.conversations.values()))
        Contact.objects.bulk_create(self.contacts.values())
        ContactIdentity.objects.bulk_create(self.identities)
        Conversation.objects.bulk_create(held)
        said = chain.from_iterable(self.messages.values())
        Message.objects.bulk_create(sorted(said, key=lambda message: message.pk))
        OpenInterval.objects.bulk_create(chain.from_iterable(self.intervals.values()))
        Survey.objects.bulk_create(chain.from_iterable(self.surveys.values()))
        ReplyTime.objects.bulk_create(self.reply_times)
        ReadMark.objects.bulk_create(self.marks.values())
        Reaction.objects.bulk_create(self.reactions.values())
        self.store_labels()
        self.ledger.store()
        for conversation in held:
            if conversation.status == Status.SNOOZED:
                tenant_id, until = conversation.tenant_id, conversation.snoozed_until
                later("conversations.wake", tenant_id, conversation.pk, run_at=until, tenant_id=tenant_id)

    def store_labels(self) -> None:
        known = {label.name: label.pk for label in Label.objects.filter(tenant=self.tenant)}
        pairs = ((conversation_id, name) for conversation_id, names in self.labels.items() for name in names)
        through = Conversation.labels.through
        through.objects.bulk_create(through(conversation_id=pk, label_id=known[name]) for pk, name in pairs)
