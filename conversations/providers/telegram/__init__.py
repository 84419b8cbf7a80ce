"""Telegram's Bot API: `reading` what it posts, `contents` of a message, `writing` what we send, `botapi` the calls."""

from conversations.providers.telegram.provider import TelegramProvider

__all__ = ["TelegramProvider"]
