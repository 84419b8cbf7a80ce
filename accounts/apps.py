from django.apps import AppConfig
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from accounts.converters import IdConverter


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Teach every URL map what an id is, whichever app's is read first."""
        register_converter(IdConverter, "id")
