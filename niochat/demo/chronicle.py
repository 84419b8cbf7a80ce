"""What the actions do to rows, done in memory, at the time that the clock shows; stored in bulk at the end.

Each method stands for the action of the same name and keeps to its order. Nothing is locked, queued or published: a
history has no readers yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from accounts import clock
from accounts.actor import Actor
from audit.models import Verb
from conversations.actions import conversations, owning, snoozing
from conversations.actions.steps import changed
from conversations.models import (
    Channel,
    Conversation,
    Delivery,
    Message,
    Reaction,
    ReadMark,
    ReplyTime,
    Sender,
    Status,
    Team,
)
from niochat.demo.customers import Customers
from niochat.demo.rows import Colleague


class Chronicle(Customers):
    """One tenant's history in the making: what the team does, and what either side may do."""

    def reply(
        self,
        by: Colleague,
        conversation: Conversation,
        content: str,
        *,
        private: bool = False,
        reply_to: Message | None = None,
    ) -> Message:
        """Somebody answers, or writes a note."""
        message = self.message(
            conversation,
            sender_type=Sender.AGENT,
            sender_user=by.user,
            sender_key=by.actor.key,
            content=content,
            status=Delivery.DELIVERED if private else Delivery.SENT,
            private=private,
            reply_to=reply_to,
        )
        conversation.show_last(message)
        if not private:
            self._answered(by, conversation, message)
        verb = Verb.NOTE_ADDED if private else Verb.MESSAGE_SENT
        self.ledger.note_in(
            conversation, by.actor, verb, message, message_id=message.pk, message_type=message.message_type
        )
        return message

    def _answered(self, by: Colleague, conversation: Conversation, message: Message) -> None:
        if conversation.waiting_since is not None:
            first = conversation.first_replied_at is None
            waited = message.created_at - conversation.waiting_since
            self.reply_times.append(
                ReplyTime(
                    tenant=self.tenant,
                    conversation=conversation,
                    user=by.user,
                    turn=ReplyTime.Turn.FIRST if first else ReplyTime.Turn.NEXT,
                    waited_from=conversation.waiting_since,
                    replied_at=message.created_at,
                    seconds=waited.total_seconds(),
                )
            )
        if conversation.assignee_id is None:
            conversation.give_to(by.actor.user_id)
        conversation.waiting_since = None
        conversation.first_replied_at = conversation.first_replied_at or message.created_at
        conversation.answered = True
        conversation.settle()

    def assign(self, by: Colleague, conversation: Conversation, to: Colleague | None) -> None:
        """Give it to a colleague, to oneself, or back to the queue."""
        self._hand_over(by, conversation, to, None, Verb.CONVERSATION_ASSIGNED)

    def transfer(
        self, by: Colleague, conversation: Conversation, to: Colleague | None = None, team: Team | None = None
    ) -> None:
        """Move it to a colleague or to a team's queue."""
        self._hand_over(by, conversation, to, team, Verb.CONVERSATION_TRANSFERRED)

    def _hand_over(
        self, by: Colleague, conversation: Conversation, to: Colleague | None, team: Team | None, verb: Verb
    ) -> None:
        user_id = to.user.pk if to else None
        before = {"assignee_id": conversation.assignee_id, "team_id": conversation.team_id}
        after = {"assignee_id": user_id, "team_id": team.pk if team else conversation.team_id}
        if before == after:
            return
        conversation.give_to(user_id)
        conversation.team_id = after["team_id"]
        name = to.user.name if to else team.name if team else ""
        activity, text = owning.hand_over_line(by.actor, user_id, verb, name)
        self.line(conversation, activity, text, by=by.user.name, to=name)
        self.ledger.note_in(conversation, by.actor, verb, **changed(before, after))

    def label(self, by: Colleague, conversation: Conversation, names: Sequence[str], priority: str = "normal") -> None:
        """Sort it: the whole set of labels, and the priority."""
        before = {"priority": str(conversation.priority), "labels": self.labels[conversation.pk]}
        after = {"priority": priority, "labels": sorted(names)}
        if before == after:
            return
        self.labels[conversation.pk], conversation.priority = sorted(names), priority
        self.ledger.note_in(conversation, by.actor, Verb.CONVERSATION_UPDATED, **changed(before, after))

    def snooze(self, by: Colleague, conversation: Conversation, until: datetime) -> None:
        conversation.status, conversation.snoozed_until = Status.SNOOZED, until
        shown = until.isoformat()
        self.line(conversation, "snoozed", snoozing.SNOOZED, by=by.user.name, until=shown)
        self.ledger.note_in(conversation, by.actor, Verb.CONVERSATION_SNOOZED, until=shown)

    def wake(self, conversation: Conversation) -> None:
        """End a snooze whose time has come."""
        due = conversation.snoozed_until is not None and conversation.snoozed_until <= clock.now()
        if conversation.status == Status.SNOOZED and due:
            conversation.wake()
            self.line(conversation, "woken", snoozing.WOKEN)
            self.ledger.note_in(conversation, Actor.system(self.tenant.pk), Verb.CONVERSATION_WOKEN)

    def close(self, by: Colleague, conversation: Conversation) -> None:
        """End it; a web chat's customer is asked for a rating at once."""
        moment, before = clock.now(), str(conversation.status)
        conversation.status, conversation.closed_at = Status.CLOSED, moment
        conversation.waiting_since = conversation.snoozed_until = None
        interval = self.intervals[conversation.pk][-1]
        interval.closed_at, interval.closed_by = moment, by.user
        self.line(conversation, "closed", conversations.CLOSED, by=by.user.name)
        states = changed({"status": before}, {"status": "closed"})
        self.ledger.note_in(conversation, by.actor, Verb.CONVERSATION_CLOSED, **states)
        if conversation.inbox.csat_enabled and conversation.inbox.channel == Channel.WEBCHAT:
            self.asked(by.actor, conversation)

    def ask_by_message(self, conversation: Conversation) -> None:
        """Where the customer has no widget: ask, once the close has settled."""
        survey = self.asked(Actor.system(self.tenant.pk), conversation)
        content, details = self.worded("How did we do? Your answer helps us."), {"survey": survey.pk}
        self.message(conversation, sender_type=Sender.BOT, content=content, status=Delivery.SENT, metadata=details)

    def reopen(self, by: Colleague, conversation: Conversation) -> None:
        self.reopened(conversation, clock.now())
        self.line(conversation, "reopened", conversations.REOPENED, by=by.user.name)
        self.ledger.note_in(conversation, by.actor, Verb.CONVERSATION_REOPENED, cause="team")

    def react(self, actor: Actor, message: Message, reaction: str) -> None:
        earlier = self.reactions.get((message.pk, actor.key))
        if message.deleted_at is not None or (earlier and earlier.reaction == reaction):
            return
        self.reactions[message.pk, actor.key] = Reaction(
            tenant=self.tenant,
            message=message,
            sender_key=actor.key,
            user_id=actor.user_id,
            contact_id=actor.contact_id,
            reaction=reaction,
            created_at=clock.now(),
        )
        details = {"message_id": message.pk, "reaction": reaction}
        self.ledger.note_in(message.conversation, actor, Verb.MESSAGE_REACTED, message, **details)

    def delete(self, by: Colleague, message: Message) -> None:
        """Turn a message into a tombstone."""
        conversation, length = message.conversation, len(message.content)
        message.content, message.metadata = "", {}
        message.deleted_at, message.deleted_by = clock.now(), by.user
        self.reactions = {key: row for key, row in self.reactions.items() if key[0] != message.pk}
        if conversation.last_message_id == message.pk:
            conversation.last_message = ""
        details = {"message_id": message.pk, "sender": message.sender_key, "length": length}
        self.ledger.note_in(conversation, by.actor, Verb.MESSAGE_DELETED, message, **details)

    def read(self, actor: Actor, conversation: Conversation) -> None:
        """Read everything that there is; the customer's mark turns the team's messages to `read`."""
        seen = [m for m in self.messages[conversation.pk] if actor.contact_id is None or m.is_public]
        newest, mark = seen[-1].pk, self.marks.get((conversation.pk, actor.key))
        if mark and mark.message_id >= newest:
            return
        self.marks[conversation.pk, actor.key] = ReadMark(
            tenant=self.tenant,
            conversation=conversation,
            sender_key=actor.key,
            user_id=actor.user_id,
            message_id=newest,
            read_at=clock.now(),
        )
        if actor.contact_id is None:
            conversation.read_up_to, conversation.unread_count = max(newest, conversation.read_up_to), 0
            return
        for message in seen:
            if message.sender_type != Sender.CONTACT:
                message.status = Delivery.READ
