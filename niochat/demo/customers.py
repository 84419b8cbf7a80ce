"""What customers do in a history; each method stands for the action of the same name and keeps to its order."""

from __future__ import annotations

from datetime import datetime

from accounts import clock
from accounts.actor import Actor, Origin
from audit.models import Verb
from conversations.actions.inbound import REOPENED
from conversations.actions.steps import changed
from conversations.models import (
    Channel,
    Contact,
    ContactIdentity,
    Conversation,
    Delivery,
    Inbox,
    Sender,
    Status,
)
from niochat.demo.rows import Profile, Rows


class Customers(Rows):
    """The other side of the counter."""

    def receive(
        self, inbox: Inbox, profile: Profile, content: str, *, external_id: str = "", owner_present: bool = False
    ) -> Conversation:
        """The customer writes: into their open conversation, else into the last one reopened, else into a new one."""
        origin = Origin.WIDGET if inbox.channel == Channel.WEBCHAT else Origin.WEBHOOK
        actor, moment = Actor.system(self.tenant.pk, origin), clock.now()
        contact = self._known_contact(actor, inbox, profile, moment)
        conversation = self._open_conversation(actor, inbox, contact, moment, owner_present=owner_present)
        sender = Actor.contact(self.tenant.pk, contact.pk, name=contact.label, origin=origin)
        message = self.message(
            conversation,
            sender_type=Sender.CONTACT,
            sender_contact=contact,
            sender_key=sender.key,
            content=content,
            status=Delivery.DELIVERED,
            provider_id=external_id,
        )
        conversation.heard_from_contact(moment)
        conversation.show_last(message)
        self.ledger.note_in(conversation, sender, Verb.MESSAGE_RECEIVED, message, message_id=message.pk)
        return conversation

    def _known_contact(self, actor: Actor, inbox: Inbox, profile: Profile, moment: datetime) -> Contact:
        contact = self.contacts.get((inbox.pk, profile.identifier))
        if contact is None:
            contact = self._new_contact(inbox, profile, moment)
            self.ledger.note(actor, Verb.CONTACT_CREATED, contact, contact_id=contact.pk, contact_name=contact.label)
        contact.last_seen_at = moment
        return contact

    def _new_contact(self, inbox: Inbox, profile: Profile, moment: datetime) -> Contact:
        contact = Contact(
            pk=next(self.numbers[Contact]),
            tenant=self.tenant,
            name=profile.name,
            phone=profile.phone,
            email=profile.email,
            metadata={"identifier": profile.identifier} if inbox.channel == Channel.API else {},
            created_at=moment,
        )
        # Stored in bulk, which asks no `save`.
        contact.phone_key = contact.canonical_phone()
        self.contacts[inbox.pk, profile.identifier] = contact
        self.identities.append(
            ContactIdentity(
                tenant=self.tenant, inbox=inbox, contact=contact, identifier=profile.identifier, created_at=moment
            )
        )
        return contact

    def _open_conversation(
        self, actor: Actor, inbox: Inbox, contact: Contact, moment: datetime, *, owner_present: bool
    ) -> Conversation:
        last = next(reversed(self.conversations[inbox.pk, contact.pk]), None)
        if last is None or not (last.is_open or inbox.reopen):
            return self._begin(actor, inbox, contact, moment)
        if not last.is_open:
            self._reopen_for_contact(actor, last, moment, owner_present=owner_present)
        return last

    def _begin(self, actor: Actor, inbox: Inbox, contact: Contact, moment: datetime) -> Conversation:
        conversation = Conversation(
            pk=next(self.numbers[Conversation]),
            tenant=self.tenant,
            inbox=inbox,
            contact=contact,
            assignee_id=actor.user_id,
            status=Status.ASSIGNED if actor.user_id else Status.WAITING,
            created_at=moment,
            last_activity_at=moment,
        )
        self.conversations[inbox.pk, contact.pk].append(conversation)
        self.opened(conversation, moment)
        self.ledger.note_in(conversation, actor, Verb.CONVERSATION_CREATED, inbox_id=inbox.pk)
        return conversation

    def _reopen_for_contact(
        self, actor: Actor, conversation: Conversation, moment: datetime, *, owner_present: bool
    ) -> None:
        owner = conversation.assignee_id
        if owner and not conversation.inbox.keep_owner and not owner_present:
            conversation.assignee_id = None
        self.reopened(conversation, moment)
        self.line(conversation, "reopened_by_contact", REOPENED)
        changes = changed({"assignee_id": owner}, {"assignee_id": conversation.assignee_id})
        self.ledger.note_in(conversation, actor, Verb.CONVERSATION_REOPENED, cause="customer", **changes)

    def answer_survey(self, conversation: Conversation, rating: int, feedback: str = "") -> None:
        """The customer rates, or changes their rating."""
        survey, moment = self.surveys[conversation.pk][-1], clock.now()
        before = {"rating": survey.rating, "feedback": survey.feedback}
        survey.rating, survey.feedback, survey.answered_at = rating, feedback, survey.answered_at or moment
        conversation.csat_rating, conversation.csat_feedback = rating, feedback
        changes = changed(before, {"rating": rating, "feedback": feedback})
        actor = Actor.contact(self.tenant.pk, conversation.contact_id, name=conversation.contact.label)
        self.ledger.note_in(conversation, actor, Verb.SURVEY_ANSWERED, survey, **changes)
