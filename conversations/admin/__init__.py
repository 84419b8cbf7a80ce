"""The trade in the back office: customers, what is written, how it was rated; read, and a few acts by buttons."""

from conversations.admin import conversations, customers, inboxes, organising

__all__ = ["conversations", "customers", "inboxes", "organising"]
