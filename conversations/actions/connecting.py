"""An inbox and its provider's account: paused when it must be authorised again, and back. Runs inside a transaction."""

from __future__ import annotations

from datetime import datetime

from accounts import clock
from audit.models import Verb
from conversations.actions import steps
from conversations.directory import inbox_told
from conversations.letters import session_status
from conversations.models import Connection, Delivery, Inbox, Message, ProviderAccount
from conversations.providers import gateway_of
from conversations.reasons import parts_of
from jobs import later

LOOK = "conversations.look_at_session"


def pause(story: steps.Story, inbox: Inbox, error: str, *, tell: bool = True) -> bool:
    """Stop sending through an inbox until somebody has authorised it again; whether that is news.

    `tell` says so as a session's status too, for accounts that have no session of a phone.
    """
    moment = clock.now()
    told = {"last_error": error[:300], "last_failure": parts_of(error), "last_error_at": moment}
    ProviderAccount.objects.filter(inbox=inbox).update(**told)
    paused = Inbox.objects.filter(pk=inbox.pk).exclude(connection=Connection.PAUSED)
    if not paused.update(connection=Connection.PAUSED):
        return False
    inbox.connection = Connection.PAUSED
    story.say(inbox_told(inbox))
    if tell:
        tell_session(story, inbox, ProviderAccount.Session.DISCONNECTED, moment)
        look_at_phone(inbox)
    story.note(Verb.INBOX_PAUSED, inbox, name=inbox.name, error=error[:300])
    return True


def connect(story: steps.Story, inbox: Inbox, *, tell: bool = True) -> bool:
    """Send through the inbox from now on, what waits first; whether that is news."""
    if inbox.connection == Connection.CONNECTED:
        return False
    resumed = inbox.connection == Connection.PAUSED
    inbox.connection = Connection.CONNECTED
    inbox.save(update_fields=["connection"])
    waiting = Message.objects.filter(inbox=inbox, status=Delivery.PENDING, private=False, deleted_at__isnull=True)
    for message in sorted(waiting, key=steps.delivery_key):
        steps.queue_delivery(message)
    story.say(inbox_told(inbox))
    if tell:
        tell_session(story, inbox, ProviderAccount.Session.CONNECTED, clock.now())
    if resumed:
        story.note(Verb.INBOX_RESUMED, inbox, name=inbox.name)
    return True


def look_at_phone(inbox: Inbox) -> None:
    """Where a phone's gateway refused, have it asked how the session stands: it may be back before anybody comes."""
    if gateway_of(inbox):
        key = f"look_at_session:{inbox.pk:012}"
        later(LOOK, inbox.tenant_id, inbox.pk, unique=key, tenant_id=inbox.tenant_id)


def tell_session(story: steps.Story, inbox: Inbox, state: ProviderAccount.Session, moment: datetime) -> None:
    """Tell how an account without a phone stands, and keep what was told: a fresh page is shown the same."""
    ProviderAccount.objects.filter(inbox=inbox).update(session=state, session_at=moment)
    story.say(session_status(inbox, state, moment))
