"""What a fresh dashboard draws."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from rest_framework.test import APIClient

from accounts.actor import Actor
from conversations import actions
from conversations.models import Conversation, Inbox
from conversations.payloads import conversation_data
from dashboard import metrics
from dashboard.state import snapshot
from realtime import sync
from realtime.models import Connection, Epoch, Presence
from tests.trade import reply, written
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)

FRESH = 13
# BEGIN, PostgreSQL's SET TRANSACTION and COMMIT are among them.
QUERIES = 25 if settings.USES_POSTGRES else 24


def at_work(person: Person, *, seconds: int = 45) -> Connection:
    """The person holds a socket for so long."""
    return Connection.objects.create(
        id=f"s{person.user_id}",
        process="p1",
        tenant_id=person.tenant_id,
        user_id=person.user_id,
        expires_at=now() + timedelta(seconds=seconds),
    )


def test_it_has_every_part_of_the_contract(ana: Person, conversation: Conversation) -> None:
    seen = ana.client().get("/api/v1/snapshot").json()

    assert list(seen) == [
        *("epoch", "cursors", "user", "counts", "conversations", "agents", "metrics", "inboxes", "teams", "labels"),
        "sessions",
    ]
    assert (seen["epoch"], seen["user"]["id"]) == (Epoch.current(), ana.user_id)
    assert seen["counts"] == {"open": 1, "mine": 0, "waiting": 1, "unassigned": 1, "snoozed": 0, "closed": 0}
    shown = Conversation.with_parts(ana.actor).get(pk=conversation.pk)
    assert seen["conversations"] == [conversation_data(shown)]
    assert seen["metrics"]["total_conversations"] == 1


def written_elsewhere(site: Inbox) -> None:
    try:
        written(site, identifier="v:nova", name="Nova")
    finally:
        connection.close()


def test_it_is_of_one_moment_whoever_writes_while_it_is_read(
    ana: Person, site: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(site)
    Epoch.current()
    read, name = sync.marks, f"t{ana.tenant_id}.agents"
    stood_at = read([name])[name].head

    def somebody_writes_right_after(names: list[str]) -> dict[str, sync.Mark]:
        found = read(names)
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(written_elsewhere, site).result()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(sync, "marks", somebody_writes_right_after)
        seen = snapshot(ana.actor)

    assert (len(seen["conversations"]), seen["counts"]["open"], seen["cursors"][name]) == (1, 1, stood_at)
    assert seen["metrics"]["open_conversations"] == 1
    assert len(snapshot(ana.actor)["conversations"]) == 2
    assert read([name])[name].head > stood_at


def test_the_tabs_count_what_they_hold(ana: Person, bruno: Person, site: Inbox) -> None:
    held = [written(site, identifier=f"v:{number}").conversation for number in range(5)]
    reply(ana, held[0])
    reply(bruno, held[1])
    actions.snooze(ana.actor, held[2].pk, until=now() + timedelta(hours=1))
    actions.close_conversation(ana.actor, held[3].pk)

    assert snapshot(ana.actor)["counts"] == {
        "open": 4,
        "mine": 1,
        "waiting": 1,
        "unassigned": 2,
        "snoozed": 1,
        "closed": 1,
    }


def test_a_colleague_is_online_by_a_live_lease_only(ana: Person, bruno: Person, carla: Person, eva: Person) -> None:
    seen_at = now()
    Presence.objects.create(tenant_id=ana.tenant_id, user_id=ana.user_id, status="busy", last_seen_at=seen_at)
    at_work(ana)
    at_work(bruno, seconds=-1)
    at_work(eva)

    shown = {agent["username"]: (agent["status"], agent["last_seen"]) for agent in snapshot(ana.actor)["agents"]}

    assert shown == {
        "ana": ("busy", seen_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
        "bruno": ("offline", None),
        "carla": ("offline", None),
    }


def test_a_restricted_inbox_is_in_nobody_elses_snapshot(ana: Person, bruno: Person, davi: Person) -> None:
    inbox, _secret = actions.create_inbox(
        davi.actor, name="Diretoria", channel="webchat", restricted=True, user_ids=[ana.user_id]
    )
    written(inbox)

    def there(actor: Actor) -> tuple[int, int, int]:
        seen = snapshot(actor)
        return len(seen["inboxes"]), len(seen["conversations"]), seen["counts"]["open"]

    assert (there(ana.actor), there(davi.actor), there(bruno.actor)) == ((1, 1, 1), (1, 1, 1), (0, 0, 0))


def test_nothing_of_another_company_is_in_it(eva: Person, conversation: Conversation) -> None:
    seen = snapshot(eva.actor)

    assert (seen["conversations"], seen["inboxes"], seen["counts"]["open"]) == ([], [], 0)
    assert seen["metrics"]["total_conversations"] == 0
    assert all(name.startswith(f"t{eva.tenant_id}.") for name in seen["cursors"])


def test_it_takes_the_same_queries_however_much_there_is(ana: Person, carla: Person, site: Inbox) -> None:
    actor = carla.actor
    actions.create_team(actor, name="Vendas", user_ids=[ana.user_id])
    Epoch.current()

    def queries() -> int:
        metrics.forget()
        with CaptureQueriesContext(connection) as captured:
            snapshot(actor)
        return len(captured)

    def grow(number: int) -> int:
        reply(ana, written(site, identifier=f"v:{number}").conversation)
        actions.create_label(actor, name=f"troca {number}", colour="#aa0000")
        return queries()

    assert [grow(number) for number in range(3)] == [QUERIES] * 3


def test_anybody_of_the_team_gets_it_and_nobody_else(ana: Person, conversation: Conversation) -> None:
    assert ana.client().get("/api/v1/snapshot/").status_code == 200
    assert ana.client().get("/api/v1/dashboard/metrics").json()["open_conversations"] == 1
    assert APIClient().get("/api/v1/snapshot").status_code == 401
    assert APIClient().get("/api/v1/dashboard/metrics").status_code == 401


@pytest.mark.usefixtures("numbers_stay_fresh")
def test_while_its_numbers_are_fresh_a_request_asks_little(ana: Person, conversation: Conversation) -> None:
    client = ana.client()
    client.get("/api/v1/snapshot")

    with CaptureQueriesContext(connection) as captured:
        client.get("/api/v1/snapshot")

    asked = [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "COMMIT", "SET "))]
    assert len(asked) == FRESH, asked
