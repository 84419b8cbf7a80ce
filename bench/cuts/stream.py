"""What happens meanwhile: customers write, the team answers, reads, reacts, assigns, closes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection

from accounts.actor import Actor, Origin, Role
from accounts.credentials import actor_for
from accounts.errors import Refused
from accounts.models import Membership, Tenant
from bench import world
from conversations import actions
from conversations.models import Channel, Delivery, Inbox, Message


@dataclass
class Company:
    """Where it happens: a web chat, somebody who answers, and a conversation for each client to write to."""

    tenant: Tenant
    inbox: Inbox
    boss: Actor

    @classmethod
    def founded(cls) -> Company:
        tenant = world.company()
        inbox = Inbox(tenant=tenant, name="Site", channel=Channel.WEBCHAT)
        inbox.new_secret()
        inbox.save()
        boss = world.agents(tenant, 1, Role.ADMIN)[0]
        return cls(tenant, inbox, actor_for(boss, origin=Origin.API))

    def customer_writes(self, name: str, content: str) -> Message:
        actor = Actor.system(self.tenant.pk, Origin.WIDGET)
        said = actions.Written(identifier=f"v:{name}", content=content, name=name)
        return actions.receive_message(actor, self.inbox.pk, said)[0]

    def agent(self) -> Membership:
        return world.agents(self.tenant, 1)[0]


class Stream:
    """Happenings in a thread of their own, at most so many a second, until `stop`."""

    def __init__(self, company: Company, random: Random, *, customers: int, rate: float) -> None:
        self.company, self.random, self.rate = company, random, rate
        self.names = [f"customer {number}" for number in range(customers)]
        self.count = 0
        self.ending = threading.Event()
        self.problem: Exception | None = None
        self.thread = threading.Thread(target=self.flow, daemon=True)
        self.deeds: list[tuple[Callable[[], object], int]] = [
            (self.write, 12),
            (self.reply, 5),
            (self.read, 3),
            (self.react, 2),
            (self.advance, 2),
            (self.assign, 1),
            (self.release, 1),
            (self.rank, 1),
            (self.close, 1),
            (self.delete, 1),
        ]

    def begin(self) -> None:
        """Everybody has written once; then it goes on by itself."""
        self.conversations = [self.company.customer_writes(name, "Oi!").conversation_id for name in self.names]
        self.thread.start()

    def stop(self) -> None:
        self.ending.set()
        self.thread.join(20)
        if self.problem:
            raise self.problem

    def flow(self) -> None:
        deeds, weights = zip(*self.deeds, strict=True)
        try:
            while not self.ending.wait(self.random.expovariate(self.rate)):
                # By chance it may not be done just now, or the database is locked.
                with suppress(Refused, ObjectDoesNotExist, OperationalError):
                    self.random.choices(deeds, weights)[0]()
                    self.count += 1
        except Exception as problem:
            self.problem = problem
            raise
        finally:
            connection.close()

    # --- deeds -------------------------------------------------------------------------------------------------------

    @property
    def somewhere(self) -> int:
        return self.random.choice(self.conversations)

    def last_message(self) -> Message:
        rows = Message.objects.filter(conversation_id=self.somewhere, deleted_at=None).exclude(sender_type="system")
        return rows.latest("pk")

    def write(self) -> None:
        padding = "x" * self.random.randrange(300)
        self.company.customer_writes(self.random.choice(self.names), f"message {self.count} {padding}")

    def reply(self) -> None:
        private = self.random.random() < 0.2
        actions.send_message(self.company.boss, self.somewhere, content=f"answer {self.count}", private=private)

    def read(self) -> None:
        actions.mark_read(self.company.boss, self.somewhere)

    def react(self) -> None:
        actions.react(self.company.boss, self.last_message().pk, self.random.choice(["👍", "🎉", ""]))

    def advance(self) -> None:
        status = self.random.choice([Delivery.SENT, Delivery.DELIVERED, Delivery.READ])
        actions.advance(self.company.boss, self.last_message().pk, status)

    def assign(self) -> None:
        actions.transfer(self.company.boss, self.somewhere, user_id=self.company.boss.user_id)

    def release(self) -> None:
        actions.transfer(self.company.boss, self.somewhere, user_id=None)

    def rank(self) -> None:
        priority = self.random.choice(["low", "normal", "high", "urgent"])
        actions.update_conversation(self.company.boss, self.somewhere, priority=priority)

    def close(self) -> None:
        actions.close_conversation(self.company.boss, self.somewhere)

    def delete(self) -> None:
        actions.delete_message(self.company.boss, self.last_message().pk)
