"""How a visit goes: a customer asks, somebody answers, it is closed, perhaps rated, perhaps it was not over yet.

A plot is a generator: it yields when its next scene plays, and between two yields everything happens at one moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts import clock
from accounts.actor import Actor
from conversations.models import Channel, Conversation, Inbox, Sender, Team
from niochat.demo.chronicle import Chronicle
from niochat.demo.rows import Colleague, Profile
from niochat.demo.stage import Plot, WorkingHours, about
from niochat.demo.words import Lines, Topic, Words

SETTLED_AFTER = timedelta(seconds=30)
RATINGS = {5: 56, 4: 24, 3: 9, 2: 5, 1: 6}
AFTER_A_LONG_WAIT = {5: 22, 4: 26, 3: 22, 2: 14, 1: 16}
LONG_WAIT = timedelta(minutes=45)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Everybody and everything that plots are made of."""

    chronicle: Chronicle
    hours: WorkingHours
    words: Words
    agents: Sequence[Colleague]
    supervisor: Colleague
    teams: dict[str, Team]


class Visit:
    """One customer's conversation, from the first word to the last close."""

    def __init__(self, company: Company, inbox: Inbox, profile: Profile, chance: Random) -> None:
        self.company, self.inbox, self.profile, self.chance = company, inbox, profile, chance
        self.chronicle, self.hours, self.words = company.chronicle, company.hours, company.words
        topics = self.words.topics
        self.topic: Topic = chance.choices(topics, [topic.weight for topic in topics])[0]
        self.agent = self.somebody()
        self.fills = {
            "first": profile.name.split()[0],
            "order": f"#{self.chance.randint(10_200, 48_900)}",
            "item": self.chance.choice(self.words.items),
            "days": str(self.chance.randint(2, 7)),
        }

    def plot(self, arrival: datetime) -> Plot:
        """The whole visit."""
        yield arrival
        talk = self.ask(self.topic.turns[0][0])
        if self.likely(14):
            yield clock.now() + about(self.chance, 70)
            self.say(talk, self.chance.choice(self.words.nudges))
        if self.likely(2.5):
            yield from self.unwanted(talk)
            return
        yield from self.answered(talk)
        yield from self.ended(talk)
        if self.likely(7):
            yield from self.again(talk)

    def likely(self, percent: float) -> bool:
        return self.chance.random() * 100 < percent

    def somebody(self) -> Colleague:
        """Who is free: agents mostly, the first of them most."""
        agents = self.company.agents
        weights = [5.0 - min(3, place) for place in range(len(agents))]
        return self.chance.choices([*agents, self.company.supervisor], [*weights, 0.6])[0]

    # --- the beginning

    def ask(self, wordings: Lines) -> Conversation:
        """The customer's first words; what the inbox's program calls the message, it calls only once."""
        external_id = f"m-{self.chance.getrandbits(48):012x}" if self.inbox.channel == Channel.API else ""
        content = self.worded(wordings)
        return self.chronicle.receive(self.inbox, self.profile, content, external_id=external_id)

    def worded(self, wordings: Lines) -> str:
        text = self.chance.choice(wordings).format(**self.fills, agent=self.agent.user.first_name)
        return text[0].upper() + text[1:]

    def unwanted(self, talk: Conversation) -> Plot:
        """Nobody answers; a supervisor closes it."""
        yield self.hours.worked(clock.now(), about(self.chance, 2400))
        if talk.is_open and talk.assignee_id is None:
            self.chronicle.read(self.company.supervisor.actor, talk)
            self.chronicle.close(self.company.supervisor, talk)

    def taken(self, talk: Conversation) -> None:
        """It becomes somebody's: by taking it, by being given it, or simply by answering."""
        if talk.assignee_id is None and self.likely(85):
            by = self.agent if self.likely(82) else self.company.supervisor
            self.chronicle.assign(by, talk, self.agent)

    def filed(self, talk: Conversation) -> None:
        """Somebody says what it is about."""
        if self.likely(88):
            urgent = self.topic.urgent and self.likely(60)
            priority = "high" if urgent else "urgent" if self.likely(1.5) else "normal"
            self.chronicle.label(self.agent, talk, [self.topic.label], priority)

    # --- question and answer

    def answered(self, talk: Conversation) -> Plot:
        """Turn by turn, until the customer's questions are through."""
        for number, (questions, answers) in enumerate(self.topic.turns):
            if number:
                yield clock.now() + about(self.chance, 150)
                self.say(talk, self.worded(questions))
            yield self.hours.worked(clock.now(), about(self.chance, 110 if number else 260, 0.95))
            if not talk.is_open:
                return
            if not number:
                self.taken(talk)
                self.filed(talk)
            yield from self.passed_on(talk, number)
            if talk.is_open:
                self.answer(talk, self.worded(answers))

    def say(self, talk: Conversation, content: str) -> None:
        """The customer, who has read what there was."""
        self.chronicle.read(self.customer(talk), talk)
        self.chronicle.receive(self.inbox, self.profile, content, owner_present=self.likely(70))

    def customer(self, talk: Conversation) -> Actor:
        return Actor.contact(talk.tenant_id, talk.contact_id, name=talk.contact.label)

    def answer(self, talk: Conversation, content: str) -> None:
        """The agent reads, sometimes notes something for the colleagues, and answers."""
        said = self.chronicle.messages[talk.pk]
        question = next(message for message in reversed(said) if message.sender_type == Sender.CONTACT)
        self.chronicle.read(self.agent.actor, talk)
        if self.likely(9):
            self.chronicle.reply(self.agent, talk, self.chance.choice(self.topic.notes), private=True)
        quoted = question if self.likely(6) else None
        self.chronicle.reply(self.agent, talk, content, reply_to=quoted)

    def passed_on(self, talk: Conversation, number: int) -> Plot:
        """Now and then it is another team's business."""
        if not number or not self.likely(11):
            return
        self.chronicle.transfer(self.agent, talk, team=self.company.teams[self.topic.team])
        yield self.hours.worked(clock.now(), about(self.chance, 200))
        self.agent = self.somebody()
        if talk.is_open:
            self.chronicle.assign(self.agent, talk, self.agent)

    # --- the end

    def ended(self, talk: Conversation) -> Plot:
        """Thanks, perhaps a night in between, and the close."""
        if talk.is_open and self.likely(6):
            yield from self.put_off(talk)
        if talk.is_open and self.likely(78):
            yield clock.now() + about(self.chance, 140)
            self.say(talk, self.chance.choice(self.words.thanks))
            yield self.hours.worked(clock.now(), about(self.chance, 80))
            if talk.is_open:
                self.answer(talk, self.worded(self.words.farewells))
                self.small_things(talk)
        yield self.hours.worked(clock.now(), about(self.chance, 420))
        if talk.is_open:
            self.chronicle.close(self.agent, talk)
            yield from self.rated(talk)

    def small_things(self, talk: Conversation) -> None:
        """Reactions, and the message that should not have been sent."""
        said = self.chronicle.messages[talk.pk]
        if self.likely(12):
            self.chronicle.react(self.customer(talk), said[-1], self.chance.choice(["👍", "❤️", "🙏"]))
        if self.likely(5):
            thanks = [message for message in said if message.sender_type == Sender.CONTACT][-1]
            self.chronicle.react(self.agent.actor, thanks, "❤️")
        if self.likely(1.5):
            self.chronicle.delete(self.agent, said[-1])

    def put_off(self, talk: Conversation) -> Plot:
        """Until the next working morning."""
        self.answer(talk, self.worded(self.words.put_off))
        until = self.hours.next_morning(clock.now())
        self.chronicle.snooze(self.agent, talk, until)
        yield until
        self.chronicle.wake(talk)
        yield self.hours.worked(clock.now(), about(self.chance, 900))
        if talk.is_open:
            self.answer(talk, self.worded(self.words.picked_up))

    def rated(self, talk: Conversation) -> Plot:
        """Asked at once in the widget, elsewhere when the close has settled; about half answer, some think again."""
        by_message = self.inbox.channel != Channel.WEBCHAT
        if by_message:
            closed_at = talk.closed_at
            yield clock.now() + SETTLED_AFTER
            if talk.closed_at != closed_at:
                return
            self.chronicle.ask_by_message(talk)
        if not self.likely(24 if by_message else 47):
            return
        yield clock.now() + about(self.chance, 240, 1.2)
        if not talk.is_open:
            self.chronicle.read(self.customer(talk), talk)
            self.rate(talk)
        if self.likely(3):
            yield clock.now() + about(self.chance, 50_000)
            self.rate(talk)

    def rate(self, talk: Conversation) -> None:
        """Who waited long is harder to please."""
        waited = talk.first_replied_at is None or talk.first_replied_at - talk.created_at > LONG_WAIT
        mood = AFTER_A_LONG_WAIT if waited else RATINGS
        rating = self.chance.choices(list(mood), list(mood.values()))[0]
        words = self.chance.choice(self.words.feedback[rating]) if self.likely(42) else ""
        if (rating, words) != (talk.csat_rating, talk.csat_feedback):
            self.chronicle.answer_survey(talk, rating, words)

    def again(self, talk: Conversation) -> Plot:
        """Days later the customer writes once more, or the team has something to add."""
        if self.likely(15):
            yield self.hours.worked(clock.now(), about(self.chance, 1200))
            if talk.is_open:
                return
            self.chronicle.reopen(self.agent, talk)
        else:
            yield clock.now() + about(self.chance, 110_000, 0.5)
            talk = self.ask(self.words.back_again)
            self.agent = self.somebody()
            yield self.hours.worked(clock.now(), about(self.chance, 300))
        if not talk.is_open:
            return
        self.answer(talk, self.worded(self.words.sorted_out))
        yield self.hours.worked(clock.now(), about(self.chance, 500))
        if talk.is_open:
            self.chronicle.close(self.agent, talk)
            yield from self.rated(talk)
