"""What every test stands on: clean counters, and a database that can be emptied."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.backends.postgresql.creation import DatabaseCreation
from django.test import TransactionTestCase

from accounts import rates
from dashboard import metrics
from tests.browser import reference
from tests.emptying import empty
from tests.overheard import Overheard, overhearing
from tests.patience import bounded

UNREAD = pytest.StashKey[int]()
DAY_S = 86_400
# Servers that are killed, clients that sit idle, packages that are built: tests of half a minute each.
LONG = (
    "tests/realtime/python_client/",
    "tests/realtime/javascript_client/",
    "tests/realtime/socketio/",
    "tests/whatsapp/test_chaos.py",
    "tests/whatsapp/test_killed_sends.py",
    "tests/niochat/test_server.py",
)


def drop_by_force(self: Any, test_database_name: str, verbosity: int) -> None:
    """Destroy the tests' database though a thread or a killed server's backend still holds a connection to it."""
    with self._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {self.connection.ops.quote_name(test_database_name)} WITH (FORCE)")


# Django has no setting for it.
creation: Any = DatabaseCreation
creation._destroy_test_db = drop_by_force

pytest_plugins = ["tests.world", "tests.trade"]


@pytest.fixture(scope="session", autouse=True)
def no_secret_gets_into_a_log() -> Iterator[Overheard]:
    """The last thing of a run, in every process of it: of all secrets that were made, none is in what was logged."""
    with overhearing() as overheard:
        yield overheard
        assert overheard.findings() == set(), "these secrets are in the run's logs"


@pytest.fixture(autouse=True)
def logs_are_heard(no_secret_gets_into_a_log: Overheard) -> None:
    no_secret_gets_into_a_log.listen()


@pytest.fixture(autouse=True)
def counters_start_at_zero() -> None:
    """Throttles count in the cache: one test's requests must not be held against the next. Nor are its metrics."""
    cache.clear()
    metrics.forget()


@pytest.fixture(autouse=True)
def limits_begin_with_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits count within windows of the clock: requests that fall into two of them would be let through."""
    into = time.time() % DAY_S
    monkeypatch.setattr(rates, "time", SimpleNamespace(time=lambda: time.time() - into))


@pytest.fixture(scope="session", autouse=True)
def what_is_filled_is_emptied() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = bounded(item.obj)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run has no server for; pytest's closing line counts it as deselected.

    Begin with what is long, so that no worker is left alone with it in the end.
    """
    leave_out_what_has_no_server(config, items)
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def leave_out_what_has_no_server(config: pytest.Config, items: list[pytest.Item]) -> None:
    there = {
        "postgres": settings.USES_POSTGRES,
        "redis": bool(settings.REDIS_URL),
        "reference": reference.is_there(),
    }
    absent = [name for name in there if not there[name]]
    left_out = [item for item in items if any(item.get_closest_marker(name) for name in absent)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    config.stash[UNREAD] = sum(item.get_closest_marker("reference") is not None for item in left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say aloud what was not tried, and how to try it."""
    if not there_is_something_unread(config):
        return
    terminalreporter.section("NOT RUN: the printed clients", sep="!", red=True, bold=True)
    terminalreporter.line(
        f"{config.stash[UNREAD]} tests run code that is printed in {reference.folder()}, which is not there."
    )
    terminalreporter.line("Put that folder beside the project, or name it by NIOCHAT_REFERENCE.")


def there_is_something_unread(config: pytest.Config) -> bool:
    return config.stash.get(UNREAD, 0) > 0
