"""The demonstration that `make run` loads."""

from __future__ import annotations

from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from accounts import clock
from accounts.models import Membership, Tenant, User
from audit.models import AuditRecord
from audit.verification import verify
from conversations.models import Channel, Contact, Conversation, Inbox, Message, Status, Survey
from dashboard import metrics
from jobs.models import Job
from jobs.worker import drain
from niochat.demo.cast import PASSWORD
from niochat.management.commands.start import lead_here
from tests.dashboard.recount import recount
from tests.whatsapp.lines import delivery, post, said, whatsapp_inbox

pytestmark = pytest.mark.django_db(transaction=True)


def load(*, weeks: int = 1) -> str:
    said = StringIO()
    call_command("demo", weeks=weeks, stdout=said)
    return said.getvalue()


@pytest.fixture(autouse=True)
def developers_machine(settings):
    settings.DEBUG = True


def test_it_refuses_where_debug_is_off(settings) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG=1"):
        load()
    assert not User.objects.exists()


def test_it_makes_two_companies_with_everybody_of_the_contract() -> None:
    load()

    places = Membership.objects.values_list("tenant__slug", "user__username", "role")
    assert set(places) == {
        ("demo", "agent", "agent"),
        ("demo", "agent2", "agent"),
        ("demo", "supervisor", "supervisor"),
        ("demo", "admin", "admin"),
        ("other", "other-agent", "agent"),
        ("other", "other-admin", "admin"),
    }
    assert all(user.check_password(PASSWORD) for user in User.objects.all())
    assert Inbox.by_token("demo-loja-aurora").name == "Loja Aurora"


def test_a_second_run_keeps_everything() -> None:
    load()
    before = Message.objects.count(), AuditRecord.objects.count(), Inbox.objects.count()

    assert load() == "demo: kept as it is\nother: kept as it is\n"
    assert (Message.objects.count(), AuditRecord.objects.count(), Inbox.objects.count()) == before


def test_a_customer_of_the_demo_who_writes_by_whatsapp_is_the_one_whom_the_company_knows() -> None:
    load()
    assert all(one.phone_key == one.canonical_phone() for one in Contact.objects.select_related("tenant"))
    demo = Tenant.objects.get(slug="demo")
    known = Contact.objects.filter(tenant=demo, conversations__inbox__channel=Channel.API).exclude(phone="").first()
    assert known is not None
    line = whatsapp_inbox(demo)

    before = Contact.objects.count()
    post(line, delivery(said("Oi, é o mesmo número", phone=known.phone_key.lstrip("+"))))
    drain()

    message = Message.objects.get(content="Oi, é o mesmo número")
    assert (message.conversation.contact_id, Contact.objects.count()) == (known.pk, before)


def test_its_book_is_in_order_and_can_be_written_on() -> None:
    load()
    call_command("verify_audit", stdout=StringIO())

    demo = Tenant.objects.get(slug="demo")
    assert verify(demo.pk) == []
    assert AuditRecord.objects.filter(tenant_id=demo.pk).count() > 200


def test_its_numbers_are_those_that_its_book_tells() -> None:
    load(weeks=5)

    moment = clock.now()
    for company in Tenant.objects.all():
        with clock.at(moment):
            found = metrics.count(company.pk).model_dump()
        told = recount(company.pk, ZoneInfo(company.timezone), moment)
        for name, value in told.items():
            assert value is not None, name
            assert found[name] == pytest.approx(value, abs=0.06, rel=1e-4), name


def test_what_is_unread_and_what_is_shown_last_are_as_the_messages_say() -> None:
    load()

    for talk in Conversation.objects.prefetch_related("messages", "read_marks"):
        said = sorted(talk.messages.all(), key=lambda message: message.pk)
        newest = max((mark.message_id for mark in talk.read_marks.all() if mark.user_id), default=0)
        unread = [message for message in said if message.from_contact and message.pk > newest]
        last = [message for message in said if message.sender_type in {"contact", "agent"}][-1]
        assert (talk.unread_count, talk.read_up_to, talk.last_message_id) == (len(unread), newest, last.pk)
        assert [message.created_at for message in said] == sorted(message.created_at for message in said)


def test_nothing_of_it_lies_ahead() -> None:
    load()

    moment = clock.now()
    assert not Message.objects.filter(created_at__gt=moment).exists()
    assert not AuditRecord.objects.filter(at__gt=moment).exists()
    assert not Survey.objects.filter(answered_at__gt=moment).exists()


def test_something_waits_for_everybody_right_now() -> None:
    load()

    held = Conversation.objects.filter(tenant__slug="demo")
    assert held.filter(status=Status.WAITING, assignee=None, unread_count__gt=0).count() >= 3
    assert held.filter(status=Status.ACTIVE, assignee__username="agent").exists()
    assert held.filter(status=Status.ASSIGNED, assignee__username="agent", unread_count__gt=0).exists()
    snoozed = held.filter(status=Status.SNOOZED)
    assert snoozed.exists()
    assert (
        Job.objects.filter(name="conversations.wake").count()
        == Conversation.objects.filter(status=Status.SNOOZED).count()
    )


def test_the_two_companies_share_nothing() -> None:
    load()

    for message in Message.objects.select_related("conversation__contact", "inbox", "sender_user"):
        assert {message.conversation.tenant_id, message.conversation.contact.tenant_id, message.inbox.tenant_id} == {
            message.tenant_id
        }
    assert not set(Membership.objects.filter(tenant__slug="demo").values_list("user_id", flat=True)) & set(
        Membership.objects.filter(tenant__slug="other").values_list("user_id", flat=True)
    )


@pytest.mark.parametrize(
    ("said", "ports", "leads_to"),
    [("http://localhost:8010", [8010, 3000], "http://localhost:8010"),
     ("http://localhost:8010", [9000], "http://localhost:9000"),
     ("https://desk.example", [9000], "https://desk.example")],
)  # fmt: skip
def test_its_links_lead_to_where_it_is_served(settings, said: str, ports: list[int], leads_to: str) -> None:
    settings.PUBLIC_URL = said
    lead_here(ports)

    assert leads_to == settings.PUBLIC_URL
