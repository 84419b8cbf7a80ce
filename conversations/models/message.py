"""Message, and what people do to it: react, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.compiled import Compiled
from accounts.models import TenantModel
from conversations.reasons import translated

if TYPE_CHECKING:
    from conversations.models.attachment import Attachment
    from conversations.models.conversation import Conversation
    from conversations.models.inbox import Inbox


class Sender(models.TextChoices):
    CONTACT = "contact", _("contact")
    AGENT = "agent", _("agent")
    BOT = "bot", _("bot")
    SYSTEM = "system", _("system")


class Kind(models.TextChoices):
    TEXT = "text", _("text")
    IMAGE = "image", _("image")
    AUDIO = "audio", _("audio")
    VIDEO = "video", _("video")
    DOCUMENT = "document", _("document")
    STICKER = "sticker", _("sticker")
    LOCATION = "location", _("location")
    CONTACTS = "contacts", _("contacts")
    TEMPLATE = "template", _("template")


class Delivery(models.TextChoices):
    """How far a message has come. It only ever rises; `failed` only if it was not delivered."""

    PENDING = "pending", _("pending")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    READ = "read", _("read")
    FAILED = "failed", _("failed")


# What the team writes, and how it stands until the customer has read it.
OURS = (Sender.AGENT, Sender.BOT)
UNREAD = (Delivery.PENDING, Delivery.SENT, Delivery.FAILED, Delivery.DELIVERED)
RANK = {Delivery.PENDING: 0, Delivery.SENT: 1, Delivery.FAILED: 2, Delivery.DELIVERED: 3, Delivery.READ: 4}


class Message(TenantModel):
    """One thing said. `sender_key` is `u12`, `c91` or `system`: with `client_message_id` it makes a repeat a no-op."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.PROTECT, related_name="messages", verbose_name=_("conversation")
    )
    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="+", verbose_name=_("inbox"))
    sender_type = models.CharField(_("sender"), max_length=8, choices=Sender.choices)
    sender_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    sender_contact = models.ForeignKey("conversations.Contact", models.PROTECT, null=True, blank=True, related_name="+")
    sender_key = models.CharField(max_length=24)
    content = models.TextField(_("content"), blank=True, default="")
    message_type = models.CharField(_("type"), max_length=10, choices=Kind.choices, default=Kind.TEXT)
    status = models.CharField(_("status"), max_length=10, choices=Delivery.choices, default=Delivery.PENDING)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    # The same as a `reasons.Reason`, to be told in any language.
    failure = models.JSONField(default=dict, blank=True, editable=False)
    private = models.BooleanField(_("private note"), default=False)
    client_message_id = models.CharField(_("client's id"), max_length=64, blank=True, default="")
    # The provider's id of the message (an inbound one's `external_id`): the same one twice is one message.
    provider_id = models.CharField(_("provider's id"), max_length=200, blank=True, default="")
    reply_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reply to")
    )
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    # Whose latest reaction was how new at the provider: by sender key, ISO 8601.
    reacted = models.JSONField(default=dict, editable=False)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("deleted by")
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "sender_key", "client_message_id"],
                condition=~Q(client_message_id=""),
                name="client_message_once",
            ),
            models.UniqueConstraint(
                fields=["inbox", "provider_id"], condition=~Q(provider_id=""), name="provider_message_once"
            ),
            models.CheckConstraint(condition=Q(status__in=Delivery.values), name="message_status_known"),
            models.CheckConstraint(condition=Q(message_type__in=Kind.values), name="message_type_known"),
            models.CheckConstraint(condition=Q(sender_type__in=Sender.values), name="message_sender_known"),
        ]
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_in_order"),
            models.Index(fields=["tenant", "created_at"], name="message_by_time"),
            models.Index(
                fields=["created_at"], condition=Q(status="pending", private=False), name="message_to_deliver"
            ),
            # The few that a customer has not read yet, each time that they read or receive something.
            models.Index(
                fields=["conversation", "id"],
                condition=Q(private=False, sender_type__in=[*OURS], status__in=[*UNREAD]),
                name="message_unread_by_contact",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def told_failure(self) -> str:
        """Why it failed, in the language that is spoken at this moment."""
        return translated(self.error, self.failure)

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        if actor.role is Role.CONTACT:
            public = Q(private=False) & ~Q(sender_type=Sender.SYSTEM)
            own = public & Q(conversation__contact_id=actor.contact_id)
            return own & Q(inbox_id=actor.inbox_id) if actor.inbox_id else own
        return ~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q()

    @classmethod
    def with_parts(cls, actor: Actor) -> models.QuerySet[Self]:
        """Visible messages with all that `message_data` reads: three queries, however many messages."""
        return (
            cls.visible_to(actor)
            .select_related("sender_user", "sender_contact", "reply_to__sender_user", "reply_to__sender_contact")
            .prefetch_related("attachments", "reactions")
        )

    @classmethod
    def shown_to(cls, actor: Actor) -> models.QuerySet[Self]:
        """The same with no more than `message_data` reads, which is a third of it: for pages, not to be changed."""
        return cls.with_parts(actor).only(*SHOWN)

    @classmethod
    def named_by_provider(cls, inbox: Inbox, provider_id: str) -> Message | None:
        """The message of an inbox that its provider calls so, with its conversation and contact."""
        return cls.called(cls._default_manager.select_related("conversation__contact").filter(inbox=inbox), provider_id)

    @classmethod
    def called(cls, rows: models.QuerySet[Self], provider_id: str) -> Self | None:
        """The one of these messages that its provider calls so, or of which it calls a part so."""
        if not provider_id:
            return None
        return rows.filter(provider_id=provider_id).first() or rows.filter(parts__provider_id=provider_id).first()

    @classmethod
    def repeated(cls, actor: Actor, conversation_id: int, client_message_id: str) -> Self | None:
        """The actor's message that their client named so, with all that is shown of it."""
        # Nearly always there is none, so ask that alone first.
        found = REPEATED.first(
            conversation_id=conversation_id, sender_key=actor.key, client_message_id=client_message_id
        )
        return cls.with_parts(actor).get(pk=found.pk) if found else None

    @classmethod
    def number_of(cls, inbox_id: int, provider_id: str) -> int | None:
        """Our number of the message that an inbox's provider calls so."""
        found = NAMED.first(inbox_id=inbox_id, provider_id=provider_id)
        return found.pk if found else None

    @classmethod
    def said_before(cls, inbox: Inbox, provider_id: str, most: int) -> list[str]:
        """The provider's ids of the last things that the customer wrote, up to this one and with it, newest first."""
        found = cls.named_by_provider(inbox, provider_id)
        if found is None:
            return []
        rows = cls._default_manager.filter(conversation_id=found.conversation_id, sender_type=Sender.CONTACT)
        theirs = rows.filter(pk__lte=found.pk).exclude(provider_id="").order_by("-pk")
        return list(theirs.values_list("provider_id", flat=True)[:most])

    @classmethod
    def unread_by_contact(cls, conversation: Conversation, up_to: int) -> models.QuerySet[Message]:
        """What the team wrote up to this message and the customer has not read, in order, to be locked until commit."""
        public = cls._default_manager.filter(conversation=conversation, pk__lte=up_to, private=False)
        return (
            public.filter(sender_type__in=[*OURS], status__in=[*UNREAD]).select_for_update(no_key=True).order_by("pk")
        )

    @classmethod
    def awaiting_file(cls, actor: Actor, pk: int) -> Message | None:
        """The message if its file is still to be fetched, with its inbox and account."""
        rows = cls.visible_to(actor).select_related("inbox__account", "inbox__tenant")
        return rows.filter(pk=pk, metadata__media__state="waiting", deleted_at__isnull=True).first()

    @classmethod
    def told_elsewhere(cls, actor: Actor, pk: int) -> Message | None:
        """The message if a provider behind HTTP has it, with its inbox, account and conversation."""
        rows = cls.visible_to(actor).select_related("inbox__account", "conversation").prefetch_related("reactions")
        there = rows.filter(pk=pk, inbox__account__isnull=False, private=False, deleted_at__isnull=True)
        return there.exclude(provider_id="").first()

    @classmethod
    def taken_back(cls, actor: Actor, pk: int) -> Message | None:
        """The tombstone of a message that a provider has, with its inbox, account and conversation."""
        rows = cls.visible_to(actor).select_related("inbox__account", "inbox__tenant", "conversation__contact")
        return rows.filter(pk=pk, deleted_at__isnull=False).exclude(provider_id="").first()

    @classmethod
    def newest_from_contact(cls, actor: Actor, conversation_id: int) -> Message | None:
        """The newest thing that the customer wrote, with the inbox's account; None where no provider brought it."""
        rows = cls.visible_to(actor).select_related("inbox__account")
        theirs = rows.filter(conversation_id=conversation_id, sender_type=Sender.CONTACT, inbox__account__isnull=False)
        return theirs.exclude(provider_id="").order_by("-pk").first()

    def names_at_provider(self) -> list[str]:
        """What the provider calls this message: one name, or one for each of its parts."""
        parts = list(self.parts.order_by("number").values_list("provider_id", flat=True))
        return parts or [self.provider_id]

    def is_overtaken(self, sender_key: str, stamp: str) -> bool:
        """Whether this person has reacted since `stamp` (ISO 8601, the provider's); if not, that moment is noted.

        Providers deliver in any order: what somebody took back must not come back by an older report.
        """
        if self.reacted.get(sender_key, "") > stamp:
            return True
        self.reacted = {**self.reacted, sender_key: stamp}
        self.save(update_fields=["reacted"])
        return False

    def our_reaction(self) -> str:
        """The latest reaction of anybody of the team, on the phone or here: all that a customer sees; "" for none."""
        ours = sorted(
            (mark for mark in self.reactions.all() if mark.contact_id is None),
            key=lambda mark: (mark.created_at, mark.pk),
        )
        return ours[-1].reaction if ours else ""

    def knows_parts(self, attachments: Sequence[Attachment] = (), reactions: Sequence[Reaction] = ()) -> None:
        """Spare whoever shows this message two queries: nothing else hangs on it."""
        self._prefetched_objects_cache = {"attachments": list(attachments), "reactions": list(reactions)}

    @property
    def from_contact(self) -> bool:
        return self.sender_type == Sender.CONTACT

    @property
    def is_public(self) -> bool:
        """True for what the customer gets: neither a note nor a line of the product's own."""
        return not self.private and self.sender_type != Sender.SYSTEM

    def may_become(self, status: str) -> bool:
        """Whether a delivery state is news: states only rise, and what was delivered can't fail any more."""
        return RANK[Delivery(status)] > RANK[Delivery(self.status)]


class MessagePart(TenantModel):
    """One of several messages at the provider that carry a long one of ours, as soon as the provider has it.

    A message that is one there too has no parts; of a longer one `Message.provider_id` is the first part's.
    """

    message = models.ForeignKey(Message, models.PROTECT, related_name="parts", verbose_name=_("message"))
    inbox = models.ForeignKey("conversations.Inbox", models.PROTECT, related_name="+", verbose_name=_("inbox"))
    number = models.PositiveSmallIntegerField(_("number"))
    provider_id = models.CharField(_("provider's id"), max_length=200)

    class Meta:
        verbose_name = _("part of a message")
        verbose_name_plural = _("parts of messages")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="part_once"),
            models.UniqueConstraint(fields=["inbox", "provider_id"], name="provider_part_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.message_id}.{self.number}"

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        return ~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q()


class Reaction(TenantModel):
    """One person's reaction to a message: one at a time."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="reactions", verbose_name=_("message"))
    sender_key = models.CharField(max_length=24)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    contact = models.ForeignKey(
        "conversations.Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("contact")
    )
    reaction = models.CharField(_("reaction"), max_length=64)
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["message", "sender_key"], name="one_reaction_per_person")]


class ReadMark(TenantModel):
    """How far one person has read in a conversation; it never moves back."""

    conversation = models.ForeignKey(
        "conversations.Conversation", models.CASCADE, related_name="read_marks", verbose_name=_("conversation")
    )
    sender_key = models.CharField(_("reader"), max_length=24)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("user")
    )
    message_id = models.BigIntegerField(_("message"))
    read_at = models.DateTimeField(_("read at"), default=clock.now)

    class Meta:
        verbose_name = _("read mark")
        verbose_name_plural = _("read marks")
        constraints = [models.UniqueConstraint(fields=["conversation", "sender_key"], name="one_read_mark_per_person")]

    @classmethod
    def reached(cls, actor: Actor, conversation: Conversation) -> int:
        """The newest message that the actor has read in a conversation; 0 for none."""
        marks = cls.visible_to(actor).filter(conversation=conversation, sender_key=actor.key)
        return marks.values_list("message_id", flat=True).first() or 0


OF_USER = ("username", "first_name", "last_name", "avatar_url")
OF_CONTACT = ("name", "phone", "email", "avatar_url")
OF_BOTH = ("content", "sender_type", "message_type", "deleted_at", "private", "sender_user_id", "sender_contact_id")
# What `message_data` reads of a message, its sender, and the message that it answers and its sender.
SHOWN = (
    *OF_BOTH,
    "conversation_id",
    "status",
    "error",
    "failure",
    "client_message_id",
    "reply_to_id",
    "metadata",
    "created_at",
    "deleted_by_id",
    *(f"reply_to__{name}" for name in OF_BOTH),
    *(f"{of}sender_user__{name}" for of in ("", "reply_to__") for name in OF_USER),
    *(f"{of}sender_contact__{name}" for of in ("", "reply_to__") for name in OF_CONTACT),
)


def _named(inbox_id: int, provider_id: str) -> models.QuerySet[Message]:
    return Message.objects.filter(inbox_id=inbox_id, provider_id=provider_id).only("pk")


NAMED = Compiled(_named, "inbox_id", texts=["provider_id"])


def _repeated(conversation_id: int, sender_key: str, client_message_id: str) -> models.QuerySet[Message]:
    rows = Message.objects.filter(conversation_id=conversation_id, sender_key=sender_key)
    return rows.filter(client_message_id=client_message_id).only("pk")


REPEATED = Compiled(_repeated, "conversation_id", texts=["sender_key", "client_message_id"])
