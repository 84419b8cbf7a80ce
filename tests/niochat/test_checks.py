"""What an operator is told before the product goes into service."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from accounts.models import Tenant

pytestmark = pytest.mark.django_db


def found() -> set[str]:
    messages = run_checks(include_deployment_checks=True, databases=["default"])
    return {str(message.id) for message in messages if str(message.id).startswith("niochat.")}


@pytest.fixture
def production(settings: Settings, tmp_path: Path) -> Settings:
    """A configuration that nothing is wrong with."""
    (tmp_path / "staticfiles.json").write_text("{}")
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "https://chat.example.com", ["chat.example.com"]
    settings.SECURE, settings.TRUSTED_PROXIES, settings.STATIC_ROOT = True, 1, tmp_path
    settings.USES_POSTGRES, settings.REDIS_URL = True, "redis://127.0.0.1:6379/0"
    return settings


def test_a_sound_configuration_passes_without_a_word(production: Settings) -> None:
    assert found() == set()


WRONG = {
    "links-lead-nowhere": ("PUBLIC_URL", "https://localhost", "niochat.E001"),
    "unknown-host": ("PUBLIC_URL", "https://other.example.com", "niochat.E002"),
    "unencrypted": ("PUBLIC_URL", "http://chat.example.com", "niochat.E003"),
    "no-trusted-proxy": ("TRUSTED_PROXIES", 0, "niochat.W001"),
    "no-redis": ("REDIS_URL", "", "niochat.W002"),
    "nothing-collected": ("STATIC_ROOT", "/nowhere", "niochat.E004"),
}


@pytest.mark.parametrize(("name", "value", "told"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_told_130(production: Settings, name: str, value: object, told: str) -> None:
    setattr(production, name, value)

    assert found() == {told}


def test_the_demos_accounts_do_not_go_into_service(production: Settings) -> None:
    Tenant.objects.create(name="Demo", slug="demo")

    assert found() == {"niochat.E005"}
