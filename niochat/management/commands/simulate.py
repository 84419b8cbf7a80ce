"""Play a provider on this machine."""

from __future__ import annotations

import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from niochat.simulators.http import MOODS, Server
from niochat.simulators.whatsapp import Simulator


class Command(BaseCommand):
    help = (
        "Plays a provider on loopback, until Ctrl-C: it checks what is sent to it, signs what it posts, and misbehaves "
        f"on command (POST /_sim/behave; answers: {', '.join(MOODS)}, timeout, taken_but_silent)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("provider", choices=["whatsapp"], help="whom to play")
        parser.add_argument("--port", type=int, default=8099, help="port to listen on (default: 8099)")
        parser.add_argument("--webhook", required=True, help="where to post: the inbox's webhook address")
        parser.add_argument("--access-token", default="simulated-token", help="what it wants to be sent as Bearer")
        parser.add_argument("--app-secret", default="simulated-secret", help="what it signs with")
        parser.add_argument("--phone-number-id", default="100000000000001")
        parser.add_argument("--waba-id", default="200000000000002")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("A simulated provider belongs on a developer's machine: set DEBUG=1.")
        world = Simulator(
            options["webhook"],
            access_token=options["access_token"],
            app_secret=options["app_secret"],
            phone_number_id=options["phone_number_id"],
            waba_id=options["waba_id"],
        )
        try:
            server = Server(world, options["port"]).start()
        except OSError as error:
            raise CommandError(f"Port {options['port']} is in use.") from error
        self.stdout.write(f"WhatsApp is simulated at {server.url}; give the inbox this as its graph_url.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            server.stop()
