"""What a fresh page loads equals what a followed page shows, for every action of the trade, across the language border.

Python takes the state before, the frames that the action published and the state after; Node folds the dashboard's own
store over the frames; the two must agree.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now

from accounts.actions.members import accept_invitation, change_member, invite_member, remove_member
from accounts.actions.platform import set_user_active
from accounts.actions.profile import change_profile
from accounts.actor import Actor, Origin
from accounts.door import Door
from accounts.models import Membership
from audit import names
from audit.models import AuditRecord
from audit.records import record_data
from conversations import actions
from conversations.models import Contact, Message, Survey
from conversations.payloads import contact_data, message_data, survey_data
from conversations.providers.base import Checked
from dashboard import metrics
from dashboard.state import snapshot
from realtime import events, streams
from realtime.events import Audience
from realtime.models import Presence
from tests.conversations.deeds import NAMES, TABLE
from tests.conversations.stage import Stage, online, stage
from tests.patience import PATIENCE_S
from tests.trade import Frames, published, reply
from tests.world import Person

__all__ = ["stage"]
pytestmark = pytest.mark.django_db(transaction=True)

FOLD = Path(__file__).parent / "js" / "fold.js"
# What the table does not list, since only those who watch over others hear it.
TO_SUPERVISORS = {"audit_log", "csat_update", "session_status"}
RATING = ("survey_id", "conversation_id", "rating", "feedback", "contact_name", "agent_id")
RECORD = ("id", "action", "details", "user", "timestamp")


def page(actor: Actor) -> dict[str, Any]:
    """All that a page of this member may have loaded: the snapshot, every message, contact, rating and record."""
    metrics.forget()
    state = {key: part for key, part in snapshot(actor).items() if key not in ("epoch", "cursors")}
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
        "audit": [some(record_data(row), RECORD) for row in names.attach(records)],
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
    answer = subprocess.run(
        ["node", str(FOLD)], input=given, capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    after: dict[str, Any] = json.loads(answer.stdout)
    return after


def kept_for_the_team() -> set[str]:
    """The kept frames that a dashboard is sent."""
    told = (Audience.CONVERSATION, Audience.TENANT, Audience.DIRECTORY, Audience.SUPERVISORS, Audience.RATED)
    kept = [event for event in events.declared() if event.kept and event.audience in told]
    return {str(event.model_fields["type"].default) for event in kept}


def test_every_kept_frame_is_replayed() -> None:
    replayed = {kind for line in TABLE.values() for kind in line.agents} | TO_SUPERVISORS

    assert not kept_for_the_team() - replayed


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("start_session", "connecting"),
        ("restart_session", "connecting"),
        ("note_session", "connected"),
        ("end_session", "disconnected"),
        ("note_account", "disconnected"),
    ],
)
def test_how_a_connection_stands_is_on_a_supervisors_fresh_page(name: str, told: str, stage: Stage) -> None:
    line = TABLE[name]
    line.before(stage)

    with published() as frames:
        line.act(stage)

    last = [frame["data"] for frame in heard(frames, stage.carla.actor) if frame["type"] == "session_status"][-1]
    assert last["status"] == told
    assert snapshot(stage.carla.actor)["sessions"] == [last]
    assert snapshot(stage.ana.actor)["sessions"] == []


def test_an_inbox_out_of_use_takes_its_connection_along(stage: Stage) -> None:
    inbox_id = online(stage).pk
    actions.note_check(Actor.system(stage.ana.tenant_id), inbox_id, Checked({}, "Token expired", auth=True))

    follow(stage.carla, lambda: actions.delete_inbox(stage.davi.actor, inbox_id))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", ["ana", "carla"])
def test_a_followed_page_shows_what_a_fresh_one_loads(name: str, role: str, stage: Stage) -> None:
    line = TABLE[name]
    line.before(stage)

    follow(getattr(stage, role), lambda: line.act(stage))


def follow(person: Person, act: Callable[[], Any]) -> None:
    """Load a page, let it follow what is done, and hold it against one that is loaded afterwards."""
    before = page(person.actor)
    with published() as frames:
        act()
    after = page(person.actor)

    numbers = {"type": "dashboard_metrics", "data": after["metrics"]}
    state = folded(before, [*heard(frames, person.actor), numbers])
    state["ratings"] = [some(row, RATING) for row in state["ratings"]]
    opened = {str(row["id"]) for row in before["conversations"]}
    after["messages"] = {key: rows for key, rows in after["messages"].items() if key in opened}
    state["sessions"] = sorted(state["sessions"].values(), key=lambda one: int(one["session_id"]))
    assert {key: state[key] for key in after} == after


def come_in(place: Membership) -> None:
    accept_invitation(place, password_hash="", door=Door(Origin.API, "127.0.0.1", ""))


def nobody_yet(davi: Person) -> Membership:
    return invite_member(davi.actor, email="nina@aurora.example", role="agent", first_name="Nina")


def shut_out(davi: Person, bruno: Person) -> None:
    change_member(davi.actor, bruno.user_id, is_active=False)


def let_in_again(davi: Person, bruno: Person) -> Callable[[], Any]:
    shut_out(davi, bruno)
    return lambda: change_member(davi.actor, bruno.user_id, is_active=True)


MEMBERS: dict[str, Callable[[Person, Person], Callable[[], Any]]] = {
    "an invitation": lambda davi, _: lambda: nobody_yet(davi),
    "an invitation taken up": lambda davi, _: partial(come_in, nobody_yet(davi)),
    "a new role": lambda davi, bruno: lambda: change_member(davi.actor, bruno.user_id, role="supervisor"),
    "being shut out": lambda davi, bruno: lambda: shut_out(davi, bruno),
    "being let in again": let_in_again,
    "leaving": lambda davi, bruno: lambda: remove_member(davi.actor, bruno.user_id),
    "a new name": lambda _, bruno: lambda: change_profile(bruno.actor, first_name="Bruno Luís"),
    "being shut out by the platform": lambda davi, bruno: (
        lambda: set_user_active(Actor.system(davi.tenant_id), bruno.user_id, active=False)
    ),
}


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.parametrize("role", ["ana", "carla"])
def test_a_followed_page_shows_who_works_here(name: str, role: str, stage: Stage, bruno: Person) -> None:
    said = reply(bruno, stage.conversation)
    reply(stage.ana, stage.conversation, "E eu", reply_to=said.pk)
    Presence.objects.create(tenant_id=bruno.tenant_id, user_id=bruno.user_id, last_seen_at=now())
    act = MEMBERS[name](stage.davi, bruno)

    follow(getattr(stage, role), act)


def test_a_restricted_inbox_is_told_to_those_who_see_it_alone(stage: Stage, bruno: Person) -> None:
    with published() as frames:
        inbox, _ = actions.create_inbox(
            stage.davi.actor, name="Diretoria", channel="api", restricted=True, user_ids=[stage.ana.user_id]
        )
        actions.update_inbox(stage.davi.actor, inbox.pk, csat_enabled=False)
        actions.delete_inbox(stage.davi.actor, inbox.pk)

    def told(person: Person) -> int:
        return [frame["type"] for frame in heard(frames, person.actor)].count("directory_updated")

    assert [told(person) for person in (stage.ana, stage.carla, bruno)] == [3, 3, 0]
