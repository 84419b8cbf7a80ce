"""Stored secrets under the newest key, so that an older one can be thrown away."""

from __future__ import annotations

from django.db import transaction

from accounts.sealing import resealed
from conversations.models import Inbox, ProviderAccount


@transaction.atomic(durable=True)
def reseal_secrets() -> int:
    """Seal every stored secret anew: works over all tenants, for whoever runs the product; returns how many there are.

    All or none: raises cryptography's InvalidToken where none of the keys opens one.
    """
    accounts = list(ProviderAccount.objects.select_for_update(no_key=True).order_by("pk"))
    inboxes = list(Inbox.objects.select_for_update(no_key=True).exclude(sealed_secret="").order_by("pk"))
    for account in accounts:
        account.sealed = {name: resealed(secret) for name, secret in account.sealed.items()}
    for inbox in inboxes:
        inbox.sealed_secret = resealed(inbox.sealed_secret)
    ProviderAccount.objects.bulk_update(accounts, ["sealed"], batch_size=500)
    Inbox.objects.bulk_update(inboxes, ["sealed_secret"], batch_size=500)
    return len(inboxes) + sum(len(account.sealed) for account in accounts)
