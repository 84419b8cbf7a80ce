"""The back office's buttons: each calls an action, is on record, and reaches no other company."""

from __future__ import annotations

import re

from django.db.models import Model
from django.test import Client

from accounts.actor import Role
from accounts.models import Tenant
from audit.models import AuditRecord, Verb
from conversations.models import Conversation, Inbox, Message
from jobs.models import Job, State
from tests.admin.companies import Company, url


def button(row: Model, name: str) -> str:
    return url("press", row, row.pk, name)


def test_a_button_calls_an_action_and_is_on_record(client: Client, lua: Company) -> None:
    response = client.post(button(lua.agent.membership, "role-supervisor"), follow=True)

    assert response.status_code == 200
    assert lua.agent.membership.role == Role.SUPERVISOR
    logged = AuditRecord.objects.filter(verb=Verb.MEMBER_CHANGED).latest("pk")
    assert (logged.tenant_id, logged.username, logged.origin) == (lua.tenant.pk, "Lua-admin", "admin")
    assert logged.session_id is not None


def test_a_refusal_is_said_in_words(client: Client, lua: Company) -> None:
    response = client.post(button(lua.admin.membership, "role-agent"), follow=True)

    assert "último admin" in response.content.decode()
    assert lua.admin.membership.role == Role.ADMIN


def test_a_button_reaches_no_other_company(client: Client, mar: Company) -> None:
    assert client.post(button(mar.agent.membership, "role-admin")).status_code == 404
    assert client.post(button(mar.tenant, "suspend")).status_code == 404
    assert mar.agent.membership.role == Role.AGENT


def test_a_button_is_pressed_by_post_only_and_with_the_forms_token(client: Client, lua: Company) -> None:
    address = button(lua.agent.membership, "role-admin")
    assert client.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(address).status_code == 403
    assert lua.agent.membership.role == Role.AGENT


def test_only_fitting_buttons_are_offered(client: Client, staff: Client, lua: Company) -> None:
    page = client.get(url("change", Tenant, lua.tenant.pk)).content.decode()
    assert "/do/" not in page
    page = staff.get(url("change", Tenant, lua.tenant.pk)).content.decode()
    assert "/do/suspend/" in page
    assert "/do/restore/" not in page
    assert client.post(button(lua.tenant, "suspend")).status_code == 403
    assert staff.post(button(lua.tenant, "restore")).status_code == 404


def test_staff_suspends_a_company_which_stands_in_its_book(staff: Client, lua: Company) -> None:
    staff.post(button(lua.tenant, "suspend"))

    assert not Tenant.objects.get(pk=lua.tenant.pk).is_active
    logged = AuditRecord.objects.get(verb=Verb.TENANT_SUSPENDED)
    assert (logged.tenant_id, logged.username) == (lua.tenant.pk, "root")


def test_a_company_that_staff_saves_is_on_record_with_before_and_after(staff: Client, lua: Company) -> None:
    fields = {"name": "Lua Nova", "slug": "lua", "timezone": "America/Belem", "language": "pt-br"}
    response = staff.post(url("change", Tenant, lua.tenant.pk), fields)
    assert response.status_code == 302, response.content
    new = staff.post(url("add", Tenant), fields | {"slug": "nova"})
    assert new.status_code == 302, new.content

    changed = AuditRecord.objects.get(verb=Verb.TENANT_UPDATED)
    assert changed.details["before"] == {"name": "Lua", "timezone": "America/Sao_Paulo"}
    assert changed.details["after"] == {"name": "Lua Nova", "timezone": "America/Belem"}
    assert AuditRecord.objects.get(verb=Verb.TENANT_CREATED).tenant_id == Tenant.objects.get(slug="nova").pk


def test_a_dead_letter_is_tried_again_by_a_button_or_several_at_once(client: Client, lua: Company) -> None:
    first, second = Job.objects.filter(tenant_id=lua.tenant.pk, state=State.DEAD).order_by("pk")
    client.post(button(first, "replay"))
    assert Job.objects.get(pk=first.pk).state == State.READY

    foreign = list(Job.objects.filter(state=State.DEAD).exclude(tenant_id=lua.tenant.pk).values_list("pk", flat=True))
    chosen = {"action": "replay_chosen", "_selected_action": [first.pk, second.pk, *foreign]}
    client.post(url("changelist", Job), chosen)
    assert Job.objects.get(pk=second.pk).state == State.READY
    assert set(Job.objects.filter(pk__in=foreign).values_list("state", flat=True)) == {State.DEAD}
    assert AuditRecord.objects.filter(verb=Verb.JOB_REPLAYED, tenant_id=lua.tenant.pk).count() == 2


def test_conversations_and_messages_are_handled_by_buttons(client: Client, lua: Company) -> None:
    conversation = Conversation.objects.filter(tenant=lua.tenant).latest("pk")
    client.post(button(conversation, "reopen"))
    assert Conversation.objects.get(pk=conversation.pk).is_open
    client.post(button(conversation, "close"))
    assert not Conversation.objects.get(pk=conversation.pk).is_open

    message = Message.objects.filter(conversation=conversation, sender_type="contact").latest("pk")
    client.post(button(message, "delete"))
    assert Message.objects.get(pk=message.pk).deleted_by_id == lua.admin.user_id


def test_a_renewed_secret_is_shown_once(client: Client, lua: Company) -> None:
    page = client.post(button(lua.inbox, "renew-secret"), follow=True).content.decode()
    [secret] = re.findall(r"nis_[\w-]+", page)

    assert Inbox.objects.get(pk=lua.inbox.pk).proves(secret)
    assert secret not in client.get(url("change", lua.inbox, lua.inbox.pk)).content.decode()


def test_a_session_that_an_admin_ends_is_dead_at_once(client: Client, lua: Company, mar: Company) -> None:
    session, foreign = lua.agent.session(), mar.agent.session()
    client.post(button(session, "end"))
    assert client.post(button(foreign, "end")).status_code == 404

    session.refresh_from_db()
    foreign.refresh_from_db()
    assert session.revoked_at is not None
    assert foreign.revoked_at is None
    assert AuditRecord.objects.get(verb=Verb.SESSION_REVOKED).details["user_id"] == lua.agent.user_id


def test_a_revoked_key_is_revoked_at_once(client: Client, lua: Company) -> None:
    key = lua.admin.membership.client_keys.latest("pk")
    client.post(button(key, "revoke"))
    key.refresh_from_db()
    assert key.revoked_at is not None
