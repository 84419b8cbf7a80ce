"""JSON Web Tokens: minted by simplejwt, read by a plain PyJWT decode, which costs half as much.

The claims are `sid` (the AuthSession), `tid` (the tenant) and `user_id`, never a role: what somebody may do is read
from the database at every use. One algorithm, local keys; `exp` is required and counts to the second.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import jwt
from django.conf import settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.errors import TokenExpired, TokenInvalid
from accounts.models import AuthSession

LONGEST_TOKEN = 4096
# As many people and programs as one process serves at a time.
KNOWN_TOKENS = 1024
REQUIRED_CLAIMS = ["exp", "iat", "aud", "iss", "jti", "token_type", "sid", "tid", "user_id"]

TokenType = Literal["access", "refresh"]
ACCESS: TokenType = "access"


class Claims(NamedTuple):
    """What a token that has been proved genuine says."""

    token_type: TokenType
    session_id: int
    tenant_id: int
    user_id: int
    jti: str
    expires_at: datetime


class TokenPair(NamedTuple):
    """A fresh access token and the one refresh token of its session."""

    access: str
    refresh: str


def mint(session: AuthSession) -> TokenPair:
    """Tokens for the session as it stands: the refresh token has its `refresh_jti` and ends when it ends."""
    refresh = RefreshToken()
    refresh["sid"] = session.pk
    refresh["tid"] = session.membership.tenant_id
    refresh["user_id"] = session.membership.user_id
    refresh["jti"] = session.refresh_jti
    refresh["exp"] = int(session.expires_at.timestamp())
    return TokenPair(str(refresh.access_token), str(refresh))


def mint_access(session: AuthSession, *, seconds: int) -> str:
    """An access token of another length than usual: for pages that need one at once, and for tests."""
    token = AccessToken()
    token["sid"] = session.pk
    token["tid"] = session.membership.tenant_id
    token["user_id"] = session.membership.user_id
    token["exp"] = int(token.current_time.timestamp()) + seconds
    return str(token)


def read(token: str, *expected: TokenType) -> Claims:
    """The claims of a genuine, unexpired token of an expected type; raises TokenInvalid or TokenExpired."""
    claims = genuine(token, signing_keys())
    if claims.expires_at <= datetime.now(UTC):
        raise TokenExpired
    if claims.token_type not in expected:
        raise TokenInvalid
    return claims


@lru_cache(KNOWN_TOKENS)
def genuine(token: str, keys: tuple[str, ...]) -> Claims:
    """What a token says that one of these keys signed; raises TokenInvalid or TokenExpired.

    It says the same for ever, and a program shows it with every request: the signature is looked at once. Its end, and
    whether its session was revoked, are looked at each time.
    """
    simple = settings.SIMPLE_JWT
    payload = proved(
        token, keys, audience=str(simple["AUDIENCE"]), issuer=str(simple["ISSUER"]), required=REQUIRED_CLAIMS
    )
    try:
        return Claims(
            token_type=payload["token_type"],
            session_id=int(payload["sid"]),
            tenant_id=int(payload["tid"]),
            user_id=int(payload["user_id"]),
            jti=str(payload["jti"]),
            expires_at=datetime.fromtimestamp(payload["exp"], UTC),
        )
    except (TypeError, ValueError, OverflowError) as odd:
        raise TokenInvalid from odd


def signing_keys() -> tuple[str, ...]:
    """What our tokens may be signed with, the one that new ones are first."""
    return settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS


def proved(
    token: str,
    keys: tuple[str, ...],
    *,
    audience: str,
    required: list[str],
    issuer: str | None = None,
    leeway: timedelta = timedelta(0),
) -> dict[str, Any]:
    """What a token says that one of these keys signed; raises TokenInvalid, or TokenExpired past end and `leeway`."""
    if len(token) > LONGEST_TOKEN:
        raise TokenInvalid
    for key in keys:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=["HS256"],
                audience=audience,
                issuer=issuer,
                leeway=leeway,
                # A neighbour's clock may run a second ahead of ours: `iat` is required but not compared.
                options={"require": required, "verify_iat": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError as late:
            raise TokenExpired from late
        except (jwt.InvalidTokenError, ValueError, RecursionError) as bad:
            raise TokenInvalid from bad
    raise TokenInvalid
