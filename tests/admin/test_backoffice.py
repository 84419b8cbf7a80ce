"""The back office: who gets in, and what they see there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.actor import Role
from accounts.backoffice.pages import TenantAdmin
from accounts.models import Membership, Tenant, User
from audit.models import AuditRecord, Verb
from conversations.models import Conversation, Inbox, Message
from jobs.models import Job
from realtime.models import Seats, Stream, StreamEvent
from tests.admin.companies import Company, logged_in, more, secrets_of, url

SHEETS: list[TenantAdmin[Any]] = [each for each in admin.site._registry.values() if isinstance(each, TenantAdmin)]
OF_TENANTS = [each for each in SHEETS if each.tenant_path]
OF_STAFF = [each for each in SHEETS if not each.tenant_path]


def named(sheet: TenantAdmin[Any]) -> str:
    return sheet.model.__name__


def rows(client: Client, model: type[Model], query: str = "") -> set[Any]:
    response = client.get(f"{url('changelist', model)}?{query}")
    assert response.status_code == 200, (model, response.status_code)
    return {row.pk for row in response.context["cl"].queryset}


# --- who sees what


def test_every_model_has_its_page_but_what_streams_carry() -> None:
    ours = {
        model
        for app in ("accounts", "jobs", "realtime", "audit", "conversations", "dashboard")
        for model in apps.get_app_config(app).get_models()
        if not model._meta.auto_created
    }
    # Who shows a pid takes that connection's seats, so nobody reads it.
    assert ours - {StreamEvent, Seats} == {sheet.model for sheet in SHEETS}
    assert {sheet.model for sheet in SHEETS} == set(admin.site._registry)


@pytest.mark.parametrize("sheet", OF_TENANTS, ids=named)
def test_an_admin_sees_their_own_companys_rows_and_no_others(client: Client, staff: Client, sheet: Any) -> None:
    own, everything = rows(client, sheet.model), rows(staff, sheet.model)
    assert own, "there must be something to see"
    assert own < everything, "and something to hide"

    for pk in sorted(own, key=str)[:2]:
        assert client.get(url("change", sheet.model, pk)).status_code == 200
    for hidden in sorted(everything - own, key=str)[:3]:
        missing = client.get(url("change", sheet.model, hidden))
        assert (missing.status_code, missing.headers["Location"]) == (302, "/admin/")


def pages(browser: Client, most: int = 3) -> Iterator[tuple[str, Any]]:
    """Every list that opens to this browser, and a few rows of each."""
    for sheet in SHEETS if browser.get("/admin/").context["user"].is_superuser else OF_TENANTS:
        yield named(sheet), browser.get(url("changelist", sheet.model))
        for pk in sorted(rows(browser, sheet.model), key=str)[:most]:
            yield named(sheet), browser.get(url("change", sheet.model, pk))


def test_no_page_names_the_other_company(client: Client) -> None:
    telling = {name for name, page in pages(client) if b"Mar-" in page.content or b"@mar." in page.content}
    assert telling == set()


@pytest.mark.parametrize("sheet", OF_STAFF, ids=named)
def test_what_is_the_platforms_is_for_its_staff(client: Client, staff: Client, sheet: Any) -> None:
    assert client.get(url("changelist", sheet.model)).status_code == 403
    seen = rows(staff, sheet.model)
    assert staff.get(url("change", sheet.model, min(seen, key=str))).status_code == 200


def test_no_page_shows_a_secret(staff: Client, lua: Company, mar: Company) -> None:
    hidden = {secret for made in (lua, mar) for secret in secrets_of(made) if secret}
    telling = {name for name, page in pages(staff, 8) for secret in hidden if secret in page.content.decode()}
    assert len(hidden) > 10
    assert telling == set()


def test_a_list_costs_the_same_however_long_it_is(client: Client, staff: Client, lua: Company) -> None:
    def costs() -> dict[tuple[str, int], int]:
        return {(named(sheet), number): cost(browser, sheet.model) for sheet in OF_TENANTS for number, browser in both}

    def cost(browser: Client, model: type[Model]) -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(url("changelist", model))
        return len(queries)

    both = list(enumerate([client, staff]))
    before = costs()
    for number in range(5, 10):
        more(lua, number)
    assert costs() == before
    assert max(before.values()) <= 12


def test_a_list_counts_nothing_for_each_choice_of_its_filters(staff: Client) -> None:
    assert {
        named(sheet) for sheet in SHEETS if b"_facets" in staff.get(url("changelist", sheet.model)).content
    } == set()


# Written alike in two of the languages at least.
ALIKE = {"id", "hash", "e-mail", "error"}
ALIKE_CHOICES = {*("WhatsApp", "Telegram", "API", "–"), *("admin", "audio", "bot", "normal", "sticker", "supervisor")}


def test_what_stands_above_a_column_is_said_in_the_readers_language(staff: Client) -> None:
    untold = set()
    for sheet in SHEETS:
        shown = staff.get(url("changelist", sheet.model)).context["cl"].list_display
        columns = [*shown, *(sheet.fields or [])]
        headings = [headings_of(sheet, columns, language) for language in ("en", "pt-br", "es")]
        untold |= {said[0] for said in zip(*headings, strict=True) if said[0] in said[1:]}

    assert {heading for heading in untold if heading.lower() not in ALIKE} == set()


def test_what_a_field_may_be_is_said_in_the_readers_language() -> None:
    fields = [field for sheet in SHEETS for field in sheet.model._meta.get_fields() if getattr(field, "choices", None)]

    untold = set()
    for field in fields:
        with translation.override("en"):
            english = [str(label) for _value, label in field.choices]
        for language in ("pt-br", "es"):
            with translation.override(language):
                told = [str(label) for _value, label in field.choices]
            untold |= {one for one, other in zip(english, told, strict=True) if one == other}

    assert len(fields) > 10
    assert untold - ALIKE_CHOICES == set()


def headings_of(sheet: TenantAdmin[Any], columns: list[Any], language: str) -> list[str]:
    with translation.override(language):
        return [str(label_for_field(column, sheet.model, sheet)) for column in columns if column != "action_checkbox"]


def test_nobody_else_gets_in(client: Client, lua: Company, db: None) -> None:
    stranger = Client().get("/admin/conversations/message/")
    assert stranger.headers["Location"] == "/admin/login/?next=/admin/conversations/message/"
    login = Client().get(stranger.headers["Location"])
    assert login.headers["Location"] == "/login/?next=/admin/conversations/message/"

    agent = logged_in("Lua-agent")
    assert agent.get("/admin/", follow=True).status_code == 403
    assert agent.get(url("changelist", Message), follow=True).status_code == 403


def test_the_way_in_leads_nowhere_else(db: None) -> None:
    response = Client().get("/admin/login/?next=//evil.example/")
    assert response.headers["Location"] == "/login/?next=/admin/"


def test_an_admin_whose_role_sinks_or_whose_session_ends_is_out_at_once(client: Client, lua: Company) -> None:
    assert client.get("/admin/").status_code == 200
    Membership.objects.filter(pk=lua.admin.membership_id).update(role=Role.SUPERVISOR)
    assert client.get("/admin/", follow=True).status_code == 403
    Membership.objects.filter(pk=lua.admin.membership_id).update(role=Role.ADMIN)
    assert client.get("/admin/").status_code == 200

    for session in lua.admin.membership.sessions.all():
        session.revoke()
    assert client.get("/admin/").status_code == 302


def inboxes_of(*companies: Company) -> set[int]:
    return set(Inbox.objects.filter(tenant__in=[made.tenant for made in companies]).values_list("pk", flat=True))


def test_an_admin_of_two_companies_sees_both_and_can_choose(client: Client, lua: Company, mar: Company) -> None:
    Membership.objects.create(tenant=mar.tenant, user=lua.admin.user, role=Role.ADMIN)
    assert rows(client, Inbox) == inboxes_of(lua, mar)
    assert rows(client, Inbox, f"of_tenant={mar.tenant.pk}") == inboxes_of(mar)


def test_being_an_agent_elsewhere_shows_nothing_of_it(client: Client, lua: Company, mar: Company) -> None:
    Membership.objects.create(tenant=mar.tenant, user=lua.admin.user, role=Role.AGENT)
    assert rows(client, Inbox) == inboxes_of(lua)
    assert client.get(url("changelist", Inbox), {"of_tenant": mar.tenant.pk}).status_code == 302


@pytest.mark.parametrize(
    ("model", "lookup"),
    [
        (User, "password__startswith=a"),
        (User, "memberships__tenant__slug=mar"),
        (Inbox, "sealed_secret__startswith=g"),
        (Message, "inbox__sealed_secret__startswith=g"),
        (Message, "content__regex=(a%2B)%2B$"),
        (Conversation, "contact__metadata__x=1"),
    ],
)
def test_a_list_answers_no_other_question_than_its_filters_ask(client: Client, model: Any, lookup: str) -> None:
    assert client.get(f"{url('changelist', model)}?{lookup}").status_code == 400


def test_filters_and_searches_work(client: Client, lua: Company) -> None:
    assert rows(client, Conversation, f"inbox__id__exact={lua.inbox.pk}&status__exact=closed")
    assert rows(client, Message, "q=hears+back&sender_type__exact=agent")
    assert rows(client, AuditRecord, "verb__exact=message_sent")
    assert rows(client, User, "q=lua-agent") == {lua.agent.user_id}
    assert rows(client, Job, "state__exact=dead")


SEARCHED = ("inbox__id__exact", "team__id__exact", "labels__id__exact")


def suggested(browser: Client, field: str, term: str = "", model: str = "conversation") -> list[str]:
    asked = {"app_label": "conversations", "model_name": model, "field_name": field, "term": term}
    return [one["text"] for one in browser.get("/admin/autocomplete/", asked).json()["results"]]


def test_a_companys_admin_chooses_from_a_list_of_theirs_and_the_staff_searches(
    client: Client, staff: Client, lua: Company, mar: Company
) -> None:
    own = client.get(url("changelist", Conversation)).content.decode()
    assert f"?inbox__id__exact={lua.inbox.pk}" in own
    assert "searched-filter" not in own

    everybodys = staff.get(url("changelist", Conversation)).content.decode()
    assert everybodys.count("searched-filter") == len(SEARCHED)
    assert "?inbox__id__exact=" not in everybodys

    asked = f"inbox__id__exact={mar.inbox.pk}&status__exact=closed"
    chosen = staff.get(f"{url('changelist', Conversation)}?{asked}")
    assert f'<option value="{mar.inbox.pk}" selected>Mar-inbox (Mar)</option>' in chosen.content.decode()
    assert '<input type="hidden" name="status__exact" value="closed">' in chosen.content.decode()
    assert {row.inbox_id for row in chosen.context["cl"].queryset} == {mar.inbox.pk}


@pytest.mark.parametrize("value", ["x", "999999999", "1,2", "", "-1", "9" * 30])
def test_a_filter_that_is_asked_for_nonsense_shows_nothing_wrong(staff: Client, value: str) -> None:
    answer = staff.get(url("changelist", Conversation), {"inbox__id__exact": value}, follow=True)
    assert answer.status_code in (200, 400)


def test_what_is_suggested_is_ones_own(client: Client, staff: Client, lua: Company) -> None:
    assert suggested(client, "inbox", "inbox") == ["Lua-inbox"]
    assert suggested(client, "inbox", "Mar") == []
    assert {"Lua-inbox (Lua)", "Mar-inbox (Mar)"} == set(suggested(staff, "inbox", "-inbox"))
    assert suggested(staff, "labels", "Mar") == ["Mar-label (Mar)"]
    assert suggested(client, "team", "Mar") == []
    assert logged_in("Lua-agent").get("/admin/autocomplete/", {"term": "Lua"}).status_code in (302, 403)


# --- what can be done


def test_nothing_is_added_changed_or_deleted_by_forms(client: Client, staff: Client) -> None:
    for sheet in SHEETS:
        pk = min(rows(staff, sheet.model), key=str)
        for browser in [client] if sheet.model is Tenant else [client, staff]:
            assert browser.post(url("add", sheet.model)).status_code == 403
            assert browser.post(url("delete", sheet.model, pk), {"post": "yes"}).status_code in (302, 403)
            assert browser.post(url("change", sheet.model, pk), {"name": "x"}).status_code in (302, 403)
        assert sheet.model._default_manager.filter(pk=pk).exists()


def test_the_history_of_a_thing_is_its_audit(client: Client, lua: Company) -> None:
    conversation = Conversation.objects.filter(tenant=lua.tenant).latest("pk")
    response = client.get(url("history", conversation, conversation.pk), follow=True)

    verbs = {row.verb for row in response.context["cl"].result_list}
    assert {Verb.CONVERSATION_CLOSED, Verb.MESSAGE_SENT} <= verbs
    assert {row.conversation_id for row in response.context["cl"].result_list} == {conversation.pk}


# --- how it comes


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son\w+=|javascript:", re.IGNORECASE
)


def test_pages_keep_to_a_strict_content_security_policy(staff: Client) -> None:
    for name, page in pages(staff, 1):
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert INLINE.findall(page.content.decode()) == [], name


def test_the_front_page_lists_what_one_may_see(client: Client, staff: Client) -> None:
    own, everything = client.get("/admin/").content.decode(), staff.get("/admin/").content.decode()
    assert url("changelist", Conversation) in own
    assert "/admin/jobs/beat/" not in own
    assert "/admin/jobs/beat/" in everything
    assert url("changelist", Stream) in everything


def test_passwords_are_not_changed_here(client: Client) -> None:
    assert client.get("/admin/password_change/").status_code == 404
    assert client.post("/admin/logout/").status_code == 404


def test_a_person_who_logs_out_is_out(client: Client) -> None:
    client.post("/logout/")
    assert client.get("/admin/").status_code == 302


def test_a_member_may_not_pass_as_staff(lua: Company) -> None:
    User.objects.filter(pk=lua.agent.user_id).update(is_staff=True)
    assert logged_in("Lua-agent").get("/admin/", follow=True).status_code == 403
