"""Whose message it is: spellings of a number, other ids, numbers that change, and nobody else's."""

from __future__ import annotations

import time

import pytest

from accounts.models import Tenant
from conversations import actions
from conversations.models import Contact, ContactIdentity, Conversation, Inbox, Message, SetAside
from jobs.models import Job
from jobs.worker import drain
from tests.trade import written
from tests.whatsapp.lines import delivery, fixture, post, said, whatsapp_inbox
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_speaks_of_another_number_is_quarantined(line: Inbox, sol: Tenant):
    whatsapp_inbox(sol, phone_number_id="999")

    assert post(line, delivery(said(), phone_number_id="999")).status_code == 200
    drain()

    assert Message.objects.count() == 0
    assert SetAside.objects.get().reason == "quarantined"


def test_a_message_of_last_month_is_quarantined(line: Inbox):
    post(line, delivery(said(at=time.time() - 30 * 86400)))
    drain()

    assert Message.objects.count() == 0
    assert SetAside.objects.get().error == "too_old"


def test_old_and_new_spelling_of_a_brazilian_number_are_one_contact(line: Inbox):
    post(line, delivery(said("um", phone="5591988887777"), said("dois", phone="559188887777")))
    drain()

    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert ContactIdentity.address_of(line.pk, Contact.objects.get().pk) == "559188887777"


def test_a_customer_is_known_by_phone_and_by_user_id_alike(line: Inbox):
    post(line, delivery(said("um", from_user_id="BR.77")))
    drain()
    nameless = said("dois", from_user_id="BR.77")
    del nameless["messages"][0]["from"]
    nameless["contacts"] = [{"profile": {"username": "joana"}, "user_id": "BR.77"}]
    post(line, delivery(nameless))
    drain()

    assert Contact.objects.count() == 1
    assert set(ContactIdentity.objects.values_list("identifier", flat=True)) == {"+5591988887777", "bsuid:BR.77"}


def test_a_customer_whom_the_team_entered_by_phone_is_the_same_contact(line: Inbox, ana: Person):
    contact, _ = actions.create_contact(ana.actor, name="Joana", phone="(91) 98888-7777")

    post(line, delivery(said(name="")))
    drain()

    assert Conversation.objects.get().contact_id == contact.pk


def test_a_visitor_who_says_to_have_this_number_gets_nobody_elses_messages(line: Inbox, site: Inbox):
    visitor = written(site, phone="+55 91 98888-7777").conversation.contact

    post(line, delivery(said()))
    drain()

    assert Conversation.objects.get(inbox=line).contact_id != visitor.pk


def test_a_new_number_stays_the_same_contact(line: Inbox):
    post(line, delivery(said()))
    system = {"type": "user_changed_number", "wa_id": "5511987654321", "body": "changed"}
    post(line, delivery(said(type="system", system=system), said("Sou eu", phone="5511987654321")))
    drain()

    contact = Contact.objects.get()
    assert contact.phone == "+5511987654321"
    assert Message.objects.filter(sender_type="system").get().metadata["activity"] == "number_changed"


def test_three_pictures_in_one_second_of_a_new_contact_are_one_conversation(line: Inbox):
    for name in ("image", "video", "document"):
        told = fixture(name)["payload"]
        told["entry"][0]["changes"][0]["value"]["messages"][0] |= {
            "timestamp": str(int(time.time())),
            "id": f"wamid.{name}",
        }
        post(line, told)
    Job.objects.filter(name="conversations.fetch_media").delete()
    drain()

    assert (Conversation.objects.count(), Message.objects.filter(sender_type="contact").count()) == (1, 3)
