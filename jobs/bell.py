"""The ring at the worker's door: in this process at once, to other processes through PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from weakref import WeakSet

import psycopg
from django.db import connection

CHANNEL = "niochat_jobs"
BELLS: WeakSet[threading.Event] = WeakSet()


def ring() -> None:
    """Wake the workers. After commit, never inside a transaction: there NOTIFY would make commits wait for each other.

    A ring that gets lost costs a poll's interval, not a job.
    """
    for bell in list(BELLS):
        bell.set()
    if not BELLS and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


def listen(bell: threading.Event, stopped: Callable[[], bool]) -> None:
    """Ring `bell` at each notification from another process, until `stopped`; returns when the connection breaks."""
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        while not stopped():
            for _notice in listener.notifies(timeout=0.25, stop_after=1):
                bell.set()
