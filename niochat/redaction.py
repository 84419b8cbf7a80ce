"""What a secret looks like in a line of text, and how a control character is written so that it does no harm."""

from __future__ import annotations

import re

REDACTED = "[redacted]"
SECRET_NAMES = (
    "authorization",
    "cookie",
    "password",
    "passwd",
    "secret",
    "token",
    "access",
    "refresh",
    "api_key",
    "apikey",
    "sessionid",
    "niochat_session",
    "identifier_hash",
)
NAMES = "|".join(SECRET_NAMES)
PATTERNS = [
    # Any JSON Web Token, any client key, wherever they stand.
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), REDACTED),
    (re.compile(r"\b(?:nk|nis)_[\w-]+"), REDACTED),
    # A provider's own: a bot's token, in an address or by itself, and one of Meta's.
    (re.compile(r"\d{6,12}:[\w-]{30,}"), REDACTED),
    (re.compile(r"\bEAA[A-Za-z0-9]{20,}"), REDACTED),
    (re.compile(r"(?i)\b((?:bearer|token|basic)[ .])[\w.~+/=-]{8,}"), rf"\1{REDACTED}"),
    # name=value, "name": "value", name: value; a cookie header whole.
    (re.compile(r"(?i)((?:set-)?cookie['\"]?\s*[:=]\s*)[^\r\n]+"), rf"\1{REDACTED}"),
    (
        re.compile(rf"(?i)([\w-]*(?:{NAMES})[\w-]*['\"]?\s*[:=]\s*['\"]?)(?!\[redacted)[^\s'\"&,;}})]+"),
        rf"\1{REDACTED}",
    ),
    # Links whose last part is the key to what they show.
    (re.compile(r"(/(?:s|files|photos|invitation|password|surveys|webhooks/[\w-]+)/)[^/?\s'\"]{8,}"), rf"\1{REDACTED}"),
]
# C0, DEL and C1 controls, line separators, and the marks that reorder what a reader sees.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def hides(name: str) -> bool:
    """Whether a field of this name is never shown."""
    return name.lower() in SECRET_NAMES or name.lower().endswith(("_token", "_secret", "_password", "_key"))


def redact(text: str) -> str:
    """`text` with everything in it that looks like a secret replaced."""
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def escape(text: str) -> str:
    """`text` with its control characters written as `\\xNN` or `\\uNNNN`, so that one event stays one line."""
    return CONTROL.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - two digits' worth
