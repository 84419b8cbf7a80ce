"""The description of the protocol, and who may see who is connected."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from realtime import commands, events
from realtime.asyncapi import document, frames
from realtime.leases import LASTS
from realtime.models import Connection
from tests.world import Person


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [part["$ref"]] if "$ref" in part else [ref for value in part.values() for ref in references(value)]
    return [ref for item in part for ref in references(item)] if isinstance(part, list) else []


def resolved(made: dict[str, Any], reference: str) -> Any:
    part: Any = made
    for key in reference.removeprefix("#/").split("/"):
        part = part[key]
    return part


def test_every_reference_of_the_document_leads_somewhere():
    made = document()

    assert made["asyncapi"] == "3.0.0"
    assert all(resolved(made, reference) for reference in references(made))


def test_every_frame_in_and_out_is_described():
    made = document()["channels"]

    described = {name for channel in made.values() for name in channel["messages"]}
    taken = {*commands.DASHBOARD.values(), *commands.WIDGET.values()}
    assert described == {event.__name__ for event in frames()} | {f"send.{command.__name__}" for command in taken}
    assert "RightsChanged" not in described


def test_a_real_frame_fits_its_description():
    made = document()
    event = events.MessageRead(
        conversation_id=1, message_id=2, user_id=3, contact_id=None, read_at="2026-01-01T00:00:00Z"
    )
    schema = made["components"]["messages"]["MessageRead"]["payload"] | {"components": made["components"]}
    frame = {"type": "message_read", "data": event.data(), "stream": "t1.agents", "seq": 1}

    Draft202012Validator(schema).validate(frame)
    assert not Draft202012Validator(schema).is_valid(frame | {"data": {}})


@pytest.mark.django_db
def test_the_document_is_served_to_everybody_and_printed_by_a_command():
    printed = StringIO()
    call_command("asyncapi", stdout=printed)

    answer = APIClient().get("/api/v1/asyncapi/")

    assert answer.json() == json.loads(printed.getvalue())


def lease(person: Person, number: int, **fields: Any) -> None:
    fields = {"expires_at": Now() + LASTS, "process": "p", **fields}
    Connection.objects.create(id=f"socket{number}", tenant_id=person.tenant_id, user_id=person.user_id, **fields)


@pytest.mark.django_db
def test_supervisors_see_who_of_their_own_company_is_connected(ana: Person, carla: Person, eva: Person):
    lease(ana, 1)
    lease(ana, 2, leaving=True)
    lease(ana, 3, expires_at=Now() - LASTS)
    lease(eva, 4)

    answer = carla.client().get("/api/v1/realtime/stats")

    row = {"id": "socket1", "companyId": ana.tenant_id, "userId": ana.user_id, "connected": True}
    assert answer.json() == {"totalConnections": 1, "connections": [row]}
    assert ana.client().get("/api/v1/realtime/stats").status_code == 403
