"""The live numbers counted a second time, from the book and the messages alone, by the plainest reading of their
definitions: none of the columns and tables that the product keeps for counting is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean
from typing import Any
from zoneinfo import ZoneInfo

from audit.models import AuditRecord, Verb
from conversations.models import Message


@dataclass
class Talk:
    """A conversation as the book tells it."""

    owner: int | None
    opened: list[datetime]
    closed: list[datetime] = field(default_factory=list)
    snoozed: bool = False
    waits_since: datetime | None = None
    replied: bool = False

    @property
    def is_open(self) -> bool:
        return len(self.opened) > len(self.closed)

    def open_after(self, moment: datetime) -> bool:
        """Whether it was open at any time from `moment` on."""
        return self.is_open or any(closed >= moment for closed in self.closed)


@dataclass
class Question:
    """A survey as the book tells it."""

    sent: datetime
    answered: datetime | None = None
    rating: int = 0


class Reader:
    """Reads the book from its beginning."""

    def __init__(self, tenant_id: int) -> None:
        self.talks: dict[int, Talk] = {}
        self.questions: dict[int, Question] = {}
        # When somebody was answered, after how many seconds, and whether for the first time.
        self.replies: list[tuple[datetime, float, bool]] = []
        self.messages = Message.objects.filter(tenant_id=tenant_id).in_bulk()
        for record in AuditRecord.objects.filter(tenant_id=tenant_id).order_by("number"):
            getattr(self, f"on_{record.verb}", self.nothing)(record)

    def nothing(self, record: AuditRecord) -> None:
        """What moves no number."""

    def talk(self, record: AuditRecord) -> Talk:
        return self.talks[record.conversation_id or 0]

    def message(self, record: AuditRecord) -> Message:
        return self.messages[record.details["message_id"]]

    def on_conversation_created(self, record: AuditRecord) -> None:
        self.talks[record.conversation_id or 0] = Talk(owner=record.user_id, opened=[record.at])

    def on_conversation_assigned(self, record: AuditRecord) -> None:
        talk = self.talk(record)
        talk.owner = record.details["after"].get("assignee_id", talk.owner)

    on_conversation_transferred = on_conversation_assigned

    def on_conversation_snoozed(self, record: AuditRecord) -> None:
        self.talk(record).snoozed = True

    def on_conversation_woken(self, record: AuditRecord) -> None:
        self.talk(record).snoozed = False

    def on_conversation_closed(self, record: AuditRecord) -> None:
        talk = self.talk(record)
        talk.closed.append(record.at)
        talk.snoozed, talk.waits_since = False, None

    def on_conversation_reopened(self, record: AuditRecord) -> None:
        talk = self.talk(record)
        talk.opened.append(record.at)
        talk.owner = record.details.get("after", {}).get("assignee_id", talk.owner)

    def on_message_received(self, record: AuditRecord) -> None:
        talk = self.talk(record)
        talk.waits_since = talk.waits_since or self.message(record).created_at
        talk.snoozed = False

    def on_message_sent(self, record: AuditRecord) -> None:
        talk, moment = self.talk(record), self.message(record).created_at
        assert not self.message(record).private
        if record.user_id is None:
            return
        if talk.waits_since is not None:
            self.replies.append((moment, (moment - talk.waits_since).total_seconds(), not talk.replied))
        talk.owner = talk.owner or record.user_id
        talk.waits_since, talk.replied = None, True

    def on_survey_sent(self, record: AuditRecord) -> None:
        self.questions[record.target_id or 0] = Question(sent=record.at)

    def on_survey_answered(self, record: AuditRecord) -> None:
        question = self.questions[record.target_id or 0]
        question.answered = question.answered or record.at
        question.rating = record.details["after"].get("rating", question.rating)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def average(values: Iterable[float]) -> float | None:
    found = list(values)
    return mean(found) if found else None


def recount(tenant_id: int, zone: ZoneInfo, moment: datetime) -> dict[str, Any]:
    """All numbers but `agents_online`, which has no history."""
    book = Reader(tenant_id)
    today = moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    since = today - timedelta(days=29)
    talks = list(book.talks.values())
    still_open = [talk for talk in talks if talk.is_open]
    concerned = [talk for talk in talks if talk.open_after(since)]
    replies = [reply for reply in book.replies if reply[0] >= since]
    ratings = [asked.rating for asked in book.questions.values() if asked.answered and asked.answered >= since]
    asked = [question for question in book.questions.values() if question.sent >= since]
    return {
        "total_conversations": len(talks),
        "open_conversations": len(still_open),
        "closed_conversations": len(talks) - len(still_open),
        "waiting_conversations": sum(talk.owner is None and not talk.snoozed for talk in still_open),
        "snoozed_conversations": sum(talk.snoozed for talk in still_open),
        "unassigned_conversations": sum(talk.owner is None for talk in still_open),
        "average_satisfaction": average(ratings),
        "csat_score": share(sum(rating >= 4 for rating in ratings), len(ratings)),
        "csat_response_rate": share(sum(question.answered is not None for question in asked), len(asked)),
        "resolution_rate": share(sum(not talk.is_open for talk in concerned), len(concerned)),
        "response_time": average(seconds for _at, seconds, _first in replies),
        "first_response_time": average(seconds for _at, seconds, first in replies if first),
    }


# What moves the numbers; a verb that is new must be read above or be of no account.
MOVING = {name.removeprefix("on_") for name in vars(Reader) if name.startswith("on_")}
assert set(Verb.values) >= MOVING
