"""A phone's session, from the first code to the end, over HTTP against a simulated gateway."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from conversations import actions, sessions
from conversations.models import Connection, Conversation, Inbox, Message, ProviderAccount, SetAside
from jobs.models import Job
from jobs.worker import drain
from niochat.simulators.gateway import Gateway
from realtime import streams
from tests.gateways.lines import account_of, gateway_of, post, qr_inbox, worked
from tests.trade import published, reply
from tests.world import Person

pytestmark = pytest.mark.django_db(transaction=True)
Session = ProviderAccount.Session


@pytest.fixture
def others(ana: Person, carla: Person, eva: Person, fabio: Person) -> list[Person]:
    """An agent and a supervisor of the same company, an agent and an admin of another."""
    return [ana, carla, eva, fabio]


def statuses(frames: Any) -> list[str]:
    return [one["data"]["status"] for one in frames.to("supervisors") if one["type"] == "session_status"]


def test_a_phone_is_connected_by_scanning_the_code_that_admins_are_shown(
    line: Inbox, name: str, world: Gateway, davi: Person
):
    with published() as frames:
        answer = davi.client().post(f"/api/v1/inboxes/{line.pk}/session")
        worked(world)
        shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/session").json()
        assert world.scan(name)
        worked(world)

    assert (answer.status_code, answer.json()["status"]) == (202, "connecting")
    assert shown["status"] == "qr"
    assert shown["expires_at"]
    assert base64.b64decode(shown["qr_code"].removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert statuses(frames) == ["connecting", "qr", "connected"]
    after = davi.client().get(f"/api/v1/inboxes/{line.pk}/session").json()
    assert (after["status"], after["qr_code"], after["phone"]) == ("connected", "", "5511900000000")
    line.refresh_from_db()
    assert line.connection == Connection.CONNECTED
    assert set(world.answers) == {200}


def test_a_new_admin_socket_is_told_the_state_and_the_current_code_and_nobody_else_is(
    line: Inbox, world: Gateway, davi: Person, carla: Person, fabio: Person
):
    actions.start_session(davi.actor, line.pk)
    worked(world)

    told = list(sessions.present(davi.actor))

    assert [one.type for one in told] == ["session_status", "qr_code"]
    assert list(sessions.present(carla.actor)) == []
    assert list(sessions.present(fabio.actor)) == []


def test_a_code_is_followed_by_the_next_until_nobody_scanned_any(
    aurora: Any, slug: str, davi: Person, live_server: Any, settings: Any
):
    settings.GATEWAY_WEBHOOK_URL = live_server.url
    with gateway_of(slug, qr_s=600, qr_most=3) as server:
        line = qr_inbox(aurora, slug, server.url)
        actions.start_session(davi.actor, line.pk)
        codes = []
        for _ in range(3):
            looked_at(server.world)
            codes.append(account_of(line).qr_code)
            nobody_scanned(server.world)
        looked_at(server.world)

    assert len({*codes} - {""}) == 3
    assert account_of(line).session == Session.DISCONNECTED
    assert account_of(line).qr_code == ""


def looked_at(world: Gateway) -> None:
    """What the gateway says has come, and the job that asks it has asked."""
    Job.objects.filter(name="conversations.look_at_session").update(run_at=now() - timedelta(seconds=1))
    worked(world)


def nobody_scanned(world: Gateway) -> None:
    """The time of the code that is shown is over."""
    with world.changed:
        (session,) = world.sessions.values()
        world.expire(session)


def test_codes_that_nobody_scans_end_in_a_session_that_says_so_and_begins_again_when_it_is_asked_to(
    davi: Person, carla: Person, slug: str, live_server: Any, settings: Any
):
    settings.GATEWAY_WEBHOOK_URL = live_server.url
    with gateway_of(slug, qr_s=600, qr_most=2) as server, published() as frames:
        server.world.behave({"never_scanned": True})
        line = qr_inbox(davi.membership.tenant, slug, server.url)
        actions.start_session(davi.actor, line.pk)
        for _ in range(2):
            looked_at(server.world)
            nobody_scanned(server.world)
        looked_at(server.world)
        (name,) = server.world.sessions
        assert server.world.scan(name) is False
        asked = len(server.world.calls)
        looked_at(server.world)
        quiet = len(server.world.calls) - asked

        shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/session").json()
        server.world.behave({})
        davi.client().post(f"/api/v1/inboxes/{line.pk}/session")
        worked(server.world, 1)
        again = account_of(line).session

    told = [one["data"] for one in frames.to("supervisors") if one["type"] == "session_status"]
    assert [(one["status"], one["reason"]) for one in told][:3] == [
        ("connecting", ""), ("qr", ""), ("disconnected", "unscanned"),
    ]  # fmt: skip
    assert (shown["status"], shown["reason"], shown["qr_code"]) == ("disconnected", "unscanned", "")
    assert quiet <= 1
    assert again in (Session.CONNECTING, Session.QR)
    assert sessions.told_of(carla.actor)[0]["reason"] == ""


def test_a_gateway_that_forgets_to_say_that_nobody_came_is_not_asked_for_ever(
    line: Inbox, slug: str, name: str, world: Gateway, davi: Person
):
    actions.start_session(davi.actor, line.pk)
    worked(world)
    world.sessions[name].state, world.sessions[name].code = "connecting", ""
    ProviderAccount.objects.update(qr_expires_at=now() - timedelta(seconds=1), session_at=now() - timedelta(minutes=6))
    Job.objects.filter(name="conversations.look_at_session").update(run_at=now() - timedelta(seconds=1))
    drain()

    assert (account_of(line).session, account_of(line).session_reason) == (Session.DISCONNECTED, "unscanned")
    assert not Job.objects.filter(name="conversations.look_at_session", state="ready").exists()


def test_a_code_that_nobody_asked_for_changes_nothing(connected: Inbox, name: str, world: Gateway, davi: Person):
    actions.end_session(davi.actor, connected.pk)
    session = type(world.sessions[name])(**vars(world.sessions[name]) | {"state": "qr", "code": "2@late"})
    world.tell(session, world.speech.qr(session))
    worked(world)

    assert account_of(connected).session == Session.DISCONNECTED


def test_a_session_that_the_gateway_lost_is_found_out_and_comes_back_by_a_new_code(
    connected: Inbox, name: str, world: Gateway, davi: Person
):
    world.reset()
    with published() as frames:
        actions.queue_session_looks()
        drain()
    connected.refresh_from_db()
    assert statuses(frames) == ["disconnected"]
    assert connected.connection == Connection.PAUSED

    davi.client().post(f"/api/v1/inboxes/{connected.pk}/session/restart")
    worked(world)
    assert world.scan(name)
    worked(world)
    connected.refresh_from_db()
    assert connected.connection == Connection.CONNECTED


def test_a_message_to_a_lost_session_waits_until_the_phone_is_back(
    connected: Inbox, name: str, world: Gateway, ana: Person, davi: Person
):
    world.say(name, "5591988887777", "Oi", who="Joana")
    worked(world)
    world.reset()
    message = reply(ana, Conversation.objects.get(), "Olá!")
    drain()
    connected.refresh_from_db()
    assert (Message.objects.get(pk=message.pk).status, connected.connection) == ("pending", Connection.PAUSED)
    assert account_of(connected).session == Session.DISCONNECTED

    actions.start_session(davi.actor, connected.pk)
    worked(world)
    assert world.scan(name)
    worked(world)
    assert Message.objects.get(pk=message.pk).status in ("sent", "delivered")


def test_a_session_is_restarted_with_the_same_phone(connected: Inbox, name: str, world: Gateway, davi: Person):
    path = f"/api/v1/inboxes/{connected.pk}/session/restart"
    with published() as frames:
        answers = [davi.client().post(path).status_code for _ in range(2)]
        worked(world)

    connected.refresh_from_db()
    assert answers == [202, 202]
    assert len([call for call in world.calls if "restart" in call]) == 1
    assert statuses(frames) == ["connecting", "connected"]
    assert (connected.connection, account_of(connected).session) == (Connection.CONNECTED, Session.CONNECTED)


def test_a_session_whose_phone_is_gone_begins_with_a_code_when_it_is_restarted(
    connected: Inbox, name: str, world: Gateway, davi: Person
):
    world.drop(name)
    worked(world)
    davi.client().post(f"/api/v1/inboxes/{connected.pk}/session/restart")
    worked(world)

    assert account_of(connected).session == Session.QR
    assert world.scan(name)
    worked(world)
    assert account_of(connected).session == Session.CONNECTED


def test_a_session_is_not_restarted_by_whoever_may_not_manage_inboxes(connected: Inbox, carla: Person, fabio: Person):
    path = f"/api/v1/inboxes/{connected.pk}/session/restart"

    assert (carla.client().post(path).status_code, fabio.client().post(path).status_code) == (403, 404)


def test_nobody_but_its_own_company_hears_of_a_session_and_only_admins_see_its_code(
    line: Inbox, world: Gateway, davi: Person, others: list[Person]
):
    with published() as frames:
        actions.start_session(davi.actor, line.pk)
        worked(world)

    assert streams.transient_groups_for(davi.actor) == [streams.admins(line.tenant_id)]
    told = {one["stream"] for one in frames if one["type"] == "session_status"}
    assert told == {streams.supervisors(line.tenant_id)}
    code = sessions.code_of(account_of(line), now())
    assert code is not None
    for who in others:
        oversees = who.actor.tenant_id == line.tenant_id and who.actor.oversees
        assert told.isdisjoint(streams.streams_for(who.actor)) is not oversees
        assert streams.admins(line.tenant_id) not in streams.transient_groups_for(who.actor)
        assert [one for one in sessions.present(who.actor) if one.type == "qr_code"] == []
        assert [one["session_id"] for one in sessions.told_of(who.actor)] == ([line.pk] if oversees else [])
        assert code.qr_code not in who.client().get("/api/v1/inboxes").content.decode()
        assert code.qr_code not in who.client().get("/api/v1/snapshot").content.decode()


def test_a_code_that_has_expired_is_shown_to_nobody(line: Inbox, world: Gateway, davi: Person):
    actions.start_session(davi.actor, line.pk)
    worked(world)
    ProviderAccount.objects.update(qr_expires_at=now() - timedelta(seconds=1))

    assert davi.client().get(f"/api/v1/inboxes/{line.pk}/session").json()["qr_code"] == ""
    assert [one.type for one in sessions.present(davi.actor)] == ["session_status"]


def test_a_phone_that_parts_stops_the_inbox_and_is_on_record(connected: Inbox, name: str, world: Gateway):
    with published() as frames:
        world.drop(name)
        worked(world)

    connected.refresh_from_db()
    assert statuses(frames) == ["disconnected"]
    assert connected.connection == Connection.PAUSED


def test_logging_out_parts_the_phone_and_alarms_nobody(connected: Inbox, name: str, world: Gateway, davi: Person):
    with published() as frames:
        answer = davi.client().delete(f"/api/v1/inboxes/{connected.pk}/session")
        worked(world)
        davi.client().delete(f"/api/v1/inboxes/{connected.pk}/session")

    connected.refresh_from_db()
    assert answer.json()["status"] == "disconnected"
    assert statuses(frames) == ["disconnected"]
    assert connected.connection == Connection.SETUP
    assert name not in world.sessions or world.sessions[name].state != "open"
    assert SetAside.objects.count() == 0


def test_an_inbox_that_is_taken_away_parts_its_phone(connected: Inbox, name: str, world: Gateway, davi: Person):
    actions.delete_inbox(davi.actor, connected.pk)
    drain()

    assert name not in world.sessions or world.sessions[name].state != "open"


def test_a_session_is_connected_again_with_the_webhook_of_that_day(
    connected: Inbox, name: str, world: Gateway, davi: Person
):
    world.drop(name)
    worked(world)
    world.sessions[name].webhook = "http://127.0.0.1:9/lost"

    actions.start_session(davi.actor, connected.pk)
    drain()
    worked(world)
    assert world.scan(name)
    worked(world)

    connected.refresh_from_db()
    assert connected.connection == Connection.CONNECTED
    assert connected.token in world.sessions[name].webhook


def test_a_gateway_that_is_not_there_is_told_in_words(aurora: Any, slug: str, davi: Person):
    line = qr_inbox(aurora, slug, "http://127.0.0.1:9")

    actions.start_session(davi.actor, line.pk)
    drain()

    shown = davi.client().get(f"/api/v1/inboxes/{line.pk}/session").json()
    assert (shown["status"], bool(shown["error"])) == ("disconnected", True)


def test_old_news_of_a_session_changes_nothing(connected: Inbox, slug: str, name: str, world: Gateway):
    old = world.speech.connection(type(world.sessions[name])(name, state="close"))
    if slug == "evolution":
        old["date_time"] = "2026-01-01T00:00:00.000Z"
    else:
        old["timestamp"] = 1_700_000_000_000

    assert post(connected, slug, old, **world.sessions[name].headers).status_code == 200
    drain()

    assert account_of(connected).session == Session.CONNECTED
