"""Why something could not be done: a code, told in the language of whoever reads it, and the provider's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Self

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# The same sentences stand in the dashboard's `failures.js`; a test compares them.
MESSAGES = {
    "window_closed": _("The customer wrote more than 24 hours ago; send a template."),
    "uncertain": _("It is not certain whether it arrived. Ask before you send it again."),
    "left": _("It may have arrived or not; it was left at that."),
    "undelivered": _("It could not be delivered."),
    "given_up": _("It could not be delivered, after %(attempts)s attempts."),
    "refused": _("The provider did not take it."),
    "undeliverable": _("WhatsApp could not bring it to this customer."),
    "not_allowed": _("The account may not write to this number."),
    "wrong_kind": _("The customer can't be sent messages of this kind."),
    "file": _("The provider did not take the file."),
    "not_understood": _("The provider did not understand the message."),
    "held_back": _("WhatsApp held it back, so that customers do not get too much advertising."),
    "template": _("The template does not fit, or is not approved any more."),
    "blocked": _("The customer has blocked us, or is not there any more."),
    "never_wrote": _("They have not written to the bot yet; only then may it write to them."),
    "address": _("The provider's address is not called; see the inbox's settings."),
}
ACCOUNTS = {
    "unauthorised": _("The provider does not accept our authorisation any more."),
    "account_blocked": _("The provider has blocked the account."),
    "unreachable": _("The provider can't be reached."),
    "throttled": _("The provider takes no more for now."),
    "no_session": _("The gateway knows no such session."),
    "session_failed": _("The session failed; connect it again."),
    "not_started": _("The gateway could not connect the session."),
    "not_connected": _("The phone is not connected."),
    "unscanned": _("Nobody scanned the code in time."),
    "not_set_up": _("No gateway is set up for this inbox."),
    "trouble": _("The provider reports a problem."),
}
# Told in the back office only.
BEHIND = {
    "no_id": _("The provider answered without the message's number."),
    "bad_json": _("What was posted is no valid JSON: broken, not UTF-8, or with a key twice."),
    "bad_message": _("What was posted is no JSON object."),
    "too_deep": _("What was posted is nested too deep."),
    "bad_number": _("What was posted has a number that nobody can read."),
    "bad_text": _("What was posted has characters that can't be stored."),
    "stumbled": _("Our own reader failed; it is tried again by itself."),
    "unread": _("Our own reader failed, however often it tried."),
}
SENTENCES = MESSAGES | ACCOUNTS | BEHIND
PARTLY = _("%(sent)s of its %(count)s parts were sent; sending it again sends the rest.")
SAID = _("%(sentence)s It says: “%(words)s”")
DETAIL_MOST = 250
# What stands in the place of a secret.
HIDDEN = "[…]"


class Reason(str):
    """The reason in English, as programs, logs and records are told it: the provider's words where it gave some.

    `sent` and `count` are how many parts of a long message the customer has, `attempts` how often it was tried.
    """

    __slots__ = ("code", "detail", "values")

    code: str
    detail: str
    values: Mapping[str, int]

    def __new__(cls, code: str, detail: str = "", **values: int) -> Self:
        words = detail or SENTENCES.get(code, "") % values
        reason = super().__new__(cls, f"{PARTLY % values} {words}" if "sent" in values else words)
        reason.code, reason.detail, reason.values = code, str(detail)[:DETAIL_MOST], values
        return reason

    @property
    def parts(self) -> dict[str, Any]:
        """As it is kept, beside the English text."""
        return {"code": self.code, "detail": self.detail, "values": dict(self.values)}

    def without(self, secrets: Sequence[str]) -> Reason:
        """The same without these in the provider's words."""
        words = reduce(lambda left, secret: left.replace(secret, HIDDEN), secrets, self.detail)
        return Reason(self.code, words, **self.values)


def unreachable(error: Exception) -> Reason:
    """A call that ended in this: only its kind may be told, since its words may hold an address with a secret."""
    return Reason("unreachable", type(error).__name__)


def parts_of(error: str) -> dict[str, Any]:
    """What is kept of a reason, that it may be told in any language; nothing of mere words."""
    return error.parts if isinstance(error, Reason) else {}


def translated(error: str, parts: Mapping[str, Any]) -> str:
    """A kept reason in the language that is spoken at this moment; what has no code is told as it was kept."""
    sentence = SENTENCES.get(parts.get("code", ""))
    if sentence is None:
        return error
    values, words = parts.get("values", {}), parts.get("detail", "")
    told = gettext(sentence) % values
    if words:
        told = gettext(SAID) % {"sentence": told, "words": words}
    return f"{gettext(PARTLY) % values} {told}" if "sent" in values else told
