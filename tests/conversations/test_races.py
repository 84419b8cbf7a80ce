"""Several at once who want the same thing: one has it, and the others are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from conversations.models import Conversation, Label, Message
from tests.conversations.refusing import API, code_in
from tests.jobs.test_worker import until
from tests.trade import published, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(requests: list[tuple[APIClient, str, Any]]) -> list[Any]:
    """Send all of them together, each in a thread with a database connection of its own."""

    def one(request: tuple[APIClient, str, Any]) -> Any:
        client, path, body = request
        try:
            return client.post(path, body, format="json")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(one, requests))


def test_86_of_two_who_take_it_at_once_one_has_it_and_the_other_is_told_who(
    ana: Person, bruno: Person, conversation: Conversation
) -> None:
    path = f"{API}conversations/{conversation.pk}/assign"
    asked = [(person.client(), path, {"user_id": person.user_id}) for person in (ana, bruno)]

    answers = at_once(asked)

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [answer for answer in answers if answer.status_code == 409]
    owner = Conversation.objects.select_related("assignee").get(pk=conversation.pk).assignee
    assert owner is not None
    assert code_in(lost) == (409, "already_assigned")
    assert owner.name in lost.json()["errors"][0]["detail"]


@pytest.mark.parametrize("path", ["teams", "labels", "inboxes"])
def test_of_five_who_take_a_name_at_once_one_has_it(davi: Person, path: str) -> None:
    body = {"name": "Mesmo nome"} | ({"channel": "api"} if path == "inboxes" else {})

    answers = at_once([(davi.client(), API + path, body) for _ in range(5)])

    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422]
    assert {code_in(answer)[1] for answer in answers if answer.status_code == 422} == {"not_unique"}


def test_of_five_repeats_at_once_one_is_stored_and_four_say_so(ana: Person, conversation: Conversation) -> None:
    path, body = f"{API}conversations/{conversation.pk}/messages", {"content": "Oi", "client_message_id": "c1"}

    answers = at_once([(ana.client(), path, body) for _ in range(5)])

    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == 4
    assert Message.objects.filter(client_message_id="c1").count() == 1


def somebody_waits_for_us() -> bool:
    """Whether another connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
        return cursor.fetchone() is not None


@pytest.mark.postgres
def test_who_writes_while_it_is_labelled_is_told_of_with_the_label(ana: Person, conversation: Conversation) -> None:
    label = Label.objects.create(tenant_id=ana.tenant_id, name="vip")

    def customer_writes() -> None:
        try:
            written(conversation.inbox, "E agora?")
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, published() as frames:
        with transaction.atomic():
            Conversation.locked(ana.actor, conversation.pk).relabel([label])
            writing = threads.submit(customer_writes)
            until(somebody_waits_for_us)
        writing.result()

    told = [frame["data"] for frame in frames if frame["type"] == "conversation_updated"]
    assert [one["labels"] for one in told] == [["vip"]]
