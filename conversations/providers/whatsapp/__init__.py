"""WhatsApp's Cloud API: `reading` what Meta posts, `writing` what we send, `refusals` by code, `graph` the calls."""

from conversations.providers.whatsapp.provider import WhatsAppProvider

__all__ = ["WhatsAppProvider"]
