"""Weeks of work: who comes when, all visits played side by side, the outcome stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction

from conversations.models import Channel, Conversation, Inbox
from niochat.demo import cast
from niochat.demo.chronicle import Chronicle
from niochat.demo.plots import Company, Visit
from niochat.demo.rows import Profile
from niochat.demo.stage import Plot, WorkingHours, play
from niochat.demo.today import Scene
from realtime.models import Presence

# How visits spread over the hours of a day, from midnight on: mornings and early evenings are busy.
BY_HOUR = [0.2, 0, 0, 0, 0, 0, 0.2, 1, 10, 18, 20, 18, 12, 13, 17, 18, 16, 14, 12, 9, 6, 1, 0.5, 0.4]
BY_MESSAGE = 0.22
KNOWN_ALREADY = 0.3
WITH_PHONE, WITH_ADDRESS = 0.6, 0.5


@transaction.atomic(durable=True)
def write(company: cast.Company, plan: cast.Plan, now: datetime, weeks: int) -> int:
    """Let the weeks up to `now` happen; says how many conversations came of them.

    The same on every run of the same day: each visit has a chance of its own, seeded by its place in the plan.
    """
    chronicle = Chronicle(company.tenant)
    hours = WorkingHours(ZoneInfo(plan.timezone), plan.hours)
    overseer = next((person for person in company.people if person.actor.oversees), company.people[0])
    cast_of_plots = Company(
        chronicle=chronicle,
        hours=hours,
        words=plan.words,
        agents=[person for person in company.people if not person.actor.oversees],
        supervisor=overseer,
        teams=company.teams,
    )
    chance = Random(f"{plan.slug} {weeks}")  # noqa: S311 - a story, not a secret
    crowd = Crowd(plan, company.inboxes, chance)
    days = [now.astimezone(hours.zone).date() - timedelta(days=ago) for ago in range(weeks * 7, -1, -1)]
    play([*visits(cast_of_plots, crowd, days), *scenes(cast_of_plots, crowd, now)], until=now)
    chronicle.store()
    seen(company, chronicle)
    return sum(len(held) for held in chronicle.conversations.values())


class Crowd:
    """Who comes: new customers mostly, and some whom the inbox knows."""

    def __init__(self, plan: cast.Plan, inboxes: Sequence[Inbox], chance: Random) -> None:
        self.plan, self.chance = plan, chance
        self.chat = next(inbox for inbox in inboxes if inbox.channel == Channel.WEBCHAT)
        self.by_message = [inbox for inbox in inboxes if inbox.channel != Channel.WEBCHAT]
        self.regulars: list[tuple[date, Profile]] = []

    def next(self, day: date) -> tuple[Inbox, Profile]:
        """Somebody who comes on that day, and how. A regular's last visit lies some days back."""
        if not self.by_message or self.chance.random() > BY_MESSAGE:
            return self.chat, self.stranger()
        rested = [known for known in self.regulars if known[0] < day - timedelta(days=6)]
        if rested and self.chance.random() < KNOWN_ALREADY:
            known = self.chance.choice(rested)
            self.regulars.remove(known)
            profile = known[1]
        else:
            profile = self.stranger()._replace(identifier=f"cliente-{1000 + self.chance.getrandbits(32)}")
        self.regulars.append((day, profile))
        return self.by_message[0], profile

    def stranger(self) -> Profile:
        """Somebody new; in the chat not everybody leaves a number or an address."""
        words, number = self.plan.words, self.chance.randint(0, 9999)
        first, last = self.chance.choice(words.first_names.split()), self.chance.choice(words.last_names.split())
        phone = words.phone.format(number=number) if self.chance.random() < WITH_PHONE else ""
        email = f"cliente{number}@correio.example" if self.chance.random() < WITH_ADDRESS else ""
        return Profile(f"v:{self.chance.getrandbits(128):032x}", f"{first} {last}", phone, email)


def visits(company: Company, crowd: Crowd, days: Sequence[date]) -> Iterator[Plot]:
    """Everybody who comes on these days; from week to week a few more."""
    for number, day in enumerate(days):
        expected = crowd.plan.week.get(day.weekday(), 0) * (0.85 + 0.3 * number / len(days))
        for _visitor in range(max(0, round(crowd.chance.gauss(expected, expected**0.5 / 2)))):
            (hour,) = crowd.chance.choices(range(24), BY_HOUR)
            arrival = company.hours.at(day, hour) + timedelta(seconds=crowd.chance.uniform(0, 3600))
            visit = Visit(company, *crowd.next(day), Random(crowd.chance.getrandbits(64)))  # noqa: S311 - the same
            yield visit.plot(arrival)


def scenes(company: Company, crowd: Crowd, now: datetime) -> Iterator[Plot]:
    """What is going on right now."""
    for lines in company.words.today:
        visit = Visit(company, crowd.chat, crowd.stranger(), Random(0))  # noqa: S311 - the same
        yield Scene(visit, lines).plot(now)


def seen(company: cast.Company, chronicle: Chronicle) -> None:
    """When each of the team was there last."""
    for person in company.people:
        times = [mark.read_at for (_talk, key), mark in chronicle.marks.items() if key == person.actor.key]
        Presence.objects.get_or_create(
            tenant_id=company.tenant.pk,
            user_id=person.user.pk,
            defaults={"last_seen_at": max(times, default=None)},
        )


def is_there(company: cast.Company) -> bool:
    """Whether anything has happened in the company yet."""
    return Conversation.objects.filter(tenant=company.tenant).exists()
