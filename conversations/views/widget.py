"""The widget's REST: what it looks like, who the visitor is, their history and files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.door import client_ip
from accounts.permissions_drf import PUBLIC
from accounts.rates import count
from conversations import actions
from conversations.errors import IdentityInvalid
from conversations.hours import opening
from conversations.models import Contact, Inbox
from conversations.serializers import SessionInput
from conversations.shapes import HoursData, WidgetConfig, WidgetContact, WidgetSession
from conversations.views.asking import given
from conversations.views.documents import WidgetConfigAnswer, WidgetSessionAnswer
from conversations.views.embedding import Embedded, key_in_path, team_data
from conversations.visitors import Visitor, mint, resolve, stranger

DEFAULT_ACCENT = "#006b86"
SESSIONS_A_MINUTE = 60


class ConfigView(Embedded):
    permissions = {"GET": PUBLIC}

    @extend_schema(parameters=[key_in_path], auth=[], responses=WidgetConfigAnswer)
    def get(self, request: Request, key: str) -> Response:
        """How the widget looks and speaks, and who is there to answer."""
        return Response(config_data(self.inbox).model_dump(mode="json"), headers={"Cache-Control": "no-cache"})


def config_data(inbox: Inbox) -> WidgetConfig:
    """What the inbox's settings say, with something sensible where they say nothing."""
    said: dict[str, Any] = inbox.settings
    hours = opening(said.get("hours"), clock.now(), inbox.tenant.timezone)
    return WidgetConfig(
        title=str(said.get("title") or inbox.tenant.name),
        greeting=str(said.get("greeting") or ""),
        offline=str(said.get("offline") or ""),
        accent=str(said.get("accent") or DEFAULT_ACCENT),
        language=str(said.get("language") or inbox.tenant.language),
        languages=list(said.get("languages") or (code for code, _name in settings.LANGUAGES)),
        **team_data(inbox),
        hours=HoursData(open=hours.open, opens_at=hours.opens_at),
        preview=inbox.show_preview,
        max_attachment_bytes=settings.ATTACHMENT_MAX_BYTES,
    )


class SessionsView(Embedded):
    permissions = {"POST": PUBLIC}

    @extend_schema(parameters=[key_in_path], request=SessionInput, auth=[], responses=WidgetSessionAnswer)
    def post(self, request: Request, key: str) -> Response:
        """A token: for somebody new, for the bearer of an older one, or for whom the site's server vouches."""
        ip = client_ip(request)
        count("widget-session", ip, most=SESSIONS_A_MINUTE, seconds=60)
        visitor = introduced(self.inbox, self.visitor(request, renewing=True), given(SessionInput, request), ip)
        token = mint(visitor)
        # Read back: so the answer says of the visitor what their next request will.
        return Response(session_data(resolve(token, self.inbox), token).model_dump(mode="json"))


def introduced(inbox: Inbox, known: Visitor | None, said: dict[str, str], ip: str) -> Visitor:
    """The visitor after what they, or the site for them, said. Raises IdentityInvalid."""
    identifier, signature = said.pop("identifier", ""), said.pop("identifier_hash", "")
    visitor = known or stranger(inbox)
    if identifier or signature:
        if not (identifier and inbox.signs(identifier, signature)):
            raise IdentityInvalid
        visitor = vouched_for(visitor, identifier, ip)
    profile = {name: value for name, value in said.items() if value}
    if visitor.contact and profile:
        actions.update_contact(visitor.actor(ip=ip), visitor.contact.pk, **profile)
    return replace(visitor, name=profile.get("name", visitor.name), email=profile.get("email", visitor.email))


def vouched_for(visitor: Visitor, identifier: str, ip: str) -> Visitor:
    """The same person under the name that the site knows them by; a nameless visitor's conversation goes along."""
    if visitor.verified and visitor.identifier != identifier:
        visitor = stranger(visitor.inbox)
    elif visitor.contact and not visitor.verified:
        actions.identify(visitor.actor(ip=ip), visitor.inbox.pk, identifier)
    contact = Contact.known_as(visitor.inbox.pk, identifier)
    return replace(visitor, identifier=identifier, verified=True, contact=contact)


def session_data(visitor: Visitor, token: str) -> WidgetSession:
    """A session as the widget keeps it."""
    contact = WidgetContact(
        id=visitor.contact.pk if visitor.contact else None,
        name=visitor.shown_name,
        email=visitor.shown_email,
        verified=visitor.verified,
    )
    return WidgetSession(token=token, expires_at=visitor.expires_at or clock.now(), contact=contact)
