"""What comes in and is not believed: kept, told to supervisors, and in the hands of admins; never another tenant's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now

from accounts import clock
from accounts.actor import Role
from accounts.models import Tenant
from audit.models import AuditRecord, Verb
from conversations import actions
from conversations.models import (
    Connection,
    Contact,
    Inbox,
    Message,
    ProviderAccount,
    SendAttempt,
    SetAside,
    WebhookDelivery,
)
from conversations.reasons import Reason
from conversations.webhooks.tasks import read_deliveries
from jobs.models import Job, State
from jobs.worker import drain
from tests.admin.companies import logged_in
from tests.trade import published, written
from tests.whatsapp.lines import JOANA, PHONE_NUMBER_ID, delivery, post, said, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
WABA, NUMBER = "102290129340398", "15550783881"
MONTH_S = 30 * 86_400


def told_of(frames: Any) -> list[tuple[str, str]]:
    """What supervisors heard was set aside: the reason, and the inbox's name."""
    rows = [frame["data"] for frame in frames.to("supervisors") if frame["type"] == "audit_log"]
    alarms = [row["details"] for row in rows if row["action"] == "delivery_quarantined"]
    return [(details["reason"], details["name"]) for details in alarms]


def arrives(line: Inbox, *bodies: dict[str, Any] | bytes) -> list[tuple[str, str]]:
    with published() as frames:
        for body in bodies:
            assert post(line, body).status_code == 200
        drain()
    return told_of(frames)


def every_try() -> None:
    """Let the backoff pass until nothing is tried any more."""
    for _ in range(9):
        Job.objects.filter(state=State.READY).update(run_at=now() - timedelta(seconds=1))
        drain()


def pressed(office: Client, row: SetAside | WebhookDelivery, button: str) -> int:
    name = f"admin:conversations_{row._meta.model_name}_press"
    return office.post(reverse(name, args=[row.pk, button])).status_code


@pytest.fixture
def office(davi: Person) -> Client:
    """The back office, as an admin of Aurora's sees it."""
    return logged_in(davi.user.username)


# --- the alarm --------------------------------------------------------------------------------------------------------


def other_kind(**more: Any) -> dict[str, Any]:
    """A delivery of a kind that nobody reads."""
    body = delivery(said())
    body["entry"][0]["changes"] = [{"field": "flows", "value": {"event": "FLOW_STATUS_CHANGE", **more}}]
    return body


DOUBTFUL: dict[str, Callable[[], dict[str, Any] | bytes]] = {
    "other_account": lambda: delivery(said(), phone_number_id="999"),
    "too_old": lambda: delivery(said(at=time.time() - MONTH_S)),
    "unknown_kind": other_kind,
    "unreadable": lambda: b'{"entry": [',
}


@pytest.mark.parametrize("doubt", DOUBTFUL)
def test_98_99_100_what_is_set_aside_is_told_to_supervisors_and_written_down(line: Inbox, doubt: str):
    assert arrives(line, DOUBTFUL[doubt]()) == [(doubt, "WhatsApp")]

    record = AuditRecord.objects.get(verb=Verb.DELIVERY_QUARANTINED)
    assert (record.details["reason"], record.details["inbox_id"]) == (doubt, line.pk)
    assert Message.objects.count() == Contact.objects.count() == 0
    assert Job.objects.count() == 0


def test_a_flood_of_the_same_is_one_alarm_and_another_reason_is_another(line: Inbox):
    flood = [other_kind(number=number) for number in range(20)]

    assert arrives(line, *flood, DOUBTFUL["other_account"]()) == [
        ("unknown_kind", "WhatsApp"),
        ("other_account", "WhatsApp"),
    ]
    assert SetAside.objects.count() == 21
    with clock.at(now() + timedelta(minutes=11)):
        assert arrives(line, other_kind(number=99)) == [("unknown_kind", "WhatsApp")]


def test_what_names_no_number_at_all_is_not_believed_either(line: Inbox):
    nameless = delivery(said())
    del nameless["entry"][0]["changes"][0]["value"]["metadata"]

    assert arrives(line, nameless) == [("other_account", "WhatsApp")]
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "more",
    [
        {"type": "reaction", "reaction": {"message_id": "wamid.hers", "emoji": "👍"}},
        {"type": "revoke", "revoke": {"original_message_id": "wamid.hers"}},
        {"type": "edit", "edit": {"original_message_id": "wamid.hers", "message": {"text": {"body": "x"}}}},
    ],
    ids=lambda more: more["type"],
)  # fmt: skip
def test_98_a_captured_delivery_of_last_month_changes_nothing_whatever_it_says(line: Inbox, more: dict[str, Any]):
    post(line, delivery(said("Oi", wamid="wamid.hers")))
    drain()

    assert arrives(line, delivery(said(at=time.time() - MONTH_S, **more))) == [("too_old", "WhatsApp")]
    message = Message.objects.get()
    assert (message.content, message.deleted_at, message.reactions.count()) == ("Oi", None, 0)


def test_98_a_captured_ban_of_last_month_pauses_nothing(line: Inbox):
    ban = notice("account_update", {"event": "DISABLED_UPDATE"})
    ban["entry"][0]["time"] = int(time.time() - MONTH_S)

    assert arrives(line, ban) == [("too_old", "WhatsApp")]
    line.refresh_from_db()
    assert line.connection == Connection.CONNECTED


def broken(line: Inbox) -> None:
    """From now on nothing of this inbox's can be stored: its row is in a state that the action does not accept."""
    Inbox.objects.filter(pk=line.pk).update(is_active=False)


def test_101_what_never_can_be_applied_ends_after_eight_tries_with_an_alarm(line: Inbox, office: Client):
    post(line, delivery(said("um", phone="5511911112222"), said("dois")))
    broken(line)
    drain()
    with published() as frames:
        every_try()

    assert told_of(frames) == [("dead_letter", "WhatsApp")]
    assert [row.reason for row in SetAside.objects.all()] == ["dead", "dead"]
    assert {(job.state, job.attempts) for job in Job.objects.all()} == {("dead", 8)}
    page = office.get(reverse("admin:conversations_setaside_changelist") + "?reason__exact=dead")
    assert page.content.decode().count("message:wamid.") == 2

    Inbox.objects.filter(pk=line.pk).update(is_active=True)
    for row in SetAside.objects.all():
        assert pressed(office, row, "rerun") == 302
    drain()
    assert sorted(Message.objects.values_list("content", flat=True)) == ["dois", "um"]
    assert SetAside.objects.count() == Job.objects.count() == 0


def test_101_blank_words_poison_nothing(line: Inbox):
    assert arrives(line, delivery(said(" \n "), said("Oi"))) == []

    shown = list(Message.objects.order_by("pk").values_list("content", flat=True))
    assert shown[0].startswith("O cliente enviou algo")
    assert shown[1:] == ["Oi"]


def test_a_delivery_that_our_own_reader_stumbles_over_is_set_aside_in_the_end(
    line: Inbox, monkeypatch: pytest.MonkeyPatch
):
    def stumbles(raw: bytes) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr("conversations.providers.whatsapp.reading.parse", stumbles)
        post(line, delivery(said("Oi")))
        with published() as frames:
            drain()
            every_try()
    assert told_of(frames) == [("unreadable", "WhatsApp")]
    assert WebhookDelivery.objects.get().state == "quarantined"


# --- in the hands of an admin -----------------------------------------------------------------------------------------


def test_the_back_office_lists_what_was_set_aside_with_its_reason(line: Inbox, office: Client):
    arrives(line, *(body() for body in DOUBTFUL.values()))
    with translation.override("pt-br"):
        page = office.get(reverse("admin:conversations_setaside_changelist"), headers={"Accept-Language": "pt-BR"})
    unread = office.get(reverse("admin:conversations_webhookdelivery_changelist") + "?state__exact=quarantined")
    row = WebhookDelivery.objects.get(state="quarantined")
    shown = office.get(reverse("admin:conversations_webhookdelivery_change", args=[row.pk]))

    assert all(words in page.content.decode() for words in ("de outra conta", "mais de sete dias", "ninguém conhece"))
    assert "JSON válido" in unread.content.decode()
    assert "{&quot;entry&quot;: [" in shown.content.decode()


def test_the_back_office_tells_what_went_wrong_in_its_readers_language(line: Inbox, office: Client):
    arrives(line, DOUBTFUL["unreadable"]())
    message = written(line, "Oi", "+5591988887777")
    attempt = SendAttempt.objects.create(tenant_id=line.tenant_id, inbox=line, message=message)
    attempt.end(SendAttempt.State.REFUSED, Reason("throttled", "Too many (130429)"))
    said = [
        (
            WebhookDelivery.objects.get(state="quarantined"),
            {"pt-BR": "JSON válido", "es": "JSON válido", "en": "valid JSON"},
        ),
        (attempt, {"pt-BR": "não aceita mais", "es": "no acepta más", "en": "takes no more"}),
    ]

    for row, languages in said:
        for language, words in languages.items():
            for page in (
                list_of(row),
                reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk]),
            ):
                shown = office.get(page, headers={"Accept-Language": language}).content.decode()
                assert words in shown, (language, page)
    assert attempt.error == "Too many (130429)"


def list_of(row: Model) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_changelist")


def test_what_was_only_too_old_is_applied_when_an_admin_wants_it(line: Inbox, office: Client):
    arrives(line, DOUBTFUL["too_old"]())
    row = SetAside.objects.get()

    assert [pressed(office, row, "rerun"), pressed(office, row, "rerun")] == [302, 404]
    drain()

    assert Message.objects.get().content == "Oi"
    assert SetAside.objects.count() == 0
    assert AuditRecord.objects.filter(verb=Verb.DELIVERY_RETRIED).count() == 1


def test_what_is_another_accounts_stays_so_whoever_presses_until_the_settings_say_otherwise(
    line: Inbox, office: Client, davi: Person
):
    arrives(line, DOUBTFUL["other_account"]())
    row = SetAside.objects.get()
    pressed(office, row, "rerun")
    drain()
    row.refresh_from_db()
    assert (row.reason, row.error, Message.objects.count()) == ("quarantined", "other_account", 0)

    actions.configure_account(davi.actor, line.pk, config={"phone_number_id": "999"}, secrets={})
    pressed(office, row, "rerun")
    Job.objects.filter(name="conversations.check_account").delete()
    drain()
    assert Message.objects.get().content == "Oi"


def test_what_is_thrown_away_is_gone_and_on_record(line: Inbox, office: Client):
    arrives(line, DOUBTFUL["other_account"](), DOUBTFUL["unreadable"]())
    aside, unread = SetAside.objects.get(), WebhookDelivery.objects.get(state="quarantined")

    assert [pressed(office, aside, "discard"), pressed(office, unread, "discard")] == [302, 302]
    assert SetAside.objects.count() == WebhookDelivery.objects.filter(state="quarantined").count() == 0
    assert AuditRecord.objects.filter(verb=Verb.DELIVERY_DISCARDED).count() == 2


def test_a_delivery_is_read_again_by_the_reader_of_today_and_nothing_twice(line: Inbox, office: Client):
    arrives(line, delivery(said("Oi")))
    row = WebhookDelivery.objects.get()

    assert pressed(office, row, "read") == 302
    drain()

    row.refresh_from_db()
    assert (row.state, Message.objects.count()) == ("done", 1)
    assert pressed(office, row, "discard") == 404


@pytest.mark.parametrize("button", ["rerun", "discard"])
def test_another_companys_quarantine_is_out_of_reach(line: Inbox, fabio: Person, sol: Tenant, button: str):
    arrives(line, DOUBTFUL["too_old"]())
    row = SetAside.objects.get()
    fabio.membership.role = Role.ADMIN
    fabio.membership.save()
    stranger = logged_in(fabio.user.username)

    assert pressed(stranger, row, button) == 404
    assert WebhookDelivery.objects.count() == SetAside.objects.count() == 1
    assert b"WhatsApp" not in stranger.get(reverse("admin:conversations_setaside_changelist")).content
    with pytest.raises(SetAside.DoesNotExist):
        actions.rerun_set_aside(fabio.actor, row.pk)


# --- notices of an account that several numbers share -----------------------------------------------------------------


def notice(field: str, value: dict[str, Any], waba: str = WABA) -> dict[str, Any]:
    change = {"field": field, "value": value}
    entry = {"id": waba, "time": int(time.time()), "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def quality(number: str, event: str = "FLAGGED", waba: str = WABA) -> dict[str, Any]:
    told = {"display_phone_number": number, "event": event, "current_limit": "TIER_1K"}
    return notice("phone_number_quality_update", told, waba)


def known_by(inbox: Inbox, number: str) -> Inbox:
    ProviderAccount.objects.filter(inbox=inbox).update(facts={"display_phone_number": number})
    return inbox


def facts(inbox: Inbox) -> dict[str, Any]:
    told: dict[str, Any] = ProviderAccount.objects.get(inbox=inbox).facts
    return {name: value for name, value in told.items() if name != "display_phone_number"}


@pytest.fixture
def numbers(line: Inbox, aurora: Tenant, sol: Tenant) -> list[Inbox]:
    """Aurora's two numbers of one business account, and Sol's, who says to have the same two."""
    second = whatsapp_inbox(aurora, "Vendas", phone_number_id="222")
    theirs = [whatsapp_inbox(sol, "Um"), whatsapp_inbox(sol, "Dois", phone_number_id="222")]
    for first, other in ((line, second), theirs):
        known_by(first, "+1 555-078-3881")
        known_by(other, "+55 11 90000-2222")
    return [line, second, *theirs]


def test_a_quality_notice_is_of_the_number_that_it_names_and_of_no_other(numbers: list[Inbox]):
    assert arrives(numbers[0], quality("5511900002222")) == []

    assert [facts(one) for one in numbers] == [{}, {"quality_event": "FLAGGED", "limit": "TIER_1K"}, {}, {}]


def test_a_ban_of_one_number_pauses_that_inbox_and_one_of_the_account_all_of_the_tenants(numbers: list[Inbox]):
    def paused() -> list[bool]:
        return [Inbox.objects.get(pk=one.pk).connection == Connection.PAUSED for one in numbers]

    arrives(numbers[0], notice("account_update", {"event": "ACCOUNT_RESTRICTION", "phone_number": "5511900002222"}))
    assert paused() == [False, True, False, False]
    arrives(numbers[0], notice("account_update", {"event": "DISABLED_UPDATE"}))
    assert paused() == [True, True, False, False]


@pytest.mark.parametrize(
    "told", [quality("5511977776666"), quality(NUMBER, waba="999"), notice("account_update", {"event": "X"}, "999")]
)
def test_a_notice_of_a_number_or_an_account_that_nobody_has_is_set_aside(numbers: list[Inbox], told: dict[str, Any]):
    assert arrives(numbers[0], told) == [("other_account", "WhatsApp")]
    assert [facts(one) for one in numbers] == [{}] * 4


def test_before_its_first_check_the_address_says_which_number_it_is(line: Inbox):
    assert arrives(line, quality(NUMBER)) == []
    assert facts(line)["quality_event"] == "FLAGGED"


def test_a_templates_approval_is_looked_at_for_every_number_of_the_account(numbers: list[Inbox]):
    post(numbers[0], notice("message_template_status_update", {"event": "APPROVED", "message_template_name": "oi"}))
    row = Job.objects.get(name="conversations.read_deliveries")
    Job.objects.exclude(pk=row.pk).delete()
    actor_jobs = {one.pk for one in numbers[:2]}
    read_deliveries(*row.args)

    queued = Job.objects.filter(name="conversations.check_account")
    assert {job.args[1] for job in queued} == actor_jobs


def test_the_settings_count_what_was_set_aside(line: Inbox, davi: Person):
    arrives(line, DOUBTFUL["other_account"](), DOUBTFUL["unreadable"]())
    shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/account").json()

    assert shown["set_aside"] == {"quarantined": 1, "unreadable": 1}
    assert PHONE_NUMBER_ID in json.dumps(shown)
    assert JOANA not in json.dumps(shown)
