"""The laws of the house, read off the source and the running product.

What other files prove already is not repeated: every route's permission (test_permissions), every tenant's walls
(test_tenancy), every kept frame replayed (test_replays), who imports whom (import-linter).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.management import get_commands, load_command_class

from jobs.registry import TASKS
from realtime.models import StreamEvent
from tests.routes import routes

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "audit", "conversations", "dashboard", "jobs", "niochat", "realtime")
# A door is known by a name on its path: `conversations/views/files.py`, `jobs/admin.py`, `audit/management/commands/…`.
DOORS = {
    "admin", "backoffice", "commands", "consumers", "families", "pages", "rest", "tasks", "urls", "views", "visiting",
    "webhooks",
}  # fmt: skip
# Libraries' own doors, the tests' own tasks, and pages that read no row: health, refusals, "this is a socket".
NO_DOORS_OF_OURS = (
    "django.", "drf_spectacular.", "tests.", "niochat.docs", "niochat.errors", "niochat.health", "niochat.sockets"
)  # fmt: skip
FORBIDDEN_NAMES = {"core", "common", "utils", "util", "services", "helpers", "helper", "managers"}
WRITING = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "select_for_update"}

# Actions that are no transaction of their own, by the reason.
WITHIN_ANOTHER = {
    "conversations.actions.attachments.attach_file": "it writes the file first; add_file is its transaction",
    "conversations.actions.media.keep_media": "it writes the file first; add_media is its transaction",
    "conversations.actions.photos.keep_photo": "it writes the file first; show_photo is its transaction",
    "accounts.actions.platform.note_tenant_saved": "the admin's form saves the tenant, and has the transaction",
    "conversations.actions.orphans.discard_orphans": "it looks through the disk and changes no row",
    "accounts.actions.members.release_later": "a step that two actions share: it queues a job in theirs",
}
# Actions that nobody in particular does, by the reason.
WITHOUT_ACTOR = {
    "accounts.actions.members.accept_invitation": "whoever accepts becomes the actor by it",
    "accounts.actions.platform.found_company": "there is nobody yet who could be one",
    "accounts.actions.platform.note_staff_login": "staff belong to no tenant; the actor is made of them",
    "accounts.actions.resets.ask_for_reset": "whoever asks is a stranger",
    "accounts.actions.resets.note_reset_sent": "the actors are made of the user, one for each of their companies",
    "accounts.actions.resets.reset_password": "the link says who it is, if it is still good",
    "accounts.actions.sessions.start_session": "whoever logs in becomes the actor by it",
    "accounts.actions.sessions.renew_session": "the refresh token says who it is, if it is still good",
    "conversations.actions.orphans.discard_orphans": "a sweep by the clock over all tenants",
    "conversations.actions.attachments.discard_unclaimed": "a sweep by the clock over all tenants",
    "conversations.actions.deliveries.discard_deliveries": "a sweep by the clock over all tenants",
    "conversations.actions.deliveries.queue_readers": "a sweep by the clock over all tenants",
    "conversations.actions.provider_accounts.queue_account_checks": "a sweep by the clock over all tenants",
    "conversations.actions.resealing.reseal_secrets": "whoever runs the product, for all tenants at once",
    "conversations.actions.sessions.queue_session_looks": "a sweep by the clock over all tenants",
    "conversations.actions.delivery.queue_undelivered": "a sweep by the clock over all tenants",
}
# Doors that query, by the reason.
QUERYING = {"accounts.backoffice.desk": "the admin's own tenant filter: one desk may have several tenants"}


class Source(NamedTuple):
    """One module of the product: its dotted name and its syntax tree."""

    name: str
    tree: ast.Module

    @property
    def is_door(self) -> bool:
        return bool(DOORS & set(self.name.split(".")[1:]))

    @property
    def is_action(self) -> bool:
        return "actions" in self.name.split(".")


def sources() -> Iterator[Source]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield Source(name, ast.parse(path.read_text()))


SOURCES = list(sources())
MODULES = {source.name for source in SOURCES}


def attributes(tree: ast.AST) -> Iterator[ast.Attribute]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def place(source: Source, node: ast.expr | ast.stmt) -> str:
    return f"{source.name}:{node.lineno}"


# --- doors know protocols, actions know the trade ---------------------------------------------------------------------


def test_doors_never_query() -> None:
    """They read through `visible_to(actor)`, or by a named classmethod on a secret: another tenant's row has no way."""
    ways_around = {"objects", "_default_manager", "_base_manager"}
    found = [
        place(source, node)
        for source in SOURCES
        if source.is_door and source.name not in QUERYING
        for node in attributes(source.tree)
        if node.attr in ways_around
    ]

    assert found == []


def test_doors_never_write() -> None:
    """What changes a row is an action, or it is on no record."""
    found = {
        place(source, node): node.func.attr
        for source in SOURCES
        if source.is_door
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING
    }

    assert found == {}


def answering() -> dict[str, set[str]]:
    """The modules in which something answers from outside, by the kind of door."""
    commands = [load_command_class(app, name) for name, app in get_commands().items() if app in APPS]
    return {
        "address": {route.view.__module__ for route in routes()},
        "task": {task.function.__module__ for task in TASKS.values()},
        "command": {type(command).__module__ for command in commands},
        "page of the admin": {type(page).__module__ for page in admin.site._registry.values()},
    }


@pytest.mark.parametrize("kind", ["address", "task", "command", "page of the admin"])
def test_whatever_answers_stands_in_a_module_that_is_known_as_a_door(kind: str) -> None:
    """Else the tests above would not look there."""
    ours = {module for module in answering()[kind] if not module.startswith(NO_DOORS_OF_OURS)}

    assert ours
    assert {module for module in ours if not DOORS & set(module.split(".")[1:])} == set()


# --- a change is an action --------------------------------------------------------------------------------------------


class Action(NamedTuple):
    """A public function of an `actions` package."""

    name: str
    body: ast.FunctionDef

    @property
    def is_durable(self) -> bool:
        return "transaction.atomic(durable=True)" in [ast.unparse(decorator) for decorator in self.body.decorator_list]

    @property
    def first(self) -> str:
        """The annotation of the first argument."""
        given = [*self.body.args.posonlyargs, *self.body.args.args]
        return ast.unparse(given[0].annotation) if given and given[0].annotation else ""


def exported(package: str) -> set[str] | None:
    """What the package's `__all__` lists; None where it has none, and every public name counts."""
    tree = next((source.tree for source in SOURCES if source.name == package), None)
    for node in tree.body if tree else ():
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def actions() -> Iterator[Action]:
    for source in SOURCES:
        names = exported(f"{source.name.split('.')[0]}.actions")
        functions = [node for node in source.tree.body if isinstance(node, ast.FunctionDef)]
        for function in functions if source.is_action else ():
            if is_exported(function.name, names):
                yield Action(f"{source.name}.{function.name}", function)


def is_exported(name: str, names: set[str] | None) -> bool:
    return name in names if names is not None else not name.startswith("_")


ACTIONS = list(actions())


def test_every_action_is_one_durable_transaction() -> None:
    assert {action.name for action in ACTIONS if not action.is_durable} == set(WITHIN_ANOTHER)


def test_every_action_takes_its_actor_first() -> None:
    others = set(WITHIN_ANOTHER) | set(WITHOUT_ACTOR)

    assert {action.name for action in ACTIONS if action.name not in others and action.first != "Actor"} == set()
    assert set(WITHOUT_ACTOR) <= {action.name for action in ACTIONS if action.first != "Actor"}


def test_every_exported_action_is_found() -> None:
    named = exported("conversations.actions") or set()
    found = {action.name.rsplit(".", 1)[1] for action in ACTIONS if action.name.startswith("conversations.")}

    assert {name for name in named - found if not name[0].isupper()} == set()
    assert len(ACTIONS) > 40


def test_actions_never_call_actions() -> None:
    """The second would find the first's transaction open and refuse; what they share stands in functions of its own."""
    durable = {action.name.rsplit(".", 1)[1] for action in ACTIONS if action.is_durable}
    found = {
        (action.name, called)
        for action in ACTIONS
        if action.is_durable
        for node in ast.walk(action.body)
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in durable
    }

    assert found == set()


def test_a_durable_transaction_begins_in_an_action_only() -> None:
    """So that nothing changes without an actor; but for the demo's history, which takes a clock along."""
    found = {source.name for source in SOURCES if not source.is_action and "durable=True" in ast.unparse(source.tree)}

    assert found == {"niochat.demo.history"}


# --- the tree ---------------------------------------------------------------------------------------------------------


def test_every_app_is_one_of_the_house() -> None:
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)}
    installed = {name for name in ours if "site-packages" not in apps.get_app_config(name.rsplit(".", 1)[-1]).path}

    assert {name.split(".")[0] for name in installed} == set(APPS)


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert {name for name in MODULES if FORBIDDEN_NAMES & set(name.split("."))} == set()


def test_nothing_of_ours_is_called_channels() -> None:
    """It would stand in the way of the library."""
    assert {name for name in MODULES if "channels" in name.split(".")} == set()


def test_the_log_of_events_is_not_in_the_admin() -> None:
    """Its bodies are what customers wrote, without the filter that each member's streams are."""
    assert StreamEvent not in admin.site._registry
