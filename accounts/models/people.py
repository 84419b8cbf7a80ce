"""Tenant, User and Membership: a company, a person, and the person's place in the company."""

from __future__ import annotations

from collections.abc import Collection
from secrets import token_hex

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, Role
from accounts.errors import NotAMember, TenantInactive, UserDisabled

LONGEST_LOGIN = 254
LONGEST_USERNAME = 140


class Tenant(models.Model):
    """A company. Every other row of the product belongs to exactly one."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    timezone = models.CharField(_("time zone"), max_length=64, default="America/Sao_Paulo")
    language = models.CharField(_("language"), max_length=8, default="pt-br")
    is_active = models.BooleanField(_("active"), default=True)
    # Ids of the inboxes that only their members (and supervisors) see. Kept here, by id, so that an actor and its
    # streams are known from one row, without looking up into the trade.
    restricted_inbox_ids = models.JSONField(_("restricted inboxes"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("tenant")
        verbose_name_plural = _("tenants")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def by_slug(cls, slug: str) -> Tenant:
        """The tenant of this short name, for the platform's own commands; raises DoesNotExist."""
        return cls._default_manager.get(slug=slug)

    @classmethod
    def locked(cls, actor: Actor) -> Tenant:
        """The actor's tenant, locked until commit: changes of its members wait for each other here."""
        return cls._default_manager.select_for_update(no_key=True).get(pk=actor.tenant_id)


class User(AbstractUser):
    """A person who logs in. Who they are in a company is their Membership's business."""

    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    avatar_url = models.CharField(max_length=500, blank=True, default="")

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="user_email_once"),
            models.UniqueConstraint(Lower("username"), name="user_username_once"),
        ]

    @classmethod
    def by_login(cls, name: str) -> User | None:
        """Who logs in as `name`: a user name, or an e-mail address, in any case. Somebody's address goes first."""
        given = Lower(models.Value(name.strip()[:LONGEST_LOGIN]))
        lowered = cls._default_manager.alias(as_name=Lower("username"), as_mail=Lower("email"), given=given)
        found = list(lowered.filter(Q(as_name=models.F("given")) | Q(as_mail=models.F("given"))))
        return max(found, key=lambda user: user.email.lower() == name.strip().lower(), default=None)

    @classmethod
    def active(cls, pk: int) -> User | None:
        return cls._default_manager.filter(pk=pk, is_active=True).first()

    @classmethod
    def with_email(cls, email: str, **names: str) -> User:
        """The account with this address; a new one, which can't log in yet, where there is none."""
        taken = cls._default_manager.filter(username__iexact=email[:LONGEST_USERNAME]).exists()
        username = f"{email[:LONGEST_USERNAME]}-{token_hex(4)}" if taken else email[:LONGEST_USERNAME]
        fresh = {"username": username, "email": email, "password": make_password(None), **names}
        return cls._default_manager.get_or_create(email__iexact=email, defaults=fresh)[0]

    def open_memberships(self) -> models.QuerySet[Membership]:
        """Where this person may log in, suspended tenants included."""
        return self.memberships.filter(is_active=True, removed_at=None).exclude(joined_at=None)

    @property
    def may_come_in(self) -> bool:
        """Whether a password opens anything to this person: a company, or the back office to the platform's staff."""
        return self.is_active and (self.is_superuser or self.open_memberships().exists())

    @property
    def name(self) -> str:
        """What colleagues and customers read: the full name, else the username."""
        return self.get_full_name() or self.username


class Membership(models.Model):
    """A user's place in one tenant: the role, and which restricted inboxes they see (ids only)."""

    class Roles(models.TextChoices):
        AGENT = Role.AGENT, _("agent")
        SUPERVISOR = Role.SUPERVISOR, _("supervisor")
        ADMIN = Role.ADMIN, _("admin")

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="memberships", verbose_name=_("tenant"))
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=12, choices=Roles.choices, default=Roles.AGENT)
    is_active = models.BooleanField(_("active"), default=True)
    inbox_ids = models.JSONField(_("restricted inboxes"), default=list, blank=True)
    # Empty while an invitation waits for its answer. A member who left keeps the row, for those who come back and for
    # what they wrote here.
    joined_at = models.DateTimeField(_("joined at"), default=now, null=True, blank=True)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="member_once_per_tenant"),
            models.CheckConstraint(condition=Q(role__in=["agent", "supervisor", "admin"]), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[Membership]:
        """The actor's colleagues, themselves included: the invited and the disabled too, but nobody who was removed."""
        return cls._default_manager.filter(tenant_id=actor.tenant_id, removed_at=None)

    @classmethod
    def locked(cls, actor: Actor, user_id: int) -> Membership:
        """The colleague's membership, locked until commit; raises DoesNotExist for anybody else's id."""
        rows = cls.visible_to(actor).select_related("user", "tenant")
        return rows.select_for_update(no_key=True, of=("self",)).get(user_id=user_id)

    @classmethod
    def of(cls, actor: Actor) -> Membership:
        """The actor's own membership, with its user and tenant."""
        return cls.visible_to(actor).select_related("user", "tenant").get(user_id=actor.user_id or 0)

    @classmethod
    def place_of(cls, tenant: Tenant, user: User) -> Membership:
        """The user's membership, a former one too; an unsaved one where there is none."""
        return cls._default_manager.filter(tenant=tenant, user=user).first() or cls(tenant=tenant, user=user)

    @classmethod
    def waiting(cls, pk: int, *, lock: bool = False) -> Membership | None:
        """The invitation, with its user and tenant, while it may still be accepted."""
        rows = cls._default_manager.select_related("user", "tenant").filter(joined_at=None, removed_at=None, pk=pk)
        open_rows = rows.filter(is_active=True, user__is_active=True, tenant__is_active=True)
        return (open_rows.select_for_update(no_key=True, of=("self",)) if lock else open_rows).first()

    @classmethod
    def has_admin(cls, tenant: Tenant) -> bool:
        """Whether anybody who can log in keeps this tenant's house."""
        admins = cls._default_manager.filter(tenant=tenant, role=Role.ADMIN, is_active=True, removed_at=None)
        return admins.filter(user__is_active=True).exclude(joined_at=None).exists()

    def end_sessions(self) -> None:
        """Every login of this member is over."""
        self.sessions.filter(revoked_at=None).update(revoked_at=now())

    @property
    def is_at_work(self) -> bool:
        """Whether colleagues see this member among them. Read with `user` joined."""
        return self.removed_at is None and self.is_active and self.user.is_active and self.joined_at is not None

    def ensure_active(self) -> None:
        """Raise unless this member may act here now. Read with `user` and `tenant` joined."""
        if self.removed_at is not None:
            raise NotAMember
        if not (self.user.is_active and self.is_active and self.joined_at):
            raise UserDisabled
        if not self.tenant.is_active:
            raise TenantInactive

    @classmethod
    def working(cls, tenant_id: int, user_ids: Collection[int]) -> models.QuerySet[Membership]:
        """The active ones among these members, with what their name and inboxes are read from."""
        rows = cls._default_manager.select_related("user", "tenant")
        return rows.filter(tenant_id=tenant_id, user_id__in=user_ids, is_active=True, user__is_active=True)

    def seen_inboxes(self, role: Role | None = None) -> frozenset[int]:
        """Ids of the restricted inboxes that this member sees: supervisors and admins all of them."""
        restricted = frozenset(self.tenant.restricted_inbox_ids)
        if (role or Role(self.role)) in (Role.SUPERVISOR, Role.ADMIN):
            return restricted
        return restricted & frozenset(self.inbox_ids)
