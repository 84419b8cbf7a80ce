"""What every provider behind HTTP keeps, whichever it is: a new one passes this before it is anything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from accounts.models import Tenant
from conversations.models import Channel, Inbox, ProviderAccount
from conversations.providers import PROVIDERS, SLUGS, by_slug
from conversations.providers.base import RemoteProvider
from conversations.providers.happenings import restored
from tests.trade import inbox_of

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parents[1] / "fixtures"
ALL = pytest.mark.parametrize("provider", SLUGS.values(), ids=lambda provider: provider.slug)


@pytest.fixture
def inbox(aurora: Tenant, provider: RemoteProvider) -> Inbox:
    """An inbox of the provider's, with every secret set."""
    made = inbox_of(aurora, "Canal", provider.channel)
    account = ProviderAccount(tenant=aurora, inbox=made)
    account.keep_secrets({name: f"secret-of-{name}" for name in provider.secret_fields})
    account.save()
    return made


@ALL
def test_it_is_found_by_its_address_and_by_its_channel(provider: RemoteProvider):
    assert isinstance(provider, RemoteProvider)
    assert provider.channel in Channel.values
    assert by_slug(provider.slug) is provider
    assert provider.channel in PROVIDERS


@ALL
def test_it_names_what_it_needs(provider: RemoteProvider):
    assert set(provider.required) <= {*provider.config_fields, *provider.secret_fields}
    assert not set(provider.config_fields) & set(provider.secret_fields)


@ALL
def test_it_believes_nothing_that_is_not_signed(provider: RemoteProvider, inbox: Inbox):
    for headers in (
        {},
        {"X-Hub-Signature-256": "sha256="},
        {"Authorization": "Bearer x"},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Signature": "é"},
    ):
        assert provider.verify(inbox, headers, b"{}") is False


@ALL
def test_it_believes_nobody_before_its_secrets_are_set(provider: RemoteProvider, inbox: Inbox):
    inbox.account.sealed = {}

    assert provider.verify(inbox, {"X-Hub-Signature-256": "sha256=" + "0" * 64}, b"{}") is False
    assert provider.challenge(inbox, {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}) is None


@ALL
def test_its_fixtures_say_what_each_kind_of_delivery_means(provider: RemoteProvider):
    files = sorted((FIXTURES / provider.slug).glob("*.json"))
    assert files, "a provider comes with its fixtures"
    kinds = set()
    for file in files:
        told = json.loads(file.read_text())
        happenings = provider.parse(json.dumps(told["payload"]).encode())
        kinds |= {one.type for one in happenings}
        found = [{"type": one.type, **one.model_dump(mode="json", exclude_defaults=True)} for one in happenings]
        assert found == told["expected"], file.name
        assert [restored(one.model_dump(mode="json")) for one in happenings] == happenings, file.name
    assert "message" in kinds


@ALL
def test_reading_the_same_again_says_the_same(provider: RemoteProvider):
    for file in (FIXTURES / provider.slug).glob("*.json"):
        raw = json.dumps(json.loads(file.read_text())["payload"]).encode()
        assert provider.parse(raw) == provider.parse(raw)
