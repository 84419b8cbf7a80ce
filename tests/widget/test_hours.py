"""Business hours, by the inbox's own calendar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conversations.hours import Opening, opening

WEEKDAYS = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
BELEM = {"timezone": "America/Belem", "week": WEEKDAYS, "dates": {"2026-12-25": [], "2026-12-24": [["09:00", "11:00"]]}}


def at(text: str) -> datetime:
    """A moment in Belém, three hours behind UTC all year."""
    return datetime.fromisoformat(f"{text}:00-03:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T08:59", "2026-11-23T09:00"),
        ("2026-11-23T09:00", None),
        ("2026-11-23T12:00", "2026-11-23T13:00"),
        ("2026-11-23T17:59", None),
        ("2026-11-23T18:00", "2026-11-24T09:00"),
        ("2026-11-20T18:30", "2026-11-23T09:00"),
        ("2026-12-24T11:30", "2026-12-28T09:00"),
    ],
)
def test_it_is_open_within_an_interval_and_says_when_it_opens_next(moment: str, opens: str | None) -> None:
    expected = Opening(open=True) if opens is None else Opening(open=False, opens_at=at(opens))

    assert opening(BELEM, at(moment), "UTC") == expected


def test_a_night_shift_goes_past_midnight() -> None:
    night = {"timezone": "America/Belem", "week": {"fri": [["22:00", "02:00"]]}}

    assert opening(night, at("2026-11-21T01:59"), "UTC").open
    assert not opening(night, at("2026-11-21T02:00"), "UTC").open


def test_round_the_clock_is_an_interval_that_ends_where_it_begins() -> None:
    always = {"week": {day: [["00:00", "00:00"]] for day in ("fri", "sat", "sun")}}

    assert opening(always, at("2026-11-21T23:59"), "America/Belem").open


def test_the_tenants_zone_counts_where_the_calendar_names_none() -> None:
    week = {"week": WEEKDAYS}
    moment = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)

    assert not opening(week, moment, "America/Belem").open
    assert opening(week, moment, "UTC").open


def test_summer_time_moves_the_hour_and_not_the_clock() -> None:
    lisbon = {"timezone": "Europe/Lisbon", "week": {"sun": [["09:00", "10:00"]]}}

    assert opening(lisbon, datetime(2026, 3, 29, 8, 30, tzinfo=UTC), "UTC").open
    assert opening(lisbon, datetime(2026, 3, 22, 9, 30, tzinfo=UTC), "UTC").open


@pytest.mark.parametrize("hours", [None, {}])
def test_without_hours_the_team_is_always_there(hours: dict[str, object] | None) -> None:
    assert opening(hours, at("2026-11-21T03:00"), "UTC") == Opening(open=True)


@pytest.mark.parametrize(
    "hours",
    [
        {"timezone": "Mars/Olympus", "week": WEEKDAYS},
        {"week": {"mon": [["nine", "ten"]]}},
        {"week": {"mon": "09:00-18:00"}},
        {"week": ["mon"]},
        {"dates": 7, "week": WEEKDAYS},
    ],
)
def test_a_calendar_that_cannot_be_read_sends_nobody_away(hours: dict[str, object]) -> None:
    assert opening(hours, at("2026-11-23T10:00"), "America/Belem").open


def test_closed_for_good_has_no_next_opening() -> None:
    assert opening({"week": {"xyz": []}}, at("2026-11-23T10:00"), "UTC") == Opening(open=False)
