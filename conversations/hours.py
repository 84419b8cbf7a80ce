"""Business hours: when the team is there, by the inbox's own calendar.

An inbox's `settings["hours"]` is
`{"timezone": "America/Belem", "week": {"mon": [["09:00", "18:00"]], …}, "dates": {"2026-12-25": []}}`.
A day has any number of intervals; one that ends before it begins goes past midnight; a date replaces its weekday. Days
that are not named are closed. Without `hours` the team is always there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 60


class Opening(NamedTuple):
    """Whether it is open at a moment, and if not, when it opens next (None: not within two months)."""

    open: bool
    opens_at: datetime | None = None


def opening(hours: Mapping[str, Any] | None, moment: datetime, default_zone: str) -> Opening:
    """How things stand at `moment`. A calendar that can't be read counts as none: a typing error sends nobody away."""
    if not hours:
        return Opening(open=True)
    try:
        return _opening(hours, moment, ZoneInfo(hours.get("timezone") or default_zone))
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, KeyError):
        return Opening(open=True)


def _opening(hours: Mapping[str, Any], moment: datetime, zone: ZoneInfo) -> Opening:
    today = moment.astimezone(zone).date()
    for start, end in intervals(hours, today - timedelta(days=1), LOOK_AHEAD_DAYS, zone):
        if start <= moment < end:
            return Opening(open=True)
        if start > moment:
            return Opening(open=False, opens_at=start)
    return Opening(open=False)


def intervals(hours: Mapping[str, Any], first: date, days: int, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The open stretches of so many days from `first`, in order."""
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        for begins, ends in sorted(on_day(hours, day)):
            start = datetime.combine(day, time.fromisoformat(begins), zone)
            last_day = day if ends > begins else day + timedelta(days=1)
            yield start, datetime.combine(last_day, time.fromisoformat(ends), zone)


def on_day(hours: Mapping[str, Any], day: date) -> list[list[str]]:
    """The intervals of a date: its own where it has any entry, else its weekday's."""
    dates: Mapping[str, list[list[str]]] = hours.get("dates") or {}
    week: Mapping[str, list[list[str]]] = hours.get("week") or {}
    return dates[day.isoformat()] if day.isoformat() in dates else week.get(WEEKDAYS[day.weekday()], [])
