from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        """The webhooks' jobs stand beside them; the queue looks for tasks.py in the app itself only."""
        import_module("conversations.webhooks.tasks")
