"""How tests log in, and what they look at afterwards."""

from __future__ import annotations

from rest_framework.test import APIClient

from audit.models import AuditRecord
from realtime.models import StreamEvent
from tests.world import PASSWORD

TOKEN = "/api/v1/auth/token"


def log_in(username: str = "ana", password: str = PASSWORD, ip: str = "203.0.113.5", **more: str):
    return APIClient(REMOTE_ADDR=ip).post(TOKEN, {"username": username, "password": password, **more})


def code(response) -> str:
    return str(response.json()["errors"][0]["code"])


def letters(stream: str) -> list[str]:
    return list(StreamEvent.objects.filter(stream=stream).order_by("seq").values_list("type", flat=True))


def verbs() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("verb", flat=True))
