"""What `deploy/` and the pages say to an operator agrees with what the product reads and takes."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.core.management import load_command_class
from drf_spectacular.checks import schema_check

from niochat.bodies import limit_of
from niochat.configuration import OPTIONS
from niochat.documents import pages

DEPLOY = Path(settings.BASE_DIR) / "deploy"
NGINX = (DEPLOY / "nginx.conf").read_text()
# Read by `option` beside another: the older name of ALLOWED_ORIGINS.
SECOND_NAMES = {"WEBSOCKET_ALLOWED_ORIGINS"}
# Django's and Python's own, the tests', and nginx's and systemd's words that look like an option's name.
OTHERS = {"DJANGO_SETTINGS_MODULE", "INBOX_KEY", "NIOCHAT_REFERENCE", "TOKEN"}
OURS = {option.name for option in OPTIONS} | SECOND_NAMES
BYTES = {"k": 2**10, "m": 2**20}


def location(start: str) -> str:
    """The block of nginx's configuration that begins with these words."""
    return NGINX.split(f"location {start}", 1)[1].split("\n    }", 1)[0]


def most_bytes(block: str) -> int:
    number, unit = re.findall(r"client_max_body_size (\d+)([km]);", block)[0]
    return int(number) * BYTES[unit]


def test_the_proxy_lets_through_exactly_what_the_product_takes():
    """Less, and a provider's batch is lost; more, and the product hangs up on a proxy that still sends."""
    assert most_bytes(NGINX) == limit_of("/api/v1/contacts")
    assert most_bytes(location("~ ^/api/v1/(conversations")) == limit_of("/api/v1/conversations/1/attachments")
    assert most_bytes(location("/webhooks/")) == limit_of("/webhooks/whatsapp/token")
    assert most_bytes(location(r"~ ^/socket\.io")) == limit_of("/socket.io/")


def test_every_variable_that_is_read_stands_in_the_configuration_table():
    source = (Path(settings.BASE_DIR) / "niochat" / "settings.py").read_text()

    assert set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source)) <= OURS
    assert set(re.findall(r"option\(\s*env\.\w+,\s*\"([A-Z_]+)\"", source)) == OURS - SECOND_NAMES


def test_the_example_environment_sets_what_there_is():
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "environment.example").read_text(), re.MULTILINE)

    assert names
    assert set(names) <= OURS


def test_the_pages_set_no_variable_that_nobody_reads():
    set_in_text = {name for page in pages() for name in re.findall(r"\b([A-Z][A-Z_]{3,})=", page.read_text())}

    assert set_in_text - OTHERS <= OURS | {"PORTS", "ARGS"}


def test_the_units_start_what_there_is():
    lines = [line for unit in DEPLOY.glob("*.service") for line in re.findall(r"ExecStart=.*", unit.read_text())]
    called = [re.split(r"\s+", line.split("manage.py ", 1)[1].replace("%i", "8101")) for line in lines]

    assert {command[0] for command in called} == {"start", "work"}
    for name, *options in called:
        app = "jobs" if name == "work" else "niochat"
        load_command_class(app, name).create_parser("manage.py", name).parse_args(options)  # or CommandError


def test_every_word_list_of_the_api_s_document_has_a_name_of_its_own():
    """Two that the generator can't tell apart would be called by a hash, and `check --deploy` would say so."""
    assert [problem.msg for problem in schema_check(None)] == []
