"""The numbers over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts import clock
from accounts.actor import Actor
from accounts.errors import Refused
from conversations import actions
from conversations.models import Conversation, Inbox, Survey
from dashboard.buckets import MOST_BUCKETS, Interval, boundaries
from tests.trade import reply, written
from tests.world import Person

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def edges(interval: Interval, since: str, until: str, zone: ZoneInfo) -> list[str]:
    """Where the buckets begin and end, as the zone's clocks show it."""
    found = boundaries(interval, at(since), at(until), zone)
    return [f"{bound.astimezone(zone):%Y-%m-%d %H:%M}" for bound in found]


def test_days_begin_at_the_tenants_midnight() -> None:
    assert edges("day", "2026-03-10T02:00Z", "2026-03-11T15:00Z", SAO_PAULO) == [
        *("2026-03-09 00:00", "2026-03-10 00:00", "2026-03-11 00:00", "2026-03-12 00:00")
    ]


def test_a_bucket_is_half_open() -> None:
    assert edges("day", "2026-03-10T03:00Z", "2026-03-11T03:00Z", SAO_PAULO) == ["2026-03-10 00:00", "2026-03-11 00:00"]


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert edges("week", "2026-03-11T12:00Z", "2026-03-17T12:00Z", SAO_PAULO) == [
        *("2026-03-09 00:00", "2026-03-16 00:00", "2026-03-23 00:00")
    ]
    assert edges("month", "2026-01-31T12:00Z", "2026-03-02T12:00Z", SAO_PAULO) == [
        *("2026-01-01 00:00", "2026-02-01 00:00", "2026-03-01 00:00", "2026-04-01 00:00")
    ]


def test_the_night_without_two_oclock_and_the_night_with_two_of_them() -> None:
    spring = edges("hour", "2026-03-28T23:00Z", "2026-03-29T03:00Z", BERLIN)
    autumn = edges("hour", "2026-10-24T23:00Z", "2026-10-25T03:00Z", BERLIN)

    assert [edge[-5:] for edge in spring] == ["00:00", "01:00", "03:00", "04:00", "05:00"]
    assert [edge[-5:] for edge in autumn] == ["01:00", "02:00", "02:00", "03:00", "04:00"]
    days = boundaries("day", at("2026-10-25T12:00Z"), at("2026-10-25T13:00Z"), BERLIN)
    assert days[1] - days[0] == timedelta(hours=25)


def test_a_midnight_that_the_clocks_skipped_is_the_moment_of_the_change() -> None:
    found = boundaries("day", at("2018-11-03T12:00Z"), at("2018-11-05T12:00Z"), SAO_PAULO)

    assert found == [at(f"2018-11-{day}Z") for day in ("03T03:00", "04T03:00", "05T02:00", "06T02:00")]


def test_hours_begin_with_the_clocks_of_odd_zones_too() -> None:
    found = boundaries("hour", at("2026-03-10T10:00Z"), at("2026-03-10T10:20Z"), ZoneInfo("Asia/Kathmandu"))

    assert found == [at("2026-03-10T09:15Z"), at("2026-03-10T10:15Z"), at("2026-03-10T11:15Z")]


def test_no_time_and_too_much_time_are_refused() -> None:
    with pytest.raises(Refused, match="bad_filter"):
        boundaries("day", at("2026-03-10T02:00Z"), at("2026-03-10T02:00Z"), ZoneInfo("UTC"))
    hours = timedelta(hours=MOST_BUCKETS)
    start = at("2026-03-10T00:00Z")
    assert len(boundaries("hour", start, start + hours, SAO_PAULO)) == MOST_BUCKETS + 1
    with pytest.raises(Refused, match="bad_filter"):
        boundaries("hour", start, start + hours + timedelta(seconds=1), SAO_PAULO)


database = pytest.mark.django_db(transaction=True)
MONDAY, TUESDAY, WEDNESDAY = (f"2026-03-{day:02d}T03:00:00.000000Z" for day in (9, 10, 11))


def asked(person: Person, metric: str, status: int = 200, /, **query: Any) -> Any:
    span = {"from": "2026-03-09T12:00:00Z", "to": "2026-03-11T12:00:00Z", "interval": "day"}
    answer = person.client().get("/api/v1/dashboard/series", {"metric": metric, **span} | query)
    assert answer.status_code == status, answer.content
    return answer.json()


def values(person: Person, metric: str, **query: Any) -> list[Any]:
    return [point["value"] for point in asked(person, metric, **query)["points"]]


@pytest.fixture
def days(ana: Person, bruno: Person, site: Inbox, erp: Inbox) -> list[Conversation]:
    """Two conversations on Monday evening, one on Wednesday; ana answers after 1, 2 and 6 minutes, bruno closes."""
    with clock.at(at("2026-03-10T02:59:00Z")):
        first, second = written(site).conversation, written(erp, identifier="c-1").conversation
    with clock.at(at("2026-03-10T03:00:00Z")):
        reply(ana, first)
    with clock.at(at("2026-03-10T03:01:00Z")):
        reply(ana, second)
    with clock.at(at("2026-03-11T11:00:00Z")):
        third = written(site, identifier="v:3").conversation
    with clock.at(at("2026-03-11T11:06:00Z")):
        reply(ana, third)
        actions.close_conversation(bruno.actor, first.pk)
        survey = Survey.objects.get(conversation=first)
        actions.answer_survey(Actor.system(ana.tenant_id), survey.pk, rating=4)
    with clock.at(at("2026-03-11T11:07:00Z")):
        written(site)
    return [first, second, third]


@database
def test_every_day_has_its_point_the_empty_ones_too(carla: Person, days: list[Conversation]) -> None:
    found = asked(carla, "conversations_created")

    assert [(point["time"], point["value"]) for point in found["points"]] == [(MONDAY, 2), (TUESDAY, 0), (WEDNESDAY, 1)]
    assert (found["timezone"], found["from"]) == ("America/Sao_Paulo", MONDAY)
    assert values(carla, "conversations") == [2, 0, 1]
    assert values(carla, "conversations_closed") == [0, 0, 1]
    assert values(carla, "conversations_reopened") == [0, 0, 1]
    assert values(carla, "messages_received") == [2, 0, 2]
    assert values(carla, "messages_sent") == [0, 2, 1]
    assert values(carla, "messages") == [2, 2, 3]


@database
def test_the_last_microsecond_of_a_day_is_that_day_s(carla: Person, site: Inbox) -> None:
    for moment in ("2026-03-10T02:59:59.999999Z", "2026-03-12T02:59:59.999999Z"):
        with clock.at(at(moment)):
            written(site, identifier=moment)

    assert values(carla, "messages") == [1, 0, 1]


@database
def test_a_mean_of_nothing_is_null(carla: Person, days: list[Conversation]) -> None:
    assert values(carla, "response_time") == [None, 90.0, 360.0]
    assert values(carla, "first_response_time") == [None, 90.0, 360.0]
    assert values(carla, "average_satisfaction") == values(carla, "satisfaction") == [None, None, 4.0]
    assert values(carla, "csat_score") == [None, None, 1.0]
    assert values(carla, "resolution_time") == [None, None, 32 * 3600 + 7 * 60.0]


@database
def test_percentiles_stand_beside_means(carla: Person, days: list[Conversation]) -> None:
    empty, tuesday, wednesday = asked(carla, "response_time")["points"]

    assert (empty["p50"], empty["p90"], empty["count"]) == (None, None, 0)
    assert (tuesday["p50"], tuesday["p90"], tuesday["count"]) == (90.0, 114.0, 2)
    assert (wednesday["p50"], wednesday["p90"]) == (360.0, 360.0)


@database
def test_a_series_can_be_narrowed(
    *, carla: Person, ana: Person, bruno: Person, site: Inbox, erp: Inbox, days: list[Conversation]
) -> None:
    team = actions.create_team(carla.actor, name="Vendas")

    assert values(carla, "messages", inbox=erp.pk) == [1, 1, 0]
    assert values(carla, "response_time", inbox=erp.pk) == [None, 120.0, None]
    assert values(carla, "messages_sent", agent=ana.user_id) == [0, 2, 1]
    assert values(carla, "conversations_closed", agent=bruno.user_id) == [0, 0, 1]
    assert values(carla, "conversations_closed", agent=ana.user_id) == [0, 0, 0]
    assert values(carla, "conversations", team=team.pk) == [0, 0, 0]


@database
def test_what_one_may_not_see_is_in_no_point(
    *, ana: Person, bruno: Person, carla: Person, davi: Person, eva: Person, site: Inbox, days: list[Conversation]
) -> None:
    actions.update_inbox(davi.actor, site.pk, restricted=True, user_ids=[ana.user_id])

    assert values(bruno, "conversations") == [1, 0, 0]
    assert values(bruno, "response_time") == [None, 120.0, None]
    assert values(bruno, "conversations_closed") == values(bruno, "conversations_reopened") == [0, 0, 0]
    assert asked(bruno, "conversations", 400, inbox=site.pk)["errors"][0]["code"] == "does_not_exist"
    assert (values(ana, "satisfaction"), values(bruno, "satisfaction")) == ([None, None, 4.0], [None, None, None])
    assert values(eva, "messages") == [0, 0, 0]


@database
@pytest.mark.parametrize(
    ("query", "attr", "code"),
    [
        ({"metric": ""}, "metric", "required"),
        ({"metric": "luck"}, "metric", "bad_filter"),
        ({"interval": "year"}, "interval", "bad_filter"),
        ({"from": "2026-03-11T12:00:00Z"}, "from", "bad_filter"),
        ({"from": "yesterday"}, "from", "bad_datetime"),
        ({"interval": "hour", "from": "2025-03-09T12:00:00Z"}, "interval", "bad_filter"),
        ({"inbox": "0"}, "inbox", "does_not_exist"),
        ({"agent": "99999999"}, "agent", "does_not_exist"),
        ({"team": "x"}, "team", "bad_filter"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(carla: Person, query: dict[str, str], attr: str, code: str) -> None:
    (error,) = asked(carla, "messages", 400, **query)["errors"]

    assert (error["attr"], error["code"]) == (attr, code)


@database
@pytest.mark.parametrize(("interval", "most"), [("hour", 49), ("day", 61), ("week", 27), ("month", 25)])
def test_without_a_span_it_looks_back_twice_as_far_as_charts_do(carla: Person, interval: str, most: int) -> None:
    found = carla.client().get("/api/v1/dashboard/series", {"metric": "messages", "interval": interval}).json()

    assert most - 2 <= len(found["points"]) <= most
