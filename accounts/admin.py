"""Companies, people and their credentials in the back office."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.actions.keys import revoke_key
from accounts.actions.members import change_member, remove_member
from accounts.actions.platform import note_tenant_saved, restore_tenant, set_user_active, suspend_tenant
from accounts.actions.sessions import end_members_session
from accounts.actor import Actor, Role
from accounts.backoffice.buttons import STAFF, Button
from accounts.backoffice.pages import TenantAdmin
from accounts.models import AuthSession, ClientKey, LoginFailure, Membership, Tenant, User

# Rights come from the role of a membership; Django's groups have no meaning here.
admin.site.unregister(Group)


@admin.register(Tenant)
class TenantsAdmin(TenantAdmin[Tenant]):
    """The one thing that the back office saves by itself, for staff: it stands above every tenant's own actions."""

    tenant_path = "pk"
    list_display = ["name", "slug", "is_active", "language", "timezone", "created_at"]
    list_filter = ["is_active", "language"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "timezone", "language", "is_active", "created_at"]
    readonly_fields = ["is_active", "created_at"]
    buttons = [
        Button("suspend", _("suspend"), STAFF, lambda actor, _row: suspend_tenant(actor), lambda row: row.is_active),
        Button(
            "restore", _("restore"), STAFF, lambda actor, _row: restore_tenant(actor), lambda row: not row.is_active
        ),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.desk(request).is_staff

    def has_change_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return self.desk(request).is_staff

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_model(request, obj, form, change)
        before = {name: form.initial.get(name) for name in form.changed_data} if change else None
        after = {name: form.cleaned_data[name] for name in form.changed_data}
        note_tenant_saved(self.desk(request).platform(obj.pk), obj, before, after)


@admin.register(User)
class UsersAdmin(TenantAdmin[User]):
    """People: for a company's admin those who work there."""

    list_display = ["username", "full_name", "email", "is_active", "last_login"]
    list_filter = ["is_active"]
    search_fields = ["username", "email", "first_name", "last_name"]
    fields = ["username", "first_name", "last_name", "email", "language", "is_active", "last_login", "date_joined"]
    ordering = ["username"]
    buttons = [
        Button(
            "disable",
            _("disable"),
            STAFF,
            lambda actor, row: set_user_active(actor, row.pk, active=False),
            lambda row: row.is_active,
        ),
        Button(
            "enable",
            _("enable"),
            STAFF,
            lambda actor, row: set_user_active(actor, row.pk, active=True),
            lambda row: not row.is_active,
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return self.desk(request).people(super(TenantAdmin, self).get_queryset(request))

    def shows_tenants(self, request: HttpRequest) -> bool:
        return False

    def tenant_of(self, row: User) -> int | None:
        return None

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, row: User) -> str:
        return row.name


def become(role: Role) -> Button:
    """The button that gives a member this role."""

    def run(actor: Actor, row: Membership) -> None:
        change_member(actor, row.user_id, role=role.value)

    names = {Role.AGENT: _("make agent"), Role.SUPERVISOR: _("make supervisor"), Role.ADMIN: _("make admin")}
    return Button(
        f"role-{role}", names[role], "user.manage", run, lambda row: row.removed_at is None and row.role != role
    )


@admin.register(Membership)
class MembersAdmin(TenantAdmin[Membership]):
    list_display = ["user", "role", "is_active", "joined_at", "removed_at"]
    list_filter = ["role", "is_active", ("removed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "tenant"]
    search_fields = ["user__username", "user__email", "user__first_name", "user__last_name"]
    fields = ["tenant", "user", "role", "is_active", "inbox_ids", "joined_at", "removed_at", "created_at"]
    buttons = [
        *(become(role) for role in (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)),
        Button(
            "disable",
            _("disable"),
            "user.manage",
            lambda actor, row: change_member(actor, row.user_id, is_active=False),
            lambda row: row.is_active and row.removed_at is None,
        ),
        Button(
            "enable",
            _("enable"),
            "user.manage",
            lambda actor, row: change_member(actor, row.user_id, is_active=True),
            lambda row: not row.is_active and row.removed_at is None,
        ),
        Button(
            "remove",
            _("remove"),
            "user.manage",
            lambda actor, row: remove_member(actor, row.user_id),
            lambda row: row.removed_at is None,
        ),
    ]


@admin.register(AuthSession)
class SessionsAdmin(TenantAdmin[AuthSession]):
    """Who is logged in, since when and from where. The refresh token's id is a secret and not shown."""

    tenant_path = "membership__tenant"
    list_display = ["__str__", "user", "kind", "ip", "created_at", "expires_at", "is_alive"]
    list_filter = ["kind", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["membership__user", "membership__tenant"]
    search_fields = ["membership__user__username", "ip"]
    fields = ["membership", "kind", "ip", "user_agent", "created_at", "expires_at", "revoked_at"]
    buttons = [
        Button(
            "end",
            _("end"),
            "user.manage",
            lambda actor, row: end_members_session(actor, row.pk),
            lambda row: row.revoked_at is None,
        )
    ]

    @admin.display(description=_("user"), ordering="membership__user__username")
    def user(self, row: AuthSession) -> str:
        return row.membership.user.username

    @admin.display(description=_("alive"), boolean=True)
    def is_alive(self, row: AuthSession) -> bool:
        return row.revoked_at is None and row.expires_at > now()


@admin.register(ClientKey)
class KeysAdmin(TenantAdmin[ClientKey]):
    """Client keys by name and prefix; the secret was shown once, to whoever made it."""

    tenant_path = "membership__tenant"
    list_display = ["name", "short", "user", "role", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["role", ("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["membership__user", "membership__tenant"]
    search_fields = ["name", "prefix", "membership__user__username"]
    fields = ["name", "short", "membership", "role", "scopes", "expires_at", "last_used_at", "revoked_at", "created_at"]
    readonly_fields = ["short"]
    buttons = [
        Button(
            "revoke",
            _("revoke"),
            "key.manage",
            lambda actor, row: revoke_key(actor, row.pk),
            lambda row: row.revoked_at is None,
        ),
    ]

    @admin.display(description=_("key"), ordering="prefix")
    def short(self, row: ClientKey) -> str:
        return f"nk_{row.prefix}…"

    @admin.display(description=_("user"), ordering="membership__user__username")
    def user(self, row: ClientKey) -> str:
        return row.membership.user.username


@admin.register(LoginFailure)
class LoginFailuresAdmin(TenantAdmin[LoginFailure]):
    """What the throttle counts, for staff; names and addresses are hashes."""

    tenant_path = ""
    list_display = ["at", "account", "ip"]
    fields = ["at", "account", "ip"]
    ordering = ["-at"]
