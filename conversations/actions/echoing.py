"""What the team does beside writing that the provider is to hear of. Runs inside its caller's transaction."""

from __future__ import annotations

from django.core.cache import cache

from conversations.models import Conversation, Message
from conversations.providers import remote_of
from conversations.providers.base import EndsTyping, TakesBack
from jobs import later

# So long after the team reacted, a gateway that tells of a reaction of the phone's means that one.
ECHO_S = 20


def reaction(message: Message, conversation: Conversation) -> None:
    """Have the provider told of the team's reaction to a message that it knows."""
    if message.provider_id and not message.private and remote_of(conversation.inbox):
        cache.set(reacted_key(message), 1, timeout=ECHO_S)
        key = f"react:{message.pk:012}"
        later("conversations.send_reaction", message.tenant_id, message.pk, unique=key, tenant_id=message.tenant_id)


def is_echo(message: Message) -> bool:
    """Whether the team has reacted here only just now, so that a gateway's word of it is our own coming back."""
    return bool(cache.get(reacted_key(message)))


def reacted_key(message: Message) -> str:
    return f"team-reacted:{message.pk}"


def deletion(message: Message, conversation: Conversation) -> None:
    """Have a message that is a tombstone here taken back from the customer's phone too, where the provider can."""
    ours = message.is_public and not message.from_contact
    if message.provider_id and ours and isinstance(remote_of(conversation.inbox), TakesBack):
        later("conversations.take_back", message.tenant_id, message.pk, tenant_id=message.tenant_id)


def read(conversation: Conversation) -> None:
    """Have the customer see that they were read, where the inbox wants it."""
    if remote_of(conversation.inbox) and conversation.inbox.account.config.get("send_read"):
        key = f"read:{conversation.pk:012}"
        later(
            "conversations.tell_read",
            conversation.tenant_id,
            conversation.pk,
            unique=key,
            tenant_id=conversation.tenant_id,
        )


def silence(conversation: Conversation) -> None:
    """Have the customer see that nobody writes any more, where the provider does not let it end by itself."""
    if isinstance(remote_of(conversation.inbox), EndsTyping):
        later("conversations.end_writing", conversation.tenant_id, conversation.pk, tenant_id=conversation.tenant_id)


def typing(conversation: Conversation) -> None:
    """Have the customer see that somebody writes, where the inbox wants it; the provider shows it for 25 seconds."""
    key = f"typing:{conversation.pk:012}"
    given = (conversation.tenant_id, conversation.pk, True)
    later("conversations.tell_read", *given, unique=key, tenant_id=conversation.tenant_id)
