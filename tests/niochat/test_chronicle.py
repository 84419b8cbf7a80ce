"""The demo's shortcut leaves what the actions leave: the same days are lived by the one and told by the other."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import clock
from accounts.actor import Actor, Origin, Role
from accounts.credentials import actor_for
from accounts.errors import Refused
from accounts.models import Membership, Tenant, User
from audit.models import AuditRecord
from audit.verification import verify
from conversations import actions
from conversations.models import (
    Channel,
    Contact,
    Conversation,
    Inbox,
    Label,
    Message,
    OpenInterval,
    Reaction,
    ReadMark,
    ReplyTime,
    Sender,
    Status,
    Survey,
    Team,
)
from niochat.demo.chronicle import Chronicle
from niochat.demo.rows import Colleague, Profile
from tests.trade import inbox_of
from tests.world import tenant

pytestmark = pytest.mark.django_db

BEGINNING = datetime(2026, 1, 5, 11, 30, tzinfo=UTC)
numbers = count(1)


class Office:
    """One of two companies that are alike, with the same people in both."""

    def __init__(self, slug: str, users: list[User]) -> None:
        self.tenant: Tenant = tenant("Loja", slug)
        roles = [Role.AGENT, Role.AGENT, Role.SUPERVISOR]
        places = [
            Membership.objects.create(tenant=self.tenant, user=user, role=role)
            for user, role in zip(users, roles, strict=True)
        ]
        self.people = [Colleague(place.user, actor_for(place, origin=Origin.DASHBOARD)) for place in places]
        self.inboxes = [
            inbox_of(self.tenant, "Site"),
            inbox_of(self.tenant, "ERP", Channel.API, reopen=False),
            inbox_of(self.tenant, "Fiel", keep_owner=True, csat_enabled=False),
        ]
        self.team = Team.objects.create(tenant=self.tenant, name="Vendas")
        for name in ("troca", "entrega"):
            Label.objects.create(tenant=self.tenant, name=name)

    # --- how a company looks, whatever its rows are called

    def picture(self) -> dict[str, Any]:
        return {
            "contacts": [self.shape(row) for row in self.rows(Contact)],
            "conversations": [
                {**self.shape(row), "labels": sorted(label.name for label in row.labels.all())}
                for row in self.rows(Conversation)
            ],
            "messages": [self.shape(row) for row in self.rows(Message)],
            "intervals": self.unordered(OpenInterval),
            "reply_times": self.unordered(ReplyTime),
            "surveys": [self.shape(row) for row in self.rows(Survey)],
            "reactions": self.unordered(Reaction),
            "marks": self.unordered(ReadMark),
            "book": [
                self.shape(row) for row in AuditRecord.objects.filter(tenant_id=self.tenant.pk).order_by("number")
            ],
        }

    def rows(self, model: Any) -> Iterable[Any]:
        found: Iterable[Any] = model.objects.filter(tenant=self.tenant).order_by("pk")
        return found

    def unordered(self, model: Any) -> list[Any]:
        return sorted((self.shape(row) for row in self.rows(model)), key=str)

    def shape(self, row: Any) -> dict[str, Any]:
        """A row with every id replaced by its place among the tenant's own."""
        fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        # Deliveries are jobs, which nobody has run here; hashes hold ids.
        for name in ("id", "tenant_id", "status_", "hash", "previous_hash"):
            fields.pop(name, None)
        if isinstance(row, Message):
            fields.pop("status")
        return {name: self.plain(name, value, row) for name, value in fields.items()}

    def plain(self, name: str, value: Any, row: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.plain(key, inner, row) for key, inner in value.items()}
        if name in {"sender_key", "sender"} and str(value).startswith("c"):
            return f"c{self.place(Contact, int(value[1:]))}"
        if name == "target_id":
            return self.place(TARGETS[row.target_type], value)
        return self.place(NAMED[name], value) if name in NAMED and value else value

    def place(self, model: Any, number: int) -> int:
        return int(model.objects.filter(tenant=self.tenant, pk__lt=number).count())


NAMED: dict[str, Any] = {
    "conversation_id": Conversation,
    "contact_id": Contact,
    "sender_contact_id": Contact,
    "inbox_id": Inbox,
    "team_id": Team,
    "message_id": Message,
    "reply_to_id": Message,
    "last_message_id": Message,
    "read_up_to": Message,
    "survey": Survey,
}
TARGETS = {model._meta.model_name: model for model in (Contact, Conversation, Message, Survey)}


class Lived:
    """Each step is an action."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.system = Actor.system(office.tenant.pk)

    def talk(self, place: int) -> Conversation:
        rows = list(Conversation.objects.filter(tenant=self.office.tenant).order_by("pk"))
        if not rows:
            raise Conversation.DoesNotExist
        return rows[place % len(rows)]

    def message(self, talk: Conversation, place: int) -> Message:
        rows = list(talk.messages.exclude(sender_type=Sender.SYSTEM).order_by("pk"))
        return rows[place % len(rows)]

    def receive(self, inbox: int, who: int, words: str) -> None:
        given = self.office.inboxes[inbox]
        said = actions.Written(identifier=f"v:{who}", name=f"Cliente {who}", content=words)
        origin = Origin.WIDGET if given.channel == Channel.WEBCHAT else Origin.WEBHOOK
        actions.receive_message(Actor.system(self.office.tenant.pk, origin), given.pk, said)

    def reply(self, by: int, place: int, words: str, *, private: bool, quoting: int | None) -> None:
        talk = self.talk(place)
        quoted = None if quoting is None else self.message(talk, quoting).pk
        actor = self.office.people[by].actor
        actions.send_message(actor, talk.pk, content=words, private=private, reply_to=quoted)

    def assign(self, by: int, place: int, to: int | None) -> None:
        user_id = None if to is None else self.office.people[to].user.pk
        actions.assign(self.office.people[by].actor, self.talk(place).pk, user_id=user_id)

    def transfer(self, by: int, place: int, to: int | None) -> None:
        where = {"team_id": self.office.team.pk} if to is None else {"user_id": self.office.people[to].user.pk}
        actions.transfer(self.office.people[by].actor, self.talk(place).pk, **where)

    def label(self, by: int, place: int, names: list[str], priority: str) -> None:
        actor = self.office.people[by].actor
        actions.update_conversation(actor, self.talk(place).pk, labels=names, priority=priority)

    def snooze(self, by: int, place: int, until: datetime) -> None:
        actions.snooze(self.office.people[by].actor, self.talk(place).pk, until=until)

    def wake(self, place: int) -> None:
        actions.wake(self.system, self.talk(place).pk)

    def close(self, by: int, place: int) -> None:
        actions.close_conversation(self.office.people[by].actor, self.talk(place).pk)

    def reopen(self, by: int, place: int) -> None:
        talk = self.talk(place)
        if talk.status == Status.SNOOZED:  # That wakes it by hand, which no day of the demo tells.
            raise Refused
        actions.reopen_conversation(self.office.people[by].actor, talk.pk)

    def ask(self, place: int) -> None:
        talk = self.talk(place)
        if talk.inbox.channel == Channel.WEBCHAT:
            raise Refused
        sent = talk.surveys.count()
        actions.send_survey(self.system, talk.pk)
        if talk.surveys.count() == sent:  # A second click: nothing happened.
            raise Refused

    def rate(self, place: int, rating: int, words: str) -> None:
        talk = self.talk(place)
        survey = talk.surveys.latest("pk")
        actor = Actor.contact(talk.tenant_id, talk.contact_id)
        if (survey.rating, survey.feedback) == (rating, words):
            raise Refused
        actions.answer_survey(actor, survey.pk, rating=rating, feedback=words)

    def react(self, by: int | None, place: int, which: int, mark: str) -> None:
        talk = self.talk(place)
        actions.react(self.reader(by, talk), self.message(talk, which).pk, mark)

    def delete(self, by: int, place: int, which: int) -> None:
        actions.delete_message(self.office.people[by].actor, self.message(self.talk(place), which).pk)

    def read(self, by: int | None, place: int) -> None:
        talk = self.talk(place)
        actions.mark_read(self.reader(by, talk), talk.pk)

    def reader(self, by: int | None, talk: Conversation) -> Actor:
        return Actor.contact(talk.tenant_id, talk.contact_id) if by is None else self.office.people[by].actor


class Told:
    """Each step is the chronicle's method of the same name; it is told only what could be lived."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.chronicle = Chronicle(office.tenant)

    def talk(self, place: int) -> Conversation:
        held = [talk for talks in self.chronicle.conversations.values() for talk in talks]
        return sorted(held, key=lambda talk: talk.pk)[place % len(held)]

    def message(self, talk: Conversation, place: int) -> Message:
        rows = [row for row in self.chronicle.messages[talk.pk] if row.sender_type != Sender.SYSTEM]
        return rows[place % len(rows)]

    def receive(self, inbox: int, who: int, words: str) -> None:
        self.chronicle.receive(self.office.inboxes[inbox], Profile(f"v:{who}", f"Cliente {who}"), words)

    def reply(self, by: int, place: int, words: str, *, private: bool, quoting: int | None) -> None:
        talk = self.talk(place)
        quoted = None if quoting is None else self.message(talk, quoting)
        self.chronicle.reply(self.office.people[by], talk, words, private=private, reply_to=quoted)

    def assign(self, by: int, place: int, to: int | None) -> None:
        self.chronicle.assign(self.office.people[by], self.talk(place), None if to is None else self.office.people[to])

    def transfer(self, by: int, place: int, to: int | None) -> None:
        where: dict[str, Any] = {"team": self.office.team} if to is None else {"to": self.office.people[to]}
        self.chronicle.transfer(self.office.people[by], self.talk(place), **where)

    def label(self, by: int, place: int, names: list[str], priority: str) -> None:
        self.chronicle.label(self.office.people[by], self.talk(place), names, priority)

    def snooze(self, by: int, place: int, until: datetime) -> None:
        talk = self.talk(place)
        if (talk.status, talk.snoozed_until) != (Status.SNOOZED, until):
            self.chronicle.snooze(self.office.people[by], talk, until)

    def wake(self, place: int) -> None:
        self.chronicle.wake(self.talk(place))

    def close(self, by: int, place: int) -> None:
        talk = self.talk(place)
        if talk.is_open:
            self.chronicle.close(self.office.people[by], talk)

    def reopen(self, by: int, place: int) -> None:
        talk = self.talk(place)
        if not talk.is_open:
            self.chronicle.reopen(self.office.people[by], talk)

    def ask(self, place: int) -> None:
        self.chronicle.ask_by_message(self.talk(place))

    def rate(self, place: int, rating: int, words: str) -> None:
        self.chronicle.answer_survey(self.talk(place), rating, words)

    def react(self, by: int | None, place: int, which: int, mark: str) -> None:
        talk = self.talk(place)
        self.chronicle.react(self.reader(by, talk), self.message(talk, which), mark)

    def delete(self, by: int, place: int, which: int) -> None:
        message = self.message(self.talk(place), which)
        if message.deleted_at is None:
            self.chronicle.delete(self.office.people[by], message)

    def read(self, by: int | None, place: int) -> None:
        talk = self.talk(place)
        self.chronicle.read(self.reader(by, talk), talk)

    def reader(self, by: int | None, talk: Conversation) -> Actor:
        return Actor.contact(talk.tenant_id, talk.contact_id) if by is None else self.office.people[by].actor


Step = tuple[str, dict[str, Any]]


def step(name: str, **fields: Any) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(name), st.fixed_dictionaries(fields))


who, where, which = st.integers(0, 2), st.integers(0, 5), st.integers(0, 9)
somebody = st.none() | who
steps = st.one_of(
    step("receive", inbox=st.integers(0, 2), who=st.integers(0, 1), words=st.sampled_from(["oi", "  com  espaços "])),
    step("receive", inbox=st.integers(0, 1), who=st.just(0), words=st.just("de novo")),
    step("reply", by=who, place=where, words=st.just("olá"), private=st.booleans(), quoting=st.none() | which),
    step("reply", by=who, place=where, words=st.just("pois não"), private=st.just(False), quoting=st.none()),
    step("assign", by=who, place=where, to=somebody),
    step("transfer", by=who, place=where, to=somebody),
    step("label", by=who, place=where, names=st.sampled_from([[], ["troca"], ["troca", "entrega"]]),
         priority=st.sampled_from(["normal", "urgent"])),
    step("snooze", by=who, place=where, until=st.just(timedelta(hours=1))),
    step("wake", place=where),
    step("close", by=who, place=where),
    step("reopen", by=who, place=where),
    step("ask", place=where),
    step("rate", place=where, rating=st.integers(1, 5), words=st.sampled_from(["", "bom"])),
    step("react", by=somebody, place=where, which=which, mark=st.sampled_from(["👍", "❤️"])),
    step("delete", by=who, place=where, which=which),
    step("read", by=somebody, place=where),
)  # fmt: skip


def lived_and_told(history: list[tuple[Step, int]]) -> tuple[Office, Office]:
    number = next(numbers)
    users = [User.objects.create_user(f"p{number}.{place}", first_name=f"Pessoa {place}") for place in range(3)]
    offices = Office(f"vivida-{number}", users), Office(f"contada-{number}", users)
    lived, moment = Lived(offices[0]), BEGINNING
    done: list[tuple[datetime, str, dict[str, Any]]] = []
    for (name, fields), minutes in history:
        moment += timedelta(minutes=minutes)
        asked = fields | ({"until": moment + fields["until"]} if "until" in fields else {})
        with clock.at(moment), suppress(Refused, ObjectDoesNotExist, ZeroDivisionError):
            getattr(lived, name)(**asked)
            done.append((moment, name, asked))
    tell(Told(offices[1]), done)
    return offices


def tell(told: Told, done: list[tuple[datetime, str, dict[str, Any]]]) -> None:
    for moment, name, asked in done:
        with clock.at(moment):
            getattr(told, name)(**asked)
    told.chronicle.store()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(steps, st.sampled_from([0, 1, 7, 45, 600])), min_size=8, max_size=40))
def test_what_is_told_is_what_would_have_been_lived(history: list[tuple[Step, int]]) -> None:
    lived, told = lived_and_told(history)

    expected, found = lived.picture(), told.picture()
    for part in expected:
        assert found[part] == expected[part], part
    assert verify(told.tenant.pk) == []
