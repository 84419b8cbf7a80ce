"""Conversation and its states; the intervals and reply times that metrics are counted from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.actor import Actor, Role
from accounts.compiled import Compiled
from accounts.models import TenantModel
from conversations.errors import ConversationClosed
from conversations.models.organising import Label

if TYPE_CHECKING:
    from conversations.models.contact import Contact
    from conversations.models.inbox import Inbox
    from conversations.models.message import Message

PREVIEW_CHARACTERS = 160
STANDING = {"status", "assignee_id"}


class Status(models.TextChoices):
    """Where a conversation stands: nobody's; somebody's, unanswered since; answered; put off; over."""

    WAITING = "waiting", _("waiting")
    ASSIGNED = "assigned", _("assigned")
    ACTIVE = "active", _("active")
    SNOOZED = "snoozed", _("snoozed")
    CLOSED = "closed", _("closed")


class Priority(models.TextChoices):
    LOW = "low", _("low")
    NORMAL = "normal", _("normal")
    HIGH = "high", _("high")
    URGENT = "urgent", _("urgent")


class Conversation(TenantModel):
    """What one contact and the team write to each other in one inbox, from opening to close."""

    inbox = models.ForeignKey(
        "conversations.Inbox", models.PROTECT, related_name="conversations", verbose_name=_("inbox")
    )
    contact = models.ForeignKey(
        "conversations.Contact", models.PROTECT, related_name="conversations", verbose_name=_("contact")
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assignee")
    )
    team = models.ForeignKey(
        "conversations.Team", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team")
    )
    labels = models.ManyToManyField(
        "conversations.Label", related_name="conversations", blank=True, verbose_name=_("labels")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.WAITING)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    # Answered by a person since it was last given to its owner: the difference between `assigned` and `active`.
    answered = models.BooleanField(default=False)
    first_replied_at = models.DateTimeField(_("first reply"), null=True, blank=True)
    # The first customer message that nobody has answered yet; null when nobody waits.
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    # Until when the provider lets us write freely; null where it always does.
    window_until = models.DateTimeField(_("may be answered until"), null=True, blank=True)
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)
    unread_count = models.PositiveIntegerField(_("unread"), default=0)
    # The newest message that any agent has read; unread_count is what the contact wrote after it.
    read_up_to = models.BigIntegerField(default=0)
    # The newest message as lists show it, kept here so that a list is one query.
    last_message_id = models.BigIntegerField(null=True, blank=True)
    last_message = models.CharField(_("last message"), max_length=PREVIEW_CHARACTERS, blank=True, default="")
    last_message_sender = models.CharField(max_length=8, blank=True, default="")
    last_message_type = models.CharField(max_length=10, blank=True, default="")
    last_message_private = models.BooleanField(default=False)
    last_message_at = models.DateTimeField(_("last message at"), null=True, blank=True)
    # The last message's time, or the beginning's where nothing was said yet: what lists are sorted by.
    last_activity_at = models.DateTimeField(_("last activity"), default=clock.now)
    csat_rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)
    csat_feedback = models.TextField(_("feedback"), blank=True, default="")
    created_at = models.DateTimeField(_("created at"), default=clock.now, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["inbox", "contact"], condition=~Q(status="closed"), name="one_open_conversation_per_contact"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="conversation_status_known"),
            models.CheckConstraint(condition=Q(priority__in=Priority.values), name="conversation_priority_known"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="conversation_closed_with_its_time",
            ),
            models.CheckConstraint(
                condition=Q(csat_rating__isnull=True) | Q(csat_rating__range=(1, 5)), name="conversation_rating_1_to_5"
            ),
        ]
        indexes = [
            # The list in its default order, whole and by status; then each filter that the list offers.
            models.Index(F("tenant"), F("last_activity_at").desc(), F("id").desc(), name="conversation_recent"),
            models.Index(
                F("tenant"),
                F("status"),
                F("last_activity_at").desc(),
                F("id").desc(),
                name="conversation_by_status",
            ),
            models.Index(F("assignee"), F("tenant"), F("status"), name="conversation_by_assignee"),
            models.Index(F("contact"), F("id").desc(), name="conversation_by_contact"),
            models.Index(fields=["snoozed_until"], condition=Q(status="snoozed"), name="conversation_to_wake"),
            # What the numbers count: begun then, closed last then.
            models.Index(fields=["tenant", "created_at"], name="conversation_by_creation"),
            models.Index(
                fields=["tenant", "closed_at"], condition=Q(status="closed"), name="conversation_by_last_close"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    # How it stood when it was read or last told of; None for one that nobody was told of yet.
    stood: dict[str, Any] | None = None

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> Self:
        conversation = super().from_db(db, field_names, values, **options)
        if set(field_names) >= STANDING:
            conversation.note_standing()
        return conversation

    def note_standing(self) -> None:
        """From here on this is how it stood."""
        self.stood = {name: getattr(self, name) for name in STANDING}

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        if actor.role is Role.CONTACT:
            own = Q(contact_id=actor.contact_id)
            return own & Q(inbox_id=actor.inbox_id) if actor.inbox_id else own
        return ~Q(inbox_id__in=actor.hidden_inboxes) if actor.hidden_inboxes else Q()

    @classmethod
    def with_parts(cls, actor: Actor) -> models.QuerySet[Self]:
        """Visible conversations with all that `conversation_data` reads: two queries, however many conversations."""
        return cls.visible_to(actor).select_related("contact", "inbox").prefetch_related("labels")

    @classmethod
    def listed_for(cls, actor: Actor) -> models.QuerySet[Self]:
        """Visible conversations with no more than `conversation_data` reads, but for their labels (`with_labels`)."""
        return cls.visible_to(actor).select_related("contact", "inbox").only(*LISTED)

    @classmethod
    def with_labels(cls, rows: Iterable[Self]) -> list[Self]:
        """These conversations with their labels, by one query; prefetching makes a manager for each of them."""
        found, labels = list(rows), defaultdict[int, list[Label]](list)
        for pair in cls.labels.through.objects.filter(conversation__in=found).select_related("label"):
            labels[pair.conversation_id].append(pair.label)
        for conversation in found:
            conversation.knows_parts(labels[conversation.pk])
        return found

    @classmethod
    def locked(cls, actor: Actor, pk: int, **conditions: Any) -> Self:
        """The conversation, locked until commit, with all that actions tell of it; see TenantModel.locked."""
        if conditions or cls.visibility(actor):
            rows = cls.with_parts(actor).select_related("tenant")
            return rows.select_for_update(no_key=True, of=("self",)).get(pk=pk, **conditions)
        found: Any = LOCKED.first(tenant_id=actor.tenant_id, pk=pk)
        if found is None:
            raise cls.DoesNotExist
        locked: Self = found
        locked.knows_parts(LABELS.each(conversation_id=pk))
        return locked

    @classmethod
    def current(cls, rows: models.QuerySet[Self]) -> models.QuerySet[Self]:
        """One contact's conversations in one inbox, the one that goes on first: it is open, or was closed last."""
        return rows.order_by(F("closed_at").desc(nulls_first=True), "-pk")

    @classmethod
    def going_on(cls, inbox: Inbox, identifiers: Collection[str]) -> Conversation | None:
        """The open conversation of the contact whom the inbox knows by one of these names, with both of them."""
        theirs = cls._default_manager.filter(inbox=inbox, contact__identities__identifier__in=identifiers)
        known = theirs.filter(contact__identities__inbox=inbox, closed_at__isnull=True)
        return known.select_related("tenant", "inbox", "contact").order_by("-pk").first()

    @classmethod
    def begun(cls, inbox: Inbox, contact: Contact, moment: datetime, *, owner_id: int | None = None) -> Conversation:
        """Store a new conversation; whoever begins it owns it. Raises IntegrityError when the two have an open one."""
        conversation = cls._default_manager.create(
            tenant=inbox.tenant,
            inbox=inbox,
            contact=contact,
            assignee_id=owner_id,
            status=Status.ASSIGNED if owner_id else Status.WAITING,
            window_until=cls.open_window(inbox, contact),
            created_at=moment,
            last_activity_at=moment,
        )
        conversation.knows_parts()
        return conversation

    @classmethod
    def open_window(cls, inbox: Inbox, contact: Contact) -> datetime | None:
        """Until when the contact may be answered by what they wrote in earlier conversations of the inbox."""
        if not inbox.has_window:
            return None
        earlier = cls._default_manager.filter(inbox=inbox, contact=contact, window_until__isnull=False)
        return earlier.order_by("-window_until").values_list("window_until", flat=True).first()

    def knows_parts(self, labels: Iterable[Label] = ()) -> None:
        """Spare whoever shows this conversation a query: it has these labels. `relabel` changes them."""
        self._prefetched_objects_cache = {"labels": list(labels)}

    def relabel(self, labels: Iterable[Label]) -> None:
        """Give it these labels and no others."""
        self._prefetched_objects_cache = {}
        self.labels.set(labels)

    @property
    def label_names(self) -> list[str]:
        """What it is labelled, sorted."""
        # Known labels are taken as they are: Django makes a manager and a class for it to say the same.
        known = getattr(self, "_prefetched_objects_cache", {}).get("labels")
        return sorted(label.name for label in (self.labels.all() if known is None else known))

    @property
    def is_open(self) -> bool:
        return self.status != Status.CLOSED

    def ensure_open(self) -> None:
        """Raise ConversationClosed if it is over."""
        if not self.is_open:
            raise ConversationClosed

    @classmethod
    def by_window(cls, inbox: Inbox, moment: datetime) -> dict[str, int]:
        """How many of an inbox's open conversations may be answered freely at this moment, and how many may not."""
        if not inbox.has_window:
            return {}
        rows = cls._default_manager.filter(inbox=inbox).exclude(status=Status.CLOSED).order_by()
        within = Q(window_until__gt=moment)
        return rows.aggregate(open=models.Count("pk", filter=within), shut=models.Count("pk", filter=~within))

    def may_be_answered(self, moment: datetime) -> bool:
        """Whether the provider lets us write freely; an inbox without a window always does."""
        return not self.inbox.has_window or (self.window_until is not None and moment < self.window_until)

    def resting_status(self) -> Status:
        """The state that owner and answers alone would give it: what it wakes or reopens into."""
        if self.assignee_id is None:
            return Status.WAITING
        return Status.ACTIVE if self.answered else Status.ASSIGNED

    def settle(self) -> None:
        """Bring an open, awake conversation to its resting state, unsaved."""
        if self.status not in (Status.SNOOZED, Status.CLOSED):
            self.status = self.resting_status()

    def give_to(self, user_id: int | None) -> None:
        """Change the owner, unsaved; a new owner has answered nothing yet."""
        if user_id != self.assignee_id:
            self.assignee_id = user_id
            self.answered = False
        self.settle()

    def show_last(self, message: Message) -> None:
        """Let lists show this message, unsaved."""
        self.last_message_id = message.pk
        self.last_message = " ".join(message.content.split())[:PREVIEW_CHARACTERS]
        self.last_message_sender = message.sender_type
        self.last_message_type = message.message_type
        self.last_message_private = message.private
        self.last_message_at = self.last_activity_at = message.created_at

    def heard_from_contact(self, moment: datetime) -> None:
        """The contact wrote, unsaved: they wait from now unless they waited already, and a snooze is over."""
        self.waiting_since = self.waiting_since or moment
        self.unread_count += 1
        if self.status == Status.SNOOZED:
            self.wake()

    def wake(self) -> None:
        """End a snooze, unsaved."""
        self.snoozed_until = None
        self.status = self.resting_status()


# What `conversation_data` reads of a conversation, its contact and its inbox.
LISTED = (
    "tenant_id",
    "contact_id",
    "inbox_id",
    "assignee_id",
    "team_id",
    "status",
    "priority",
    "unread_count",
    "last_message",
    "last_message_id",
    "last_message_sender",
    "last_message_type",
    "last_message_private",
    "last_message_at",
    "waiting_since",
    "window_until",
    "snoozed_until",
    "created_at",
    "closed_at",
    "csat_rating",
    "csat_feedback",
    "contact__name",
    "contact__phone",
    "contact__email",
    "contact__avatar_url",
    "inbox__channel",
)


class OpenInterval(TenantModel):
    """A stretch of time in which a conversation was open: the truth behind resolution times and rates."""

    conversation = models.ForeignKey(
        Conversation, models.PROTECT, related_name="open_intervals", verbose_name=_("conversation")
    )
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )

    class Meta:
        verbose_name = _("open interval")
        verbose_name_plural = _("open intervals")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(closed_at__isnull=True), name="one_interval_open"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "closed_at"], name="interval_by_close"),
            models.Index(fields=["tenant", "opened_at"], name="interval_by_opening"),
        ]


class ReplyTime(TenantModel):
    """One customer turn that a person answered: from the first unanswered message to the reply."""

    class Turn(models.TextChoices):
        FIRST = "first", _("first")
        NEXT = "next", _("next")

    conversation = models.ForeignKey(
        Conversation, models.PROTECT, related_name="reply_times", verbose_name=_("conversation")
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user"))
    turn = models.CharField(_("turn"), max_length=5, choices=Turn.choices)
    waited_from = models.DateTimeField(_("waited from"))
    replied_at = models.DateTimeField(_("replied at"))
    seconds = models.FloatField(_("seconds"))

    class Meta:
        verbose_name = _("reply time")
        verbose_name_plural = _("reply times")
        indexes = [models.Index(fields=["tenant", "replied_at"], name="reply_time_by_moment")]


def _locked(tenant_id: int, pk: int) -> models.QuerySet[Conversation]:
    rows = Conversation.objects.filter(tenant_id=tenant_id, pk=pk).select_related("contact", "inbox", "tenant")
    return rows.select_for_update(no_key=True, of=("self",))


# What nearly every action begins with, for an actor from whom nothing in the tenant is hidden.
LOCKED = Compiled(_locked, "tenant_id", "pk")


def _labels(conversation_id: int) -> models.QuerySet[Label]:
    return Label.objects.filter(conversations=conversation_id)


LABELS = Compiled(_labels, "conversation_id", ordered=True)
