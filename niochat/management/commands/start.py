"""Serve the product with one command."""

from __future__ import annotations

import sys
from argparse import BooleanOptionalAction
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.worker import Worker
from niochat.demo import line
from niochat.server import ROLES, PortTaken, listen, serve

WORKER_GRACE_S = 5.0
USUAL_PORT = 8010
DEMO = """
NioChat is running.

  Dashboard    {url}/            agent, agent2, supervisor, admin
  Demo shop    {url}/demo/shop/  write here as a customer
  Demo phone   {url}/demo/phone/ or here, by WhatsApp
  Admin        {url}/admin/      admin
  API          {url}/api/v1/docs/
  Sockets      {sockets}/ws/dashboard/ and Socket.IO: {url}/socket.io/

  Another company: other-agent, other-admin.  Password of everybody: niochat-demo
  Stop with Ctrl-C.
"""


def lead_here(ports: Sequence[int]) -> None:
    """Have the demo's links (files, photos, surveys) lead to where it is served, unless somebody said where that is."""
    usual = urlsplit(settings.PUBLIC_URL)
    if usual.hostname == "localhost" and usual.port == USUAL_PORT and USUAL_PORT not in ports:
        settings.PUBLIC_URL = f"http://localhost:{ports[0]}"


class Command(BaseCommand):
    help = "Serves HTTP, sockets and (without Redis) background jobs in one process, until Ctrl-C or SIGTERM."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ports", type=int, nargs="+", default=[USUAL_PORT], help="ports to listen on (default: 8010)"
        )
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--role", choices=list(ROLES), default="all", help="what it serves (default: all)")
        parser.add_argument(
            "--worker",
            action=BooleanOptionalAction,
            default=not settings.REDIS_URL,
            help="run background jobs in this process (default: where there is no Redis; else run `manage.py work`)",
        )
        parser.add_argument("--migrate", action="store_true", help="bring the database up to date first")
        parser.add_argument("--demo", action="store_true", help="migrate and load the demo first (needs DEBUG=1)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sockets = listen(options["host"], options["ports"])
        except PortTaken as error:
            raise CommandError(str(error)) from error
        if options["demo"]:
            lead_here(options["ports"])
        if options["migrate"] or options["demo"]:
            call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        if options["demo"] and "demo" in get_commands():
            call_command("demo", stdout=self.stdout)
        phone = line.start(options["ports"][0]) if options["demo"] else None
        worker = Worker().start() if options["worker"] else None
        try:
            served = serve(sockets, options["role"], lambda: self.welcome(options))
        finally:
            if worker is not None:
                worker.stop(WORKER_GRACE_S)
            if phone is not None:
                phone.stop()
        if not served:
            sys.exit(1)

    def welcome(self, options: dict[str, Any]) -> None:
        """Say where to go, now that somebody answers there."""
        url = f"http://{'localhost' if options['host'] == '127.0.0.1' else options['host']}:{options['ports'][0]}"
        if options["demo"]:
            self.stdout.write(DEMO.format(url=url, sockets=url.replace("http", "ws", 1)))
        else:
            self.stdout.write(f"NioChat is running: {url}/")
            if options["role"] != "web":
                self.stdout.write(f"Socket.IO: {url}/socket.io/")
        self.stdout.flush()
