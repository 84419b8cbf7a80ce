"""Who may do what: the whole table, held against the URL map and tried on every route.

A route that is not in the table fails the first test; add its line, with the permission that its view declares.
"""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from accounts import keys
from accounts.actor import Role
from accounts.models import ClientKey, Tenant
from accounts.permissions import GRANTS
from tests.routes import API, METHODS, api_routes, filled, routes
from tests.world import Person, bearer, member

TABLE = """
    GET     schema                                       public
    GET     docs                                         public
    GET     asyncapi                                     public
    GET     realtime/stats                               realtime.stats
    POST    auth/token                                   public
    POST    auth/token/refresh                           public
    POST    auth/token/verify                            public
    POST    auth/invitation                              public
    POST    auth/logout                                  session.own
    GET     auth/me                                      session.own
    PATCH   auth/me                                      session.own
    POST    auth/password                                session.own
    POST    auth/password/forgotten                      public
    POST    auth/password/reset                          public
    GET     sessions                                     session.own
    DELETE  sessions/{session_id}                        session.own

    GET     users                                        user.read
    GET     users/{user_id}                              user.read
    POST    users                                        user.manage
    PATCH   users/{user_id}                              user.manage
    DELETE  users/{user_id}                              user.manage
    GET     keys                                         key.manage
    POST    keys                                         key.manage
    DELETE  keys/{key_id}                                key.manage

    GET     conversations                                conversation.read
    POST    conversations                                conversation.create
    GET     conversations/{conversation_id}              conversation.read
    PATCH   conversations/{conversation_id}              conversation.update
    POST    conversations/{conversation_id}/assign       conversation.assign
    POST    conversations/{conversation_id}/transfer     conversation.transfer
    POST    conversations/{conversation_id}/snooze       conversation.update
    POST    conversations/{conversation_id}/close        conversation.update
    POST    conversations/{conversation_id}/reopen       conversation.update
    POST    conversations/{conversation_id}/read         conversation.read
    PATCH   conversations/{conversation_id}/read         conversation.read
    POST    conversations/{conversation_id}/typing       conversation.reply
    POST    conversations/{conversation_id}/survey       survey.send
    GET     conversations/{conversation_id}/messages     conversation.read
    POST    conversations/{conversation_id}/messages     conversation.reply
    POST    conversations/{conversation_id}/attachments  conversation.reply
    DELETE  messages/{message_id}                        message.delete
    POST    messages/{message_id}/leave                  conversation.reply
    POST    messages/{message_id}/retry                  conversation.reply
    PUT     messages/{message_id}/reactions              message.react
    DELETE  messages/{message_id}/reactions              message.react
    GET     attachments/{attachment_id}                  conversation.read
    GET     attachments/{attachment_id}/file             conversation.read

    GET     contacts                                     contact.read
    POST    contacts                                     contact.write
    GET     contacts/{contact_id}                        contact.read
    PATCH   contacts/{contact_id}                        contact.write

    GET     inboxes                                      inbox.read
    POST    inboxes                                      inbox.manage
    GET     inboxes/{inbox_id}                           inbox.read
    PATCH   inboxes/{inbox_id}                           inbox.manage
    DELETE  inboxes/{inbox_id}                           inbox.manage
    POST    inboxes/{inbox_id}/secret                    inbox.manage
    POST    inboxes/{inbox_id}/inbound                   public
    GET     inboxes/{inbox_id}/account                   inbox.manage
    PATCH   inboxes/{inbox_id}/account                   inbox.manage
    POST    inboxes/{inbox_id}/account                   inbox.manage
    POST    inboxes/{inbox_id}/account/webhook           inbox.manage
    GET     inboxes/{inbox_id}/session                   inbox.manage
    POST    inboxes/{inbox_id}/session                   inbox.manage
    DELETE  inboxes/{inbox_id}/session                   inbox.manage
    POST    inboxes/{inbox_id}/session/restart           inbox.manage
    GET     inboxes/{inbox_id}/templates                 conversation.read
    GET     teams                                        team.read
    POST    teams                                        team.manage
    GET     teams/{team_id}                              team.read
    PATCH   teams/{team_id}                              team.manage
    DELETE  teams/{team_id}                              team.manage
    GET     labels                                       label.read
    POST    labels                                       label.manage
    GET     labels/{label_id}                            label.read
    PATCH   labels/{label_id}                            label.manage
    DELETE  labels/{label_id}                            label.manage

    GET     csat                                         csat.read
    GET     csat/summary                                 csat.read
    GET     surveys/{token}                              public
    POST    surveys/{token}                              public
    GET     widget/{key}                                 public
    POST    widget/{key}/sessions                        public
    GET     widget/{key}/snapshot                        public
    GET     widget/{key}/messages                        public
    POST    widget/{key}/attachments                     public
    GET     widget/{key}/attachments/{attachment_id}/file public

    GET     audit                                        audit.read
    GET     audit/export                                 audit.export
    GET     snapshot                                     snapshot.read
    GET     dashboard/metrics                            metrics.read
    GET     dashboard/series                             metrics.read
"""
# What is not REST: who gets in without logging in. `members` are sent to the login page, `token` is reached by a secret
# in the path alone, `socket` is no page.
PAGES = """
    health                  everybody
    health/ready            everybody
    metrics                 everybody
    jsi18n/                 everybody
    jsi18n.json             everybody
    login/                  everybody
    login/tenant/           members
    logout/                 post
    language/               post
    invitation/{token}/     token
    password/               everybody
    password/{token}/       token
    /                       members
    c/{conversation_id}/    members
    live/                   members
    contacts/               members
    contacts/{contact_id}/  members
    settings/               members
    settings/{section}/     members
    files/{token}           token
    photos/{token}          token
    s/{token}/              token
    widget.js               everybody
    demo/shop/              token
    demo/phone/             token
    webhooks/{provider}/{token}  token
    ws/dashboard            socket
    ws/widget               socket
    ws                      socket
    api/v1/conversations/ws socket
    (?:api|webhooks)(?:/.*)?$  nothing
"""
ROWS = [tuple(line.split()) for line in TABLE.splitlines() if line.strip()]
PAGE_ROWS = [(path.removeprefix("/"), who) for path, who in map(str.split, filter(str.strip, PAGES.splitlines()))]
GUARDED = [row for row in ROWS if row[2] != "public"]
IDS = [f"{method} {path}" for method, path, _ in GUARDED]
RANKED = [Role.AGENT, Role.SUPERVISOR, Role.ADMIN]
ANSWERED_WITHOUT = {
    "everybody": {200, 503},
    "members": {302},
    "post": {405},
    "token": {404},
    "socket": {426},
    "nothing": {404},
}


def call(client: APIClient, method: str, path: str) -> Any:
    return getattr(client, method.lower())(filled(API + path), {} if method in ("POST", "PUT", "PATCH") else None)


def test_every_route_stands_in_the_table_with_the_permission_that_its_view_declares():
    found = {
        (method, route.path, route.permissions.get(method, "public" if route.path in ("schema", "docs") else "missing"))
        for route in api_routes()
        for method in route.methods
    }

    assert found - set(ROWS) == set(), "these routes are missing from the table, or say something else there"
    assert set(ROWS) - found == set(), "these lines of the table have no route"


def test_every_permission_is_one_of_the_house():
    assert {permission for _, _, permission in GUARDED} <= set(GRANTS)


def test_a_view_declares_nothing_that_it_does_not_answer():
    assert [route.path for route in api_routes() if set(route.permissions) - set(route.methods)] == []


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "permission"), GUARDED, ids=IDS)
def test_without_credentials_it_is_401(method, path, permission):
    answer = call(APIClient(), method, path)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize(("method", "path", "permission"), GUARDED, ids=IDS)
def test_the_least_role_that_has_the_permission_gets_in(aurora, method, path, permission):
    role = next(role for role in RANKED if role in GRANTS[permission])

    answer = call(member(aurora, "has", role).client(), method, path)

    assert answer.status_code not in (401, 403, 405)
    assert answer.status_code < 500


@pytest.mark.parametrize(("method", "path", "permission"), GUARDED, ids=IDS)
def test_who_has_not_the_permission_is_forbidden(aurora, method, path, permission):
    answer = call(without(aurora, permission), method, path)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "forbidden")


def without(tenant: Tenant, permission: str) -> APIClient:
    """Whoever has the most rights without this one: the highest role lacking it, else a key with all other scopes."""
    lacking = [role for role in RANKED if role not in GRANTS[permission]]
    if lacking:
        return member(tenant, "lacks", lacking[-1]).client()
    fresh = keys.make_key()
    ClientKey.objects.create(
        membership=member(tenant, "lacks", Role.ADMIN).membership,
        prefix=fresh.prefix,
        secret_hash=fresh.secret_hash,
        scopes=sorted(set(GRANTS) - {permission}),
    )
    return bearer(fresh.text)


def test_a_method_that_a_route_does_not_have_is_405(davi: Person):
    client = davi.client()

    for route in api_routes():
        for method in set(METHODS) - set(route.methods):
            assert call(client, method, route.path).status_code == 405, (method, route.path)


def test_options_tells_anybody_the_methods_and_nothing_else():
    for route in api_routes():
        # The widget's are for the sites that an inbox lists, and the documentation's page is a page.
        if "{key}" not in route.path and route.path != "docs":
            answer = APIClient().options(filled(API + route.path))

            assert answer.status_code in (200, 204), route.path
            assert set(route.methods) <= set(answer.headers["Allow"].split(", ")), route.path
            assert answer.content.strip() in (b"{}", b""), route.path


def test_the_documentation_is_to_be_read_only():
    assert APIClient().options("/api/v1/docs").status_code == 405


class Undeclared(APIView):
    def get(self, request: Request) -> Response:
        return Response("in")


def test_a_view_that_declares_nothing_lets_nobody_in(davi: Person):
    request = APIRequestFactory().get("/", headers={"Authorization": f"Bearer {davi.token()}"})

    assert Undeclared.as_view()(request).status_code == 403


def test_every_page_stands_in_its_table():
    assert {route.path for route in routes() if not route.is_rest} == {path for path, _ in PAGE_ROWS}


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "who"), PAGE_ROWS, ids=[path for path, _ in PAGE_ROWS])
def test_a_page_opens_without_login_for_those_whom_it_is_for(client, path, who):
    assert client.get(filled(path)).status_code in ANSWERED_WITHOUT[who]
