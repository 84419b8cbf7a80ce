"""Stretches of time on a tenant's own clocks: half-open, without gap or overlap, whatever daylight saving does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import Func, IntegerField
from django.utils.translation import gettext_noop as _

from accounts.errors import Refused

Interval = Literal["hour", "day", "week", "month"]
INTERVALS: tuple[Interval, ...] = ("hour", "day", "week", "month")
# 31 days of hours, a little over two years of days.
MOST_BUCKETS = 750
# Every zone's clocks differ from UTC by whole quarters of an hour, so each bucket begins with one.
QUARTER_S = 900
HOUR = timedelta(hours=1)

FIRST_DAY: dict[Interval, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}
DAYS_ON: dict[Interval, int] = {"day": 1, "week": 7, "month": 31}


def boundaries(interval: Interval, since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """Where the buckets that cover `since` to `until` begin, and where the last one ends: in UTC, rising.

    Raises Refused (bad_filter) for no time at all and for too many buckets.
    """
    if since >= until:
        raise Refused(_("`from` must lie before `to`."), code="bad_filter", attr="from")
    found: list[datetime] = []
    for start in starts(interval, since, zone):
        found.append(start)
        if start >= until:
            return found
        if len(found) > MOST_BUCKETS:
            break
    words = _("At most %(most)s points at once: ask for less time.")
    raise Refused(words, {"most": MOST_BUCKETS}, code="bad_filter", attr="interval")


def starts(interval: Interval, since: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Where buckets begin, from the one that `since` is in, without end."""
    local = since.astimezone(zone)
    if interval == "hour":
        # An hour is an hour, the one that the clocks show twice as well.
        start = since - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        while True:
            yield start.astimezone(UTC)
            start += HOUR
    day = FIRST_DAY[interval](local.date())
    while True:
        yield datetime.combine(day, clock_time.min, zone).astimezone(UTC)
        day = FIRST_DAY[interval](day + timedelta(days=DAYS_ON[interval]))


class Quarter(Func):
    """The number of the quarter of an hour that a moment lies in, counted from 1970: what the database groups by."""

    arity = 1
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = f"FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / {QUARTER_S})::bigint"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # Without its fraction: SQLite rounds that to milliseconds, and the last of a day's would be in the next.
        template = f"CAST(STRFTIME('%%%%s', SUBSTR(%(expressions)s, 1, 19)) AS INTEGER) / {QUARTER_S}"
        return super().as_sql(compiler, connection, template=template, **context)


def quarter(moment: datetime) -> int:
    return int(moment.timestamp()) // QUARTER_S
