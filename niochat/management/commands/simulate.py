"""Play a provider on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from niochat.simulators.gateway import Gateway
from niochat.simulators.gateway_http import GatewayServer
from niochat.simulators.http import MOODS, Server
from niochat.simulators.speech import evolution, waha
from niochat.simulators.telegram import Telegram
from niochat.simulators.telegram_http import TelegramServer
from niochat.simulators.whatsapp import Simulator


def whatsapp(options: Mapping[str, Any]) -> Server:
    if not options["webhook"]:
        raise CommandError("Say by --webhook where to post.")
    names = ("access_token", "app_secret", "phone_number_id", "waba_id")
    world = Simulator(options["webhook"], **{name: options[name] for name in names})
    return Server(world, options["port"])


def telegram(options: Mapping[str, Any]) -> TelegramServer:
    return TelegramServer(Telegram(options["bot_token"], webhook=options["webhook"]), options["port"])


def gateway(options: Mapping[str, Any]) -> GatewayServer:
    world = Gateway(SPEECH[options["speaking"]], api_key=options["api_key"], qr_s=options["qr_seconds"])
    return GatewayServer(world, options["port"])


SPEECH: dict[str, Any] = {"evolution": evolution, "waha": waha}
PROVIDERS: dict[str, Callable[[Mapping[str, Any]], Server | TelegramServer | GatewayServer]] = {
    "whatsapp": whatsapp,
    "telegram": telegram,
    "gateway": gateway,
}
SETTINGS = {"whatsapp": "graph_url", "telegram": "api_url", "gateway": "base_url"}


class Command(BaseCommand):
    help = (
        "Plays a provider on loopback, until Ctrl-C: it checks what is sent to it, signs what it posts, and misbehaves "
        f"on command (POST /_sim/behave; answers: {', '.join(MOODS)}, timeout, taken_but_silent)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=list(PROVIDERS), help="whom to play")
        parser.add_argument("--port", type=int, default=8099, help="port to listen on (default: 8099)")
        parser.add_argument(
            "--webhook",
            default="",
            help="where to post: the inbox's webhook address; Telegram is told it by setWebhook",
        )
        parser.add_argument("--bot-token", default="1000000001:simulated-token-of-a-bot", help="Telegram's bot")
        parser.add_argument("--access-token", default="simulated-token", help="what it wants to be sent as Bearer")
        parser.add_argument("--app-secret", default="simulated-secret", help="what it signs with")
        parser.add_argument("--phone-number-id", default="100000000000001")
        parser.add_argument("--speaking", choices=list(SPEECH), default="evolution", help="a gateway's language")
        parser.add_argument("--api-key", default="simulated-key", help="what a gateway wants as its key")
        parser.add_argument("--qr-seconds", type=float, default=20.0, help="how long a gateway's code lives")
        parser.add_argument("--waba-id", default="200000000000002")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("A simulated provider belongs on a developer's machine: set DEBUG=1.")
        try:
            server = PROVIDERS[options["provider"]](options).start()
        except OSError as error:
            raise CommandError(f"Port {options['port']} is in use.") from error
        setting = SETTINGS[options["provider"]]
        self.stdout.write(f"{options['provider']} is simulated at {server.url}; give the inbox this as its {setting}.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            server.stop()
