"""Who is writing: shown to the other side at once, kept nowhere."""

from __future__ import annotations

from datetime import timedelta

from django.core.cache import cache

from accounts import clock
from accounts.actor import Actor, Role
from conversations.actions import await_silence, listen, show_writing
from conversations.letters import contact_stream, team_stream
from conversations.models import Conversation, Inbox
from conversations.providers import remote_of
from conversations.providers.base import EndsTyping, HearsTyping, ShowsTyping
from realtime import events, streams
from realtime.transient import transient
from realtime.typing import SharedBook

PREVIEW_CHARACTERS = 500
PROVIDER_SHOWS_S = 20
HEARD_S = 3600
book = SharedBook()


def typing_by_request(actor: Actor, conversation: Conversation, *, is_typing: bool, private: bool = False) -> None:
    """What a socket does with `typing`, for a program without one: passed on at most once in 2 s, and taken back by a
    job 10 s after the last sign, since no socket's end tells.
    """
    key = book_key(actor, conversation)
    if not (book.starts(key) if is_typing else book.stops(key)):
        return
    show_typing(actor, conversation, is_typing=is_typing, private=private)
    if is_typing:
        look_again(actor, conversation, private=private, seconds=book.quiet_in(key))


def end_typing(actor: Actor, conversation: Conversation, *, private: bool) -> None:
    """Take back what went quiet; while there are still signs of it, look again later."""
    key = book_key(actor, conversation)
    if (seconds := book.quiet_in(key)) > 0:
        look_again(actor, conversation, private=private, seconds=seconds)
    elif book.stops(key):
        show_typing(actor, conversation, is_typing=False, private=private)


def book_key(actor: Actor, conversation: Conversation) -> str:
    return f"{actor.tenant_id}:{actor.key}:{conversation.pk}"


def look_again(actor: Actor, conversation: Conversation, *, private: bool, seconds: float) -> None:
    await_silence(actor, conversation.pk, private=private, moment=clock.now() + timedelta(seconds=seconds))


def show_typing(
    actor: Actor, conversation: Conversation, *, is_typing: bool, preview: str = "", private: bool = False
) -> None:
    """Show that the actor writes, or stopped. Needs the conversation's inbox.

    A customer's typing goes to everyone who may see the conversation, with the unsent text where the inbox wants it. A
    colleague's goes to the others who have joined the conversation, to none of their own sockets, and, unless it is a
    note, to the customer by name.
    """
    event = events.Typing(
        conversation_id=conversation.pk,
        user_id=actor.user_id,
        contact_id=actor.contact_id,
        is_typing=is_typing,
        preview=preview[:PREVIEW_CHARACTERS] if is_typing and preview and conversation.inbox.show_preview else None,
    )
    if actor.role is Role.CONTACT:
        transient(team_stream(conversation), event)
        return
    transient(streams.room(conversation.tenant_id, conversation.pk), event, by=actor.user_id)
    if not private:
        agent = events.Person(id=None, name=actor.name, avatar_url=actor.avatar_url)
        told = events.WidgetTyping(conversation_id=conversation.pk, is_typing=is_typing, agent=agent)
        transient(contact_stream(conversation), told)
        if conversation.inbox.connection:
            tell_provider(actor, conversation, is_typing=is_typing)


def tell_provider(actor: Actor, conversation: Conversation, *, is_typing: bool) -> None:
    """Have the customer's phone show it too, once in a while: most providers let it end by themselves, and all with the
    next message.
    """
    provider = remote_of(conversation.inbox)
    if provider is None:
        return
    shown_s = provider.typing_s if isinstance(provider, ShowsTyping) else PROVIDER_SHOWS_S
    key, standing = f"typing-told:{conversation.pk}", str(conversation.last_message_id)
    if is_typing and cache.get(key) != standing:
        cache.set(key, standing, timeout=shown_s)
        show_writing(actor, conversation.pk)
    elif not is_typing and isinstance(provider, EndsTyping) and cache.delete(key):
        show_writing(actor, conversation.pk, is_typing=False)


def hear_typing(actor: Actor, inbox: Inbox, contact_id: int) -> None:
    """Have the provider tell that this customer writes, where the inbox wants to hear it: asked once an hour, and anew
    for each session of the phone. Needs the inbox's account.
    """
    if not inbox.account.config.get("hear_typing") or not isinstance(remote_of(inbox), HearsTyping):
        return
    key, standing = f"listened:{inbox.pk}:{contact_id}", str(inbox.account.session_at)
    if cache.get(key) != standing:
        cache.set(key, standing, timeout=HEARD_S)
        listen(actor, inbox.pk, contact_id)
