"""What is going on at the moment when the demo is loaded, whatever the hour: something waits for everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from accounts import clock
from conversations.models import Conversation
from niochat.demo.plots import Visit
from niochat.demo.rows import Colleague
from niochat.demo.stage import Plot


class Scene:
    """One conversation by the script, as `Words.today` has it."""

    def __init__(self, visit: Visit, lines: Sequence[tuple[float, str, str]]) -> None:
        self.visit, self.lines = visit, lines
        self.chronicle, company = visit.chronicle, visit.company
        self.supervisor = company.supervisor
        self.first, self.second = company.agents[0], company.agents[-1]
        self.acts: dict[str, Callable[[Conversation, str], None]] = {
            "agent": lambda talk, words: self.answer(self.first, talk, words),
            "second": lambda talk, words: self.answer(self.second, talk, words),
            "note": self.note,
            "taken": lambda talk, _words: self.chronicle.assign(self.first, talk, self.first),
            "given": lambda talk, _words: self.chronicle.assign(self.supervisor, talk, self.first),
            "label": lambda talk, words: self.chronicle.label(self.first, talk, [words]),
            "urgent": lambda talk, words: self.chronicle.label(self.supervisor, talk, [words], "urgent"),
            "snoozed": self.snooze,
            "closed": self.close,
            "rated 5": lambda talk, words: self.chronicle.answer_survey(talk, 5, words),
            "rated 4": lambda talk, words: self.chronicle.answer_survey(talk, 4, words),
            "rated 2": lambda talk, words: self.chronicle.answer_survey(talk, 2, words),
        }

    def plot(self, now: datetime) -> Plot:
        """Line by line, each so many minutes before `now`."""
        talk: Conversation | None = None
        for minutes, what, words in self.lines:
            yield now - timedelta(minutes=minutes)
            if what == "customer":
                talk = self.said(talk, words)
            elif talk is not None:
                self.acts[what](talk, words)

    def said(self, talk: Conversation | None, words: str) -> Conversation:
        if talk is not None:
            self.chronicle.read(self.visit.customer(talk), talk)
        return self.chronicle.receive(self.visit.inbox, self.visit.profile, words)

    def answer(self, by: Colleague, talk: Conversation, words: str) -> None:
        self.chronicle.read(by.actor, talk)
        self.chronicle.reply(by, talk, words)

    def note(self, talk: Conversation, words: str) -> None:
        self.chronicle.reply(self.first, talk, words, private=True)

    def snooze(self, talk: Conversation, _words: str) -> None:
        self.chronicle.read(self.first.actor, talk)
        self.chronicle.snooze(self.first, talk, self.visit.hours.next_morning(clock.now()))

    def close(self, talk: Conversation, _words: str) -> None:
        by = self.first if talk.assignee_id == self.first.user.pk else self.second
        self.chronicle.read(by.actor, talk)
        self.chronicle.close(by, talk)
