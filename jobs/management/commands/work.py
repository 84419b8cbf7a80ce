"""Run jobs in a process of its own."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from prometheus_client import start_http_server

from jobs.leases import LEASE_S
from jobs.worker import Worker, drain


class Command(BaseCommand):
    help = "Runs background jobs until it is told to stop (SIGTERM or Ctrl-C finishes the current ones first)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slots", type=int, default=4, help="how many jobs run at once (default: 4)")
        parser.add_argument("--grace", type=float, default=20.0, help="seconds to finish in when stopped (default: 20)")
        parser.add_argument("--lease", type=float, default=LEASE_S, help="seconds before a lost job is given again")
        parser.add_argument("--metrics-port", type=int, help="where 127.0.0.1 serves this process's figures (/metrics)")
        parser.add_argument("--once", action="store_true", help="run what is due, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{drain()} jobs run")
            return
        if options["metrics_port"]:
            start_http_server(options["metrics_port"], "127.0.0.1")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        worker = Worker(slots=options["slots"], lease_s=options["lease"]).start()
        self.stdout.write(f"running jobs, {options['slots']} at once")
        stop.wait()
        if not worker.stop(options["grace"]):
            sys.exit(1)
