"""Who says by requests that they write: passed on as it would be for a socket, and taken back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from accounts import clock
from conversations.models import Conversation
from jobs.models import Job
from jobs.worker import drain
from realtime.events import Event, WidgetTyping
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)

Types = Callable[..., None]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the customer's widget is told, in order."""
    told: list[bool] = []

    def send(group: str, event: Event, **_: Any) -> None:
        if isinstance(event, WidgetTyping):
            told.append(event.is_typing)

    monkeypatch.setattr("conversations.typing.transient", send)
    return told


@pytest.fixture
def types(ana: Person, conversation: Conversation) -> Types:
    client = ana.client()

    def post(**fields: Any) -> None:
        assert client.post(f"/api/v1/conversations/{conversation.pk}/typing", fields).status_code == 200

    return post


def looked_at(*, later: timedelta) -> None:
    """Time goes by, and the jobs that waited for it run."""
    Job.objects.filter(name="conversations.end_typing").update(run_at=now() - timedelta(seconds=1))
    with clock.at(now() + later):
        drain()


def test_signs_by_requests_are_passed_on_once_in_two_seconds(
    types: Types, heard: list[bool], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("realtime.typing.COALESCE_S", 600)  # However long five requests take.
    for _ in range(5):
        types(is_typing=True)

    assert heard == [True]


def test_signs_go_on_being_passed_on_while_somebody_writes(
    types: Types, heard: list[bool], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("realtime.typing.COALESCE_S", 0.2)
    until = time.monotonic() + 60
    while len(heard) < 2 and time.monotonic() < until:
        types(is_typing=True)

    assert heard == [True, True]


def test_the_end_is_passed_on_at_once_and_once(types: Types, heard: list[bool]):
    types(is_typing=True)
    types(is_typing=False)
    types(is_typing=False)
    looked_at(later=timedelta(seconds=11))

    assert heard == [True, False]


def test_who_goes_quiet_is_taken_back_by_a_job(types: Types, heard: list[bool]):
    types(is_typing=True)
    looked_at(later=timedelta(seconds=5))
    assert heard == [True]

    looked_at(later=timedelta(seconds=11))
    looked_at(later=timedelta(seconds=30))

    assert heard == [True, False]


def test_a_note_that_is_being_written_is_not_shown_to_the_customer(types: Types, heard: list[bool]):
    types(is_typing=True, private=True)
    looked_at(later=timedelta(seconds=11))

    assert heard == []
