"""Tenant, User, Membership, the credentials that stand for them, and the one tenant filter."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_hex
from typing import Any, Self

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, Role
from accounts.errors import NotAMember, SessionRevoked, TenantInactive, TokenExpired, TokenInvalid, UserDisabled

SESSIONS_KEPT = timedelta(days=30)
FAILURES_KEPT = timedelta(days=1)
LONGEST_LOGIN = 254
LONGEST_USERNAME = 140
RANK = {Role.AGENT: 0, Role.SUPERVISOR: 1, Role.ADMIN: 2}


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
    def name(self) -> str:
        """What colleagues and customers read: the full name, else the username."""
        return self.get_full_name() or self.username


class Membership(models.Model):
    """A user's place in one tenant: the role, and which restricted inboxes they see (ids only)."""

    class Roles(models.TextChoices):
        AGENT = Role.AGENT, _("agent")
        SUPERVISOR = Role.SUPERVISOR, _("supervisor")
        ADMIN = Role.ADMIN, _("admin")

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
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

    def ensure_active(self) -> None:
        """Raise unless this member may act here now. Read with `user` and `tenant` joined."""
        if self.removed_at is not None:
            raise NotAMember
        if not (self.user.is_active and self.is_active and self.joined_at):
            raise UserDisabled
        if not self.tenant.is_active:
            raise TenantInactive

    def seen_inboxes(self, role: Role | None = None) -> frozenset[int]:
        """Ids of the restricted inboxes that this member sees: supervisors and admins all of them."""
        restricted = frozenset(self.tenant.restricted_inbox_ids)
        if (role or Role(self.role)) in (Role.SUPERVISOR, Role.ADMIN):
            return restricted
        return restricted & frozenset(self.inbox_ids)


class AuthSession(models.Model):
    """One login: a family of refresh tokens, or a dashboard session. Revoked, everything that came of it is dead."""

    class Kind(models.TextChoices):
        TOKEN = "token", _("API token")
        DASHBOARD = "dashboard", _("dashboard")

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # The one refresh token that may still be used. Any other of the family is a replay.
    refresh_jti = models.CharField(max_length=64, blank=True, default="")
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["expires_at"], name="session_expiry")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[AuthSession]:
        """The actor's own sessions in this tenant that are still good for something."""
        return cls._of(actor).filter(revoked_at=None, expires_at__gt=now())

    @classmethod
    def locked(cls, actor: Actor, pk: int) -> AuthSession:
        """One of the actor's own sessions, ended ones too, locked until commit."""
        rows = cls._of(actor).select_related("membership")
        return rows.select_for_update(no_key=True, of=("self",)).get(pk=pk)

    @classmethod
    def others_of(cls, actor: Actor) -> models.QuerySet[AuthSession]:
        """The living sessions of the actor's user in every tenant, but for the actor's own; with their memberships."""
        mine = cls._default_manager.filter(membership__user=actor.user_id or 0, revoked_at=None, expires_at__gt=now())
        return mine.exclude(pk=actor.session_id or 0).select_related("membership").order_by("pk")

    @classmethod
    def _of(cls, actor: Actor) -> models.QuerySet[AuthSession]:
        return cls._default_manager.filter(membership__tenant_id=actor.tenant_id, membership__user=actor.user_id or 0)

    @classmethod
    def alive(cls, pk: int, kind: str, *, lock: bool = False) -> AuthSession:
        """The session behind a credential, with its member, user and tenant: one query.

        Raises SessionRevoked once it was ended, by anybody, or by its own time; but who is shut out hears that first,
        it is the answer that says not to come back.
        """
        rows = cls._default_manager.select_related("membership__user", "membership__tenant").filter(pk=pk, kind=kind)
        session = (rows.select_for_update(no_key=True, of=("self",)) if lock else rows).first()
        if session is None:
            raise SessionRevoked
        session.membership.ensure_active()
        if session.revoked_at is not None or session.expires_at <= now():
            raise SessionRevoked
        return session

    @classmethod
    def forget(cls) -> None:
        """Drop what ended long ago: nothing can come of it any more, and the audit has what was done."""
        cls._default_manager.filter(expires_at__lt=now() - SESSIONS_KEPT).delete()

    def revoke(self) -> None:
        self.revoked_at = now()
        self.save(update_fields=["revoked_at"])


class ClientKey(models.Model):
    """A long-lived credential for a program. It acts for its member, never with more rights than they have now."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="client_keys")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    role = models.CharField(_("role"), max_length=12, choices=Membership.Roles.choices, blank=True, default="")
    scopes = models.JSONField(_("scopes"), null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("client key")
        verbose_name_plural = _("client keys")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", "agent", "supervisor", "admin"]), name="key_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} (nk_{self.prefix}…)"

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[ClientKey]:
        """The tenant's keys that were not revoked."""
        return cls._default_manager.filter(membership__tenant_id=actor.tenant_id, revoked_at=None)

    @classmethod
    def locked(cls, actor: Actor, pk: int) -> ClientKey:
        """The key, locked until commit; raises DoesNotExist for another tenant's id and for a revoked one alike."""
        rows = cls.visible_to(actor).select_related("membership")
        return rows.select_for_update(no_key=True, of=("self",)).get(pk=pk)

    def ensure_usable(self) -> None:
        """Raise unless the key opens anything now. Read with its membership's `user` and `tenant` joined."""
        self.membership.ensure_active()
        if self.revoked_at is not None:
            raise TokenInvalid
        if self.expires_at is not None and self.expires_at <= now():
            raise TokenExpired

    @property
    def effective_role(self) -> Role:
        """A key never has more rights than its member has now."""
        member = Role(self.membership.role)
        return min(Role(self.role), member, key=RANK.__getitem__) if self.role else member


class LoginFailure(models.Model):
    """A login that failed: what the throttle counts. Names and addresses are stored as keyed hashes only."""

    account = models.CharField(max_length=64)
    ip = models.CharField(max_length=64)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="login_failure_account"),
            models.Index(fields=["at"], name="login_failure_age"),
        ]

    def __str__(self) -> str:
        return f"login failure {self.pk}"

    @classmethod
    def forget(cls) -> None:
        """Drop what is too old to count."""
        cls._default_manager.filter(at__lt=now() - FAILURES_KEPT).delete()


class TenantModel(models.Model):
    """A row that belongs to one tenant. `visible_to` and `locked` are the only ways in for an id from outside."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+")

    class Meta:
        abstract = True

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        """What narrows a tenant's rows to those that this actor may see; all of them unless a model says otherwise."""
        return Q()

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[Self]:
        """The rows of the actor's tenant that the actor may see."""
        return cls._default_manager.filter(cls.visibility(actor), tenant_id=actor.tenant_id)

    @classmethod
    def locked(cls, actor: Actor, pk: int, **conditions: Any) -> Self:
        """The row, locked until commit; raises DoesNotExist for another tenant's id and for a missing one alike.

        The lock is `FOR NO KEY UPDATE`: a plain one deadlocks with the key-share locks that Django's deferred
        foreign keys take at commit. Lock order: inbox, contact, conversation, message, survey, audit chain, streams.
        """
        rows = cls.visible_to(actor).select_for_update(no_key=True, of=("self",))
        return rows.get(pk=pk, **conditions)
