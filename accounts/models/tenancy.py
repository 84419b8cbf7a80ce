"""The one tenant filter."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models.people import Tenant


class TenantModel(models.Model):
    """A row that belongs to one tenant. `visible_to` and `locked` are the only ways in for an id from outside."""

    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", verbose_name=_("tenant"))

    class Meta:
        abstract = True

    @classmethod
    def visibility(cls, actor: Actor) -> Q:
        """What narrows a tenant's rows to those that this actor may see; all of them unless a model says otherwise."""
        return Q()

    @classmethod
    def visible_to(cls, actor: Actor) -> models.QuerySet[Self]:
        """The rows of the actor's tenant that the actor may see."""
        return cls._default_manager.filter(cls.visibility(actor), tenant_id=actor.tenant_id)

    @classmethod
    def locked(cls, actor: Actor, pk: int, **conditions: Any) -> Self:
        """The row, locked until commit; raises DoesNotExist for another tenant's id and for a missing one alike.

        The lock is `FOR NO KEY UPDATE`: a plain one deadlocks with the key-share locks that Django's deferred
        foreign keys take at commit. Lock order: inbox, contact, conversation, message, survey, audit chain, streams.
        """
        rows = cls.visible_to(actor).select_for_update(no_key=True, of=("self",))
        return rows.get(pk=pk, **conditions)
