"""What stands for a member: a login, or a program's key; and the logins that failed."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor, Role
from accounts.compiled import Compiled
from accounts.errors import SessionRevoked, TokenExpired, TokenInvalid
from accounts.models.people import Membership, User

SESSIONS_KEPT = timedelta(days=30)
FAILURES_KEPT = timedelta(days=1)
RANK = {Role.AGENT: 0, Role.SUPERVISOR: 1, Role.ADMIN: 2}


class AuthSession(models.Model):
    """One login: a family of refresh tokens, or a dashboard session. Revoked, everything that came of it is dead."""

    class Kind(models.TextChoices):
        TOKEN = "token", _("API token")
        DASHBOARD = "dashboard", _("dashboard")

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="sessions", verbose_name=_("member"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    # The one refresh token that may still be used. Any other of the family is a replay.
    refresh_jti = models.CharField(max_length=64, blank=True, default="")
    ip = models.GenericIPAddressField(_("address"), null=True, blank=True)
    user_agent = models.CharField(_("program"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("ended at"), null=True, blank=True)

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
    def locked_in_tenant(cls, actor: Actor, pk: int) -> AuthSession:
        """Anybody's session in the actor's tenant, locked until commit."""
        rows = cls._default_manager.filter(membership__tenant_id=actor.tenant_id).select_related("membership")
        return rows.select_for_update(no_key=True, of=("self",)).get(pk=pk)

    @classmethod
    def living_of(cls, user: User | int) -> models.QuerySet[AuthSession]:
        """The user's living sessions in every tenant, with their memberships."""
        living = cls._default_manager.filter(membership__user=user, revoked_at=None, expires_at__gt=now())
        return living.select_related("membership").order_by("pk")

    @classmethod
    def others_of(cls, actor: Actor) -> models.QuerySet[AuthSession]:
        """The living sessions of the actor's user in every tenant, but for the actor's own; with their memberships."""
        return cls.living_of(actor.user_id or 0).exclude(pk=actor.session_id or 0)

    @classmethod
    def _of(cls, actor: Actor) -> models.QuerySet[AuthSession]:
        return cls._default_manager.filter(membership__tenant_id=actor.tenant_id, membership__user=actor.user_id or 0)

    @classmethod
    def alive(cls, pk: int, kind: str, *, lock: bool = False) -> AuthSession:
        """The session behind a credential, with its member, user and tenant: one query.

        Raises SessionRevoked once it was ended, by anybody, or by its own time; but who is shut out hears that first,
        it is the answer that says not to come back.
        """
        if lock:
            session = _with_member(pk).select_for_update(no_key=True, of=("self",)).first()
        else:
            session = WITH_MEMBER.first(pk=pk)
        if session is None or session.kind != kind:
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


def _with_member(pk: int) -> models.QuerySet[AuthSession]:
    return AuthSession.objects.select_related("membership__user", "membership__tenant").filter(pk=pk)


# Asked by every request and every socket.
WITH_MEMBER = Compiled(_with_member, "pk")


class ClientKey(models.Model):
    """A long-lived credential for a program. It acts for its member, never with more rights than they have now."""

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="client_keys", verbose_name=_("member"))
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    role = models.CharField(_("role"), max_length=12, choices=Membership.Roles.choices, blank=True, default="")
    scopes = models.JSONField(_("scopes"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

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

    account = models.CharField(_("account"), max_length=64)
    ip = models.CharField(_("address"), max_length=64)
    at = models.DateTimeField(_("time"), default=now)

    class Meta:
        verbose_name = _("failed login")
        verbose_name_plural = _("failed logins")
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
