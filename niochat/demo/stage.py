"""When things happen: working hours, how long people take, and the stage clock that lets plots run side by side."""

from __future__ import annotations

import heapq
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from itertools import count
from math import log
from random import Random
from zoneinfo import ZoneInfo

from accounts import clock

# A plot yields the moment at which its next scene plays, and is resumed then.
Plot = Generator[datetime, None, None]
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Opening and closing hour by weekday (0 is Monday), on the tenant's own clocks. Days not named are off."""

    zone: ZoneInfo
    week: Mapping[int, tuple[int, int]]

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """When work begins and ends on a day."""
        hours = self.week.get(day.weekday())
        return (self.at(day, hours[0]), self.at(day, hours[1])) if hours else None

    def at(self, day: date, hour: int) -> datetime:
        return datetime.combine(day, clock_time(hour), self.zone)

    def working_from(self, moment: datetime) -> datetime:
        """`moment` itself within working hours, else the next opening."""
        day = moment.astimezone(self.zone).date()
        while True:
            hours = self.on(day)
            if hours and moment < hours[1]:
                return max(moment, hours[0])
            day += timedelta(days=1)

    def worked(self, moment: datetime, takes: timedelta) -> datetime:
        """When somebody is done who begins as soon as work allows; what the evening cuts off is for tomorrow."""
        done = self.working_from(moment) + takes
        opening = self.working_from(done)
        return done if opening == done else opening + takes / 4

    def next_morning(self, moment: datetime) -> datetime:
        """The opening of the next day on which there is any work."""
        midnight = self.at(moment.astimezone(self.zone).date() + timedelta(days=1), 0)
        return self.working_from(midnight)


def about(chance: Random, seconds: float, spread: float = 0.8) -> timedelta:
    """How long people take: log-normal around a median of so many seconds, as waiting times are."""
    return timedelta(seconds=chance.lognormvariate(log(seconds), spread)) + SECOND


def play(plots: list[Plot], until: datetime) -> None:
    """Let all plots happen, scene by scene in the order of their times; what lies beyond `until` has not happened."""
    order = count()
    agenda: list[tuple[datetime, int, Plot]] = []

    def resume(plot: Plot) -> None:
        due = next(plot, None)
        if due is not None and due <= until:
            heapq.heappush(agenda, (due, next(order), plot))

    for plot in plots:
        resume(plot)
    while agenda:
        moment, _number, plot = heapq.heappop(agenda)
        with clock.at(moment):
            resume(plot)
