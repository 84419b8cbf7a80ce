"""The log: numbers are given late, in commit order, without holes, and a rollback takes them back."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from accounts.actor import Actor, Origin, Role
from realtime import streams
from realtime.events import Event, Letter, MessageDeleted, Pong
from realtime.models import Epoch, Stream, StreamEvent
from realtime.publish import forget, publish
from realtime.sync import Mark, marks, read_since

AGENTS, INBOX = streams.agents(1), streams.inbox(1, 3)


def deleted(message_id: int) -> Event:
    return MessageDeleted(message_id=message_id, conversation_id=1, deleted_by=None)


@transaction.atomic
def publish_now(*letters: Letter | list[Letter]) -> None:
    publish(*letters)


def numbers(stream: str) -> list[int]:
    return list(StreamEvent.objects.filter(stream=stream).order_by("seq").values_list("seq", flat=True))


@pytest.mark.django_db
def test_events_are_numbered_by_stream_in_the_order_given():
    publish_now(Letter(INBOX, deleted(1)), Letter(AGENTS, deleted(2)), Letter(INBOX, deleted(3)))

    assert marks([INBOX, AGENTS, "t1.u9"]) == {INBOX: Mark(2, 0), AGENTS: Mark(1, 0), "t1.u9": Mark(0, 0)}
    assert [json.loads(event.body)["data"]["message_id"] for event in StreamEvent.objects.filter(stream=INBOX)] == [
        1,
        3,
    ]


@pytest.mark.django_db
def test_a_kept_frame_is_the_json_that_a_client_reads():
    event = deleted(7)
    publish_now(Letter(AGENTS, event))

    frame = StreamEvent.objects.get().body

    assert json.loads(frame) == {"type": "message_deleted", "data": event.data(), "stream": AGENTS, "seq": 1}
    assert ": " not in frame


@pytest.mark.django_db
def test_letters_may_come_in_lists_and_none_is_no_work(django_assert_num_queries):
    with django_assert_num_queries(0):
        publish()
        publish([])
    publish_now([Letter(AGENTS, deleted(1)), Letter(AGENTS, deleted(2))], Letter(AGENTS, deleted(3)))

    assert numbers(AGENTS) == [1, 2, 3]


@pytest.mark.django_db
def test_publishing_costs_one_statement_for_the_streams_and_one_for_the_events(django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(2):
        publish(*(Letter(stream, deleted(number)) for number in range(20) for stream in (AGENTS, INBOX)))


@pytest.mark.django_db
def test_a_transient_event_is_refused_by_the_log():
    with pytest.raises(TypeError, match="pong is transient"):
        publish_now(Letter(AGENTS, Pong(timestamp="2026-01-01T00:00:00Z", cursors={})))


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_refused():
    with pytest.raises(transaction.TransactionManagementError):
        publish(Letter(AGENTS, deleted(1)))


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_numbers_back():
    publish_now(Letter(AGENTS, deleted(1)))
    with transaction.atomic():
        publish(Letter(AGENTS, deleted(2)))
        transaction.set_rollback(True)
    publish_now(Letter(AGENTS, deleted(3)))

    assert numbers(AGENTS) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_leave_no_hole_and_number_order_is_commit_order():
    """A reader that follows the head meanwhile must never see a number whose predecessor comes later."""

    def write(writer: int) -> None:
        try:
            for number in range(10):
                publish_now(Letter(INBOX, deleted(writer * 100 + number)), Letter(AGENTS, deleted(number)))
        finally:
            connection.close()

    seen: list[int] = []
    with ThreadPoolExecutor(16) as pool:
        writers = [pool.submit(write, writer) for writer in range(16)]
        while not all(writer.done() for writer in writers):
            seen += [event.seq for _, events in read_since({AGENTS: len(seen)}) for event in events]
            time.sleep(0.002)
    seen += [event.seq for _, events in read_since({AGENTS: len(seen)}) for event in events]
    close_old_connections()

    assert [writer.exception() for writer in writers] == [None] * 16
    assert seen == numbers(INBOX) == list(range(1, 161))


@pytest.mark.django_db
def test_a_forgotten_stream_keeps_its_numbers_and_loses_its_events():
    publish_now(Letter(AGENTS, deleted(1)), Letter(AGENTS, deleted(2)))

    forget(AGENTS)
    publish_now(Letter(AGENTS, deleted(3)))

    assert marks([AGENTS]) == {AGENTS: Mark(3, 2)}
    assert numbers(AGENTS) == [3]


@pytest.mark.django_db
def test_a_long_log_is_read_in_pages_up_to_the_bound(monkeypatch):
    monkeypatch.setattr("realtime.sync.PAGE", 4)
    publish_now(*(Letter(AGENTS, deleted(number)) for number in range(11)))

    pages = [[event.seq for event in events] for _, events in read_since({AGENTS: 1}, {AGENTS: 10})]

    assert pages == [[2, 3, 4, 5], [6, 7, 8, 9], [10]]


@pytest.mark.django_db
def test_the_epoch_stays_until_it_is_renewed():
    first = Epoch.current()

    assert Epoch.current() == first
    assert Epoch.renew() == Epoch.current() != first


def member(role: Role, **more: Any) -> Actor:
    return Actor(tenant_id=7, role=role, origin=Origin.SOCKET, user_id=12, **more)


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (member(Role.AGENT), ["t7.agents", "t7.u12"]),
        (member(Role.AGENT, restricted_inboxes=frozenset({3})), ["t7.agents", "t7.i3", "t7.u12"]),
        (member(Role.SUPERVISOR), ["t7.agents", "t7.supervisors", "t7.u12"]),
        (member(Role.ADMIN, scopes=frozenset({"conversation.read"})), ["t7.agents", "t7.u12"]),
        (member(Role.AGENT, scopes=frozenset()), ["t7.u12"]),
        (Actor.contact(7, 91), []),
        (Actor.contact(7, 91, inbox_id=3), ["t7.c91.i3"]),
        (Actor.system(7), []),
    ],
)
def test_an_actor_hears_their_own_streams_and_no_others(actor, expected):
    assert streams.streams_for(actor) == expected


def test_the_server_follows_control_streams_that_no_client_is_told_of():
    actor = member(Role.ADMIN)

    assert streams.controls_for(actor) == ["t7.ctl", "t7.ctl.u12"]
    assert streams.transient_groups_for(actor) == ["t7.admins"]
    assert not set(streams.controls_for(actor)) & set(streams.streams_for(actor))
    assert Stream(name="t7.ctl", head=2).floor == 0
