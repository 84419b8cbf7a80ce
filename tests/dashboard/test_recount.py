"""Whatever happened, the live numbers are those that the book and the messages alone would give."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import clock
from accounts.actor import Actor, Role
from accounts.errors import Refused
from audit.models import AuditRecord
from conversations import actions
from conversations.models import Channel, Contact, Conversation, Inbox, Message, Survey
from dashboard import metrics
from realtime.models import Connection
from tests.dashboard.recount import recount
from tests.trade import inbox_of, written
from tests.world import Person, member, tenant

pytestmark = pytest.mark.django_db

BEGINNING = datetime(2026, 1, 5, 11, 30, tzinfo=UTC)
HOURS = [0.0, 0.0, 0.02, 0.2, 3.0, 3.0, 20.0, 90.0]
companies = count(1)


class Office:
    """A company of its own for each history, and what may happen in it."""

    def __init__(self) -> None:
        number = next(companies)
        self.tenant = tenant("Loja", f"loja-{number}")
        self.people = [
            member(self.tenant, f"ana{number}"),
            member(self.tenant, f"bruno{number}"),
            member(self.tenant, f"carla{number}", Role.SUPERVISOR),
        ]
        self.inboxes = [
            inbox_of(self.tenant, "Site"),
            inbox_of(self.tenant, "ERP", Channel.API, reopen=False),
            inbox_of(self.tenant, "Fiel", keep_owner=True, csat_enabled=False),
        ]

    def one_of(self, rows: Any, chance: Random) -> Any:
        found = list(rows.order_by("pk"))
        return chance.choice(found) if found else None

    def person(self, chance: Random) -> Person:
        return chance.choice(self.people)

    def inbox(self, chance: Random) -> Inbox:
        return chance.choice(self.inboxes)

    def talk(self, chance: Random) -> int:
        """Some conversation, most likely the last that anything was said in."""
        rows = list(Conversation.objects.filter(tenant=self.tenant).order_by("-last_activity_at", "-pk"))
        return rows[min(int(chance.expovariate(0.7)), len(rows) - 1)].pk if rows else 0

    def write(self, chance: Random) -> None:
        written(self.inbox(chance), "oi", identifier=f"v:{chance.randint(1, 3)}")

    def reply(self, chance: Random) -> None:
        actions.send_message(self.person(chance).actor, self.talk(chance), content="olá")

    def note(self, chance: Random) -> None:
        actions.send_message(self.person(chance).actor, self.talk(chance), content="hm", private=True)

    def bot(self, chance: Random) -> None:
        actions.send_message(Actor.system(self.tenant.pk), self.talk(chance), content="bip")

    def assign(self, chance: Random) -> None:
        to = chance.choice([*self.people, None])
        actions.assign(self.person(chance).actor, self.talk(chance), user_id=to.user_id if to else None)

    def transfer(self, chance: Random) -> None:
        actions.transfer(self.person(chance).actor, self.talk(chance), user_id=self.person(chance).user_id)

    def snooze(self, chance: Random) -> None:
        until = clock.now() + timedelta(hours=chance.choice([1, 30]))
        actions.snooze(self.person(chance).actor, self.talk(chance), until=until)

    def wake(self, chance: Random) -> None:
        actions.wake(Actor.system(self.tenant.pk), self.talk(chance))

    def close(self, chance: Random) -> None:
        actions.close_conversation(self.person(chance).actor, self.talk(chance))

    def reopen(self, chance: Random) -> None:
        actions.reopen_conversation(self.person(chance).actor, self.talk(chance))

    def delete(self, chance: Random) -> None:
        message = self.one_of(Message.objects.filter(tenant=self.tenant), chance)
        actions.delete_message(self.person(chance).actor, message.pk if message else 0)

    def ask(self, chance: Random) -> None:
        actions.send_survey(self.person(chance).actor, self.talk(chance))

    def rate(self, chance: Random) -> None:
        survey = self.one_of(Survey.objects.filter(tenant=self.tenant), chance)
        rating, words = chance.randint(1, 5), chance.choice(["", "ok"])
        actions.answer_survey(Actor.system(self.tenant.pk), survey.pk if survey else 0, rating=rating, feedback=words)

    def start(self, chance: Random) -> None:
        contact = self.one_of(Contact.objects.filter(tenant=self.tenant), chance)
        asked = {"contact_id": contact.pk if contact else 0, "inbox_id": self.inbox(chance).pk}
        actions.start_conversation(self.person(chance).actor, **asked)

    def come_or_go(self, chance: Random) -> None:
        user_id = self.person(chance).user_id
        gone, _rows = Connection.objects.filter(user_id=user_id).delete()
        if not gone:
            lease = {"tenant_id": self.tenant.pk, "user_id": user_id, "expires_at": Now() + timedelta(days=1)}
            Connection.objects.create(id=f"s{user_id}", process="p", **lease)


happenings: list[Callable[[Office, Random], None]] = [
    *(Office.write, Office.write, Office.write, Office.reply, Office.reply, Office.close, Office.close),
    *(Office.note, Office.bot, Office.assign, Office.transfer, Office.snooze, Office.wake, Office.reopen),
    *(Office.delete, Office.ask, Office.rate, Office.rate, Office.start, Office.come_or_go),
]
steps = st.tuples(st.sampled_from(happenings), st.sampled_from(HOURS), st.integers(0, 2**16))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(steps, min_size=40, max_size=110), st.integers(0, 2**16))
def test_the_numbers_equal_a_recount_from_the_book(history: list[tuple[Any, float, int]], seed: int) -> None:
    office, moment = Office(), BEGINNING
    for happens, hours, chance in history:
        moment += timedelta(hours=hours)
        with clock.at(moment), suppress(Refused, ObjectDoesNotExist):
            happens(office, Random(chance))

    assert_recounted(office, moment)
    for later in Random(seed).sample(edges(office), 6):
        assert_recounted(office, max(later, moment))


def edges(office: Office) -> list[datetime]:
    """The moments at which something that happened is just inside the window, or just outside."""
    times = AuditRecord.objects.filter(tenant_id=office.tenant.pk).values_list("at", flat=True)
    return [at + timedelta(days=days) for at in times for days in (29, 30)] + [BEGINNING] * 6


def assert_recounted(office: Office, moment: datetime) -> None:
    with clock.at(moment):
        found = metrics.count(office.tenant.pk).model_dump()
    for name, value in recount(office.tenant.pk, ZoneInfo(office.tenant.timezone), moment).items():
        assert found[name] == (pytest.approx(value, abs=0.06, rel=1e-4) if isinstance(value, float) else value), name
