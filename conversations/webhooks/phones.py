"""The jobs that only some providers can do: fetch a customer's photo, tell that they write, take a message back."""

from __future__ import annotations

from accounts.actor import Actor
from conversations import actions
from conversations.models import ContactIdentity, Message
from conversations.photos import drawn
from conversations.providers import remote_of
from conversations.providers.base import HearsTyping, TakesBack
from conversations.webhooks.sessions import at_gateway
from conversations.webhooks.tasks import repeat_later
from jobs import task


@task("conversations.fetch_photo", attempts=3)
def fetch_photo(tenant_id: int, inbox_id: int, contact_id: int) -> None:
    """Fetch and keep a customer's photo; who shows none has none."""
    address = ContactIdentity.address_of(inbox_id, contact_id)
    found = at_gateway(tenant_id, inbox_id)
    if found is None or not address:
        return
    inbox, gateway = found
    fetched = gateway.photo(inbox, address)
    if fetched and (picture := drawn(fetched.content)):
        actions.keep_photo(Actor.system(tenant_id), contact_id, picture)


@task("conversations.listen", attempts=2)
def listen(tenant_id: int, inbox_id: int, contact_id: int) -> None:
    """Have the gateway tell that a customer writes."""
    address, found = ContactIdentity.address_of(inbox_id, contact_id), at_gateway(tenant_id, inbox_id)
    if found is None or not address:
        return
    inbox, gateway = found
    if isinstance(gateway, HearsTyping):
        repeat_later(gateway.listen(inbox, address))


@task("conversations.take_back", attempts=5)
def take_back(tenant_id: int, message_id: int) -> None:
    """Delete a message for everyone, on the customer's phone too."""
    message = Message.taken_back(Actor.system(tenant_id), message_id)
    provider = remote_of(message.inbox) if message else None
    if message is None or provider is None or not isinstance(provider, TakesBack):
        return
    address = ContactIdentity.address_of(message.inbox_id, message.conversation.contact_id)
    repeat_later(provider.delete(message.inbox, message, address or message.conversation.contact.phone_key.lstrip("+")))
