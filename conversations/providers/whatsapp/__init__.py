"""WhatsApp's Cloud API: `reading` what Meta posts, `writing` what we send, `refusals` by code, `graph` the calls."""

from conversations.providers.whatsapp.provider import MEDIA_HOSTS, WhatsAppProvider

__all__ = ["MEDIA_HOSTS", "WhatsAppProvider"]
