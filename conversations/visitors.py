"""Visitors: who stands behind a widget's token.

A token says by which name an inbox knows the visitor: one that we made up, or one that the site's server vouched for.
Most visitors never write, so a token alone makes no row: the contact is looked up by that name at each use, and made
when the first message comes. What a nameless visitor told of themselves before that travels in the token.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from django.conf import settings
from django.utils.translation import gettext_noop as _

from accounts import clock
from accounts.actor import Actor, Origin, Role
from accounts.errors import Forbidden, TokenInvalid
from accounts.tokens import proved, signing_keys
from conversations.models import Contact, Inbox

AUDIENCE = "niochat.widget"
LIVES = timedelta(days=30)
# A token that ran out may still be exchanged for a new one: who comes back after a holiday finds the conversation.
RENEWABLE_FOR = timedelta(days=335)
CLAIMS = ["exp", "iat", "aud", "sub", "key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at a widget; `contact` is None until they have written."""

    inbox: Inbox
    identifier: str
    verified: bool = False
    name: str = ""
    email: str = ""
    contact: Contact | None = None
    expires_at: datetime | None = None

    def actor(self, *, ip: str = "") -> Actor:
        """The customer as actions know them; before the first message one who may see nothing."""
        return Actor(
            tenant_id=self.inbox.tenant_id,
            role=Role.CONTACT,
            origin=Origin.WIDGET,
            contact_id=self.contact.pk if self.contact else None,
            inbox_id=self.inbox.pk,
            name=self.contact.label if self.contact else self.name,
            ip=ip,
            visitor_key=self.upload_key,
            expires_at=self.expires_at,
        )

    @property
    def upload_key(self) -> str:
        """Under which key this visitor's files wait for their message; the same before and after there is a contact."""
        return "v" + hashlib.sha256(f"{self.inbox.pk}:{self.identifier}".encode()).hexdigest()[:40]

    def again(self) -> Visitor:
        """The same visitor as the inbox knows them now."""
        return replace(self, contact=Contact.known_as(self.inbox.pk, self.identifier))

    @property
    def shown_name(self) -> str:
        return self.contact.name if self.contact else self.name

    @property
    def shown_email(self) -> str:
        return self.contact.email if self.contact else self.email


def stranger(inbox: Inbox) -> Visitor:
    """Somebody new, under a name of 128 random bits."""
    return Visitor(inbox=inbox, identifier=f"v:{secrets.token_hex(16)}")


def mint(visitor: Visitor) -> str:
    """The visitor's token: signed, for this inbox and this name only."""
    now = clock.now()
    claims = {
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + LIVES,
        "key": visitor.inbox.token,
        "sub": visitor.identifier,
        "verified": visitor.verified,
        "name": visitor.name,
        "email": visitor.email,
    }
    return jwt.encode(claims, settings.SECRET_KEY, algorithm="HS256")


def resolve(token: str, inbox: Inbox | None = None, *, renewing: bool = False) -> Visitor:
    """The visitor that a token names. With `renewing`, one that ran out within the last months is good enough.

    Raises TokenInvalid, TokenExpired, and Forbidden where the token is another inbox's than the one given.
    """
    leeway = RENEWABLE_FOR if renewing else timedelta(0)
    claims = proved(token, signing_keys(), audience=AUDIENCE, required=CLAIMS, leeway=leeway)
    if inbox is None:
        inbox = inbox_of(claims)
    elif claims["key"] != inbox.token:
        raise Forbidden(_("This token belongs to another inbox."))
    return Visitor(
        inbox=inbox,
        identifier=claims["sub"],
        verified=claims.get("verified") is True,
        name=str(claims.get("name", "")),
        email=str(claims.get("email", "")),
        contact=Contact.known_as(inbox.pk, claims["sub"]),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def inbox_of(claims: dict[str, Any]) -> Inbox:
    """The inbox that a token was made for, while it and its tenant are active."""
    try:
        return Inbox.embedded(claims["key"])
    except Inbox.DoesNotExist:
        raise TokenInvalid from None
