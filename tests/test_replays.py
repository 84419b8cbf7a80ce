"""What a fresh page loads equals what a followed page shows, for every action of the trade, across the language border.

Python takes the state before, the frames that the action published and the state after; Node folds the dashboard's own
store over the frames; the two must agree.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from accounts.actor import Actor
from audit.models import AuditRecord
from audit.records import record_data
from conversations.models import Contact, Message, Survey
from conversations.payloads import contact_data, message_data, survey_data
from dashboard import metrics
from dashboard.state import snapshot
from realtime import events, streams
from realtime.events import Audience, Event
from tests.conversations.test_repeats import NAMES, TABLE, Stage, stage
from tests.trade import Frames, published
from tests.world import Person

__all__ = ["stage"]
pytestmark = pytest.mark.django_db(transaction=True)

FOLD = Path(__file__).parent / "js" / "fold.js"
# The lists that a page loads once: no frame tells of a new inbox, team or label.
OF_THE_HOUSE = ("inboxes", "teams", "labels")
# Kept frames that no action of the trade's table publishes: a phone session's belong to its gateway.
OF_OTHERS = {"session_status"}
# What the table does not list, since only those who watch over others hear it.
TO_SUPERVISORS = {"audit_log", "csat_update"}
RATING = ("survey_id", "conversation_id", "rating", "feedback", "contact_name", "agent_id")
RECORD = ("id", "action", "details", "user", "timestamp")


def page(actor: Actor) -> dict[str, Any]:
    """All that a page of this member may have loaded: the snapshot, every message, contact, rating and record."""
    metrics.forget()
    state = {key: part for key, part in snapshot(actor).items() if key not in ("epoch", "cursors", *OF_THE_HOUSE)}
    messages: dict[str, list[Any]] = {str(row["id"]): [] for row in state["conversations"]}
    for message in Message.with_parts(actor).order_by("pk"):
        messages[str(message.conversation_id)].append(message_data(message))
    ratings = Survey.visible_to(actor).filter(rating__isnull=False).select_related("contact", "agent")
    records = AuditRecord.visible_to(actor).order_by("-pk") if actor.oversees else []
    return state | {
        "messages": messages,
        "contacts": {str(contact.pk): contact_data(contact) for contact in Contact.visible_to(actor)},
        "ratings": [
            some(survey_data(row) | {"survey_id": row.pk}, RATING) for row in ratings.order_by("-answered_at", "-pk")
        ],
        "audit": [some(record_data(row), RECORD) for row in records],
    }


def some(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def heard(frames: Frames, actor: Actor) -> list[dict[str, Any]]:
    """What of the log this member's socket is sent."""
    mine = streams.streams_for(actor)
    return [frame for frame in frames if frame["stream"] in mine]


def folded(before: dict[str, Any], frames: list[dict[str, Any]]) -> dict[str, Any]:
    """The state that the dashboard's store makes of it."""
    given = json.dumps({"before": before | {"epoch": "", "cursors": {}}, "frames": frames})
    answer = subprocess.run(["node", str(FOLD)], input=given, capture_output=True, text=True, check=True, timeout=30)
    after: dict[str, Any] = json.loads(answer.stdout)
    return after


def kept_for_the_team() -> set[str]:
    """The kept frames that a dashboard is sent."""
    told = (Audience.CONVERSATION, Audience.TENANT, Audience.SUPERVISORS, Audience.RATED)
    classes = [event for event in vars(events).values() if isinstance(event, type) and issubclass(event, Event)]
    fields = [event.model_fields["type"] for event in classes if event.kept and event.audience in told]
    return {str(field.default) for field in fields if not field.is_required()}


def test_every_kept_frame_is_replayed() -> None:
    replayed = {kind for line in TABLE.values() for kind in line.agents} | TO_SUPERVISORS

    assert kept_for_the_team() - replayed == OF_OTHERS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["ana", "carla"])
def test_a_followed_page_shows_what_a_fresh_one_loads(name: str, role: str, stage: Stage) -> None:
    person: Person = getattr(stage, role)
    line = TABLE[name]
    line.before(stage)
    before = page(person.actor)

    with published() as frames:
        line.act(stage)
    after = page(person.actor)

    numbers = {"type": "dashboard_metrics", "data": after["metrics"]}
    state = folded(before, [*heard(frames, person.actor), numbers])
    state["ratings"] = [some(row, RATING) for row in state["ratings"]]
    opened = {str(row["id"]) for row in before["conversations"]}
    after["messages"] = {key: rows for key, rows in after["messages"].items() if key in opened}
    assert {key: state[key] for key in after} == after
