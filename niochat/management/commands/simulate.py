"""Play a provider on this machine."""

from __future__ import annotations

import threading
from argparse import BooleanOptionalAction
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from niochat.simulators import gateway as qr_gateway
from niochat.simulators import whatsapp as cloud
from niochat.simulators.gateway_door import GatewayHandler
from niochat.simulators.gateway_http import GatewayServer
from niochat.simulators.server import Handler, Server
from niochat.simulators.speech import evolution, waha
from niochat.simulators.telegram import Telegram
from niochat.simulators.telegram_http import TelegramHandler, TelegramServer
from niochat.simulators.whatsapp_http import WhatsAppHandler, WhatsAppServer


def whatsapp(options: Mapping[str, Any]) -> WhatsAppServer:
    if not options["webhook"]:
        raise CommandError("Say by --webhook where to post.")
    names = ("access_token", "app_secret", "phone_number_id", "waba_id")
    world = cloud.Simulator(options["webhook"], **{name: options[name] for name in names})
    return WhatsAppServer(world, options["port"])


def telegram(options: Mapping[str, Any]) -> TelegramServer:
    return TelegramServer(Telegram(options["bot_token"], webhook=options["webhook"]), options["port"])


def gateway(options: Mapping[str, Any]) -> GatewayServer:
    codes = {"qr_s": options["qr_seconds"], "qr_most": options["qr_most"]}
    world = qr_gateway.Gateway(SPEECH[options["speaking"]], api_key=options["api_key"], **codes)
    return GatewayServer(world, options["port"])


SPEECH: dict[str, Any] = {"evolution": evolution, "waha": waha}
PROVIDERS: dict[str, Callable[[Mapping[str, Any]], Server[Any]]] = {
    "whatsapp": whatsapp,
    "gateway": gateway,
    "telegram": telegram,
}
HANDLERS: dict[str, type[Handler[Any]]] = {
    "whatsapp": WhatsAppHandler,
    "gateway": GatewayHandler,
    "telegram": TelegramHandler,
}
SETTINGS = {"whatsapp": "graph_url", "telegram": "api_url", "gateway": "base_url"}
# What can be wished for from the start; `POST /_sim/behave` changes it later.
MOODS = {one.name: one for moods in (cloud.Moods, qr_gateway.Moods) for one in fields(moods)}
ANSWERS = sorted({"timeout", "taken_but_silent", *(name for one in HANDLERS.values() for name in one.refusals)})


class Command(BaseCommand):
    help = (
        "Plays a provider on loopback, until Ctrl-C: it checks what is sent to it, signs what it posts, and misbehaves "
        "as the options of moods say, or later on command (POST /_sim/behave)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=list(PROVIDERS), help="whom to play")
        parser.add_argument("--port", type=int, default=8099, help="port to listen on, 0 for any (default: 8099)")
        parser.add_argument(
            "--webhook",
            default="",
            help="where to post: the inbox's webhook address; Telegram and gateways are told it by a call",
        )
        parser.add_argument("--bot-token", default="1000000001:simulated-token-of-a-bot", help="Telegram's bot")
        parser.add_argument("--access-token", default="simulated-token", help="what it wants to be sent as Bearer")
        parser.add_argument("--app-secret", default="simulated-secret", help="what it signs with")
        parser.add_argument("--phone-number-id", default="100000000000001")
        parser.add_argument("--waba-id", default="200000000000002")
        parser.add_argument("--speaking", choices=list(SPEECH), default="evolution", help="a gateway's language")
        parser.add_argument("--api-key", default="simulated-key", help="what a gateway wants as its key")
        parser.add_argument("--qr-seconds", type=float, default=20.0, help="how long a gateway's code lives")
        parser.add_argument("--qr-most", type=int, default=6, help="how many codes a gateway shows before it gives up")
        self.add_moods(parser.add_argument_group("moods"))

    def add_moods(self, parser: Any) -> None:
        parser.add_argument("--answers", nargs="+", choices=ANSWERS, metavar="ANSWER", help=", ".join(ANSWERS))
        for name, one in MOODS.items():
            option = f"--{name.replace('_', '-')}"
            if isinstance(one.default, bool):
                parser.add_argument(option, action=BooleanOptionalAction, default=None)
            elif name != "answers":
                parser.add_argument(option, type=type(one.default), help=f"default: {one.default}")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("A simulated provider belongs on a developer's machine: set DEBUG=1.")
        provider = options["provider"]
        try:
            server = PROVIDERS[provider](options)
        except OSError as error:
            raise CommandError(f"Port {options['port']} is in use.") from error
        try:
            server.world.behave({name: options[name] for name in MOODS if options[name] is not None})
        except TypeError as error:
            server.server_close()
            raise CommandError(f"{provider} has no such mood: {error}") from error
        self.stdout.write(f"{provider} is simulated at {server.url}; give the inbox this as its {SETTINGS[provider]}.")
        server.start()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            server.stop()
