from importlib import import_module

from django.apps import AppConfig


class NioChatConfig(AppConfig):
    name = "niochat"
    verbose_name = "NioChat"

    def ready(self) -> None:
        import_module("niochat.checks")
