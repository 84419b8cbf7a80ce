"""Meta's error codes: what each means for the message, and for the account. We act on the code, never on the title."""

from __future__ import annotations

from typing import Any

from conversations.models import Delivery
from conversations.providers.base import Outcome, Verdict
from conversations.providers.reading import object_of, text_of
from conversations.reasons import Reason

WINDOW_CLOSED = 131047
THROTTLED = {4, 80007, 130429, 131056, 131048, 133016}
PASSING = {1, 2, 131000, 131016}
AUTH = {0, 3, 10, 190, 131005, *range(200, 300)}
BLOCKED = {368, 131031, 130497}
# At most so often to one person: about one message in six seconds.
PAIR_RATE = 131056
PAIR_WAIT_S = 6.0


# What they mean for people, where that is more than a refusal.
NAMES = {
    WINDOW_CLOSED: "window_closed",
    131026: "undeliverable",
    131030: "not_allowed",
    131051: "wrong_kind",
    131052: "file",
    131053: "file",
    100: "not_understood",
    131008: "not_understood",
    131009: "not_understood",
    130472: "held_back",
    131049: "held_back",
    132068: "template",
    132069: "template",
}
TEMPLATE_CODES = range(132_000, 132_017)


def explained(error: dict[str, Any]) -> tuple[int, Reason]:
    """An error's code, and its reason in Meta's words with the code: the details say more than the title."""
    code = error.get("code")
    number = code if isinstance(code, int) else 0
    details = text_of(object_of(error.get("error_data")).get("details"), 250)
    words = details or text_of(error.get("message"), 250) or text_of(error.get("title"), 250)
    return number, Reason(name_of(number), f"{words} ({number})" if words else f"WhatsApp: {number}")


def name_of(code: int) -> str:
    if code in BLOCKED:
        return "account_blocked"
    if code in AUTH:
        return "unauthorised"
    if code in TEMPLATE_CODES:
        return "template"
    return NAMES.get(code) or ("throttled" if code in THROTTLED else "refused")


def verdict_of(code: int) -> Verdict:
    """What to do after a refusal with this code."""
    if code in THROTTLED:
        return Verdict.THROTTLED
    if code in PASSING:
        return Verdict.RETRY
    return Verdict.AUTH if code in AUTH or code in BLOCKED else Verdict.PERMANENT


def refused(error: dict[str, Any], retry_after: float | None = None) -> Outcome:
    """The outcome of a call that was answered by this error."""
    code, reason = explained(error)
    verdict = verdict_of(code)
    wait = retry_after or (PAIR_WAIT_S if code == PAIR_RATE else None)
    status = Delivery.FAILED if verdict is Verdict.PERMANENT else Delivery.PENDING
    return Outcome(status, error=reason, verdict=verdict, retry_after=wait, closes_window=code == WINDOW_CLOSED)
