"""Several numbers of one app at Meta: everything is posted to one address, and each inbox gets what is its own."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Tenant
from conversations import actions
from conversations.models import Conversation, Inbox, Message, ProviderAccount, SetAside
from conversations.webhooks import lines
from jobs.models import Job
from jobs.worker import drain
from tests.admin.companies import logged_in
from tests.whatsapp.lines import JOANA, delivery, post, said, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = "222"


@pytest.fixture
def second(aurora: Tenant) -> Inbox:
    """Another number of Aurora's, of the same app."""
    return whatsapp_inbox(aurora, "Vendas", phone_number_id=SECOND)


def arrives(line: Inbox, *values: dict[str, Any], number: str = SECOND) -> None:
    assert post(line, delivery(*values, phone_number_id=number)).status_code == 200
    drain()


def shown() -> list[tuple[str, str]]:
    """What customers said, and in which inbox."""
    rows = Message.objects.filter(sender_type="contact").order_by("pk")
    return list(rows.values_list("inbox__name", "content"))


def test_what_is_for_the_second_number_is_the_second_inboxs_whichever_address_it_comes_to(line: Inbox, second: Inbox):
    arrives(line, said("para vendas"))
    arrives(second, said("também"))
    arrives(line, said("para a loja"), number="106540352242922")

    assert shown() == [("Vendas", "para vendas"), ("Vendas", "também"), ("WhatsApp", "para a loja")]
    assert SetAside.objects.count() == 0


def test_the_first_message_of_one_inbox_and_the_next_of_another_stay_in_their_order(line: Inbox, second: Inbox):
    for number in range(4):
        post(line, delivery(said(f"loja {number}")))
        post(line, delivery(said(f"vendas {number}"), phone_number_id=SECOND))
    drain()

    for inbox, stem in ((line, "loja"), (second, "vendas")):
        told = Conversation.objects.get(inbox=inbox).messages.order_by("pk").values_list("content", flat=True)
        assert list(told) == [f"{stem} {number}" for number in range(4)]


def test_both_inboxes_tell_when_they_were_heard_of_last(line: Inbox, second: Inbox):
    arrives(line, said())

    assert ProviderAccount.objects.filter(last_delivery_at__isnull=False).count() == 2


def test_what_is_early_for_the_second_number_waits_there(line: Inbox, second: Inbox):
    edit = {"original_message_id": "wamid.late", "message": {"type": "text", "text": {"body": "Certo"}}}
    arrives(line, said(type="edit", edit=edit, at=time.time() + 1))
    assert SetAside.objects.get().inbox == second

    arrives(line, said("Errado", wamid="wamid.late"))
    assert shown() == [("Vendas", "Certo")]
    assert SetAside.objects.count() == Job.objects.count() == 0


def test_another_companys_number_gets_nothing_even_where_the_app_is_the_same(line: Inbox, sol: Tenant):
    whatsapp_inbox(sol, phone_number_id=SECOND)
    arrives(line, said("é da outra?"))

    assert shown() == []
    assert (SetAside.objects.get().inbox, SetAside.objects.get().error) == (line, "other_account")


@pytest.mark.parametrize("other", [{"app_secret": "another app's"}, {"app_secret": ""}])
def test_a_number_of_another_app_gets_nothing_since_nobody_signed_for_that(
    line: Inbox, second: Inbox, other: dict[str, str]
):
    second.account.keep_secrets(other)
    second.account.save()
    arrives(line, said("assinado por quem?"))

    assert shown() == []
    assert SetAside.objects.get().error == "other_account"


def test_an_inbox_out_of_use_gets_nothing(line: Inbox, second: Inbox):
    Inbox.objects.filter(pk=second.pk).update(is_active=False)
    arrives(line, said("fechado"))

    assert shown() == []
    assert SetAside.objects.get().error == "other_account"


def test_what_came_before_the_second_inbox_was_there_is_its_own_when_an_admin_tries_it_again(
    line: Inbox, aurora: Tenant, davi: Person
):
    arrives(line, said("antes"))
    whatsapp_inbox(aurora, "Vendas", phone_number_id=SECOND)
    office: Client = logged_in(davi.user.username)
    office.post(reverse("admin:conversations_setaside_press", args=[SetAside.objects.get().pk, "rerun"]))
    drain()

    assert shown() == [("Vendas", "antes")]
    assert SetAside.objects.count() == 0


def test_a_change_of_the_settings_is_heeded_in_the_middle_of_a_run(
    line: Inbox, second: Inbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(lines, "KNOWN_FOR_S", 0)
    for number in range(21):  # One more than are read in one go.
        post(line, delivery(said(str(number)), phone_number_id=SECOND))
    receive = actions.receive_message

    def closes(*args: Any) -> Any:
        Inbox.objects.filter(pk=second.pk).update(is_active=False)
        return receive(*args)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "receive_message", closes)
        drain()

    assert len(shown()) == 20
    assert SetAside.objects.get().error == "other_account"
    assert JOANA in str(SetAside.objects.get().body)
