from django.apps import AppConfig


class NioChatConfig(AppConfig):
    name = "niochat"
    verbose_name = "NioChat"
