from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        """The book's readers see contacts' names.

        The webhooks' jobs stand beside them; the queue looks for tasks.py in the app itself only.
        """
        from audit import names  # noqa: PLC0415 - models are there only now
        from conversations.models import Contact  # noqa: PLC0415

        names.named_by(Contact.labels)
        import_module("conversations.webhooks.tasks")
        import_module("conversations.webhooks.sessions")
        import_module("conversations.webhooks.phones")
