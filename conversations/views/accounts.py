"""An inbox's account at its provider: set up, looked after; and its templates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import clock
from accounts.authentication import actor_of
from conversations import actions
from conversations.models import Conversation, Inbox, MessageTemplate, SetAside, WebhookDelivery
from conversations.providers import RemoteProvider, remote_of
from conversations.providers.base import KnowsTemplates, TemplateForm
from conversations.serializers import AccountInput
from conversations.shapes import AccountData, TemplateData
from conversations.views.asking import given
from conversations.views.documents import AccountAnswer, TemplateAnswer


def account_of(inbox: Inbox) -> dict[str, Any]:
    """The account as REST shows it: of a secret only whether there is one."""
    provider = provider_of(inbox)
    account = inbox.account
    waiting, unread = WebhookDelivery.waiting(inbox), WebhookDelivery.unreadable(inbox)
    return AccountData(
        inbox_id=inbox.pk,
        channel=inbox.channel,
        connection=inbox.connection,
        webhook_path=f"/webhooks/{provider.slug}/{inbox.token}",
        config={name: account.config.get(name, "") for name in provider.config_fields},
        secrets={name: bool(account.sealed.get(name)) for name in provider.secret_fields},
        facts=account.facts,
        last_delivery_at=account.last_delivery_at,
        last_error=account.trouble,
        last_error_at=account.last_error_at,
        checked_at=account.checked_at,
        deliveries_waiting=waiting,
        windows=Conversation.by_window(inbox, clock.now()),
        set_aside=SetAside.counted(inbox) | ({"unreadable": unread} if unread else {}),
    ).model_dump(mode="json")


def provider_of(inbox: Inbox) -> RemoteProvider:
    """The inbox's provider; raises Inbox.DoesNotExist for one that needs none."""
    provider = remote_of(inbox)
    if provider is None:
        raise Inbox.DoesNotExist
    return provider


class AccountView(APIView):
    permissions = {"GET": "inbox.manage", "PATCH": "inbox.manage", "POST": "inbox.manage"}

    @extend_schema(responses=AccountAnswer)
    def get(self, request: Request, inbox_id: int) -> Response:
        return Response(account_of(self.inbox(request, inbox_id)))

    @extend_schema(request=AccountInput, responses=AccountAnswer)
    def patch(self, request: Request, inbox_id: int) -> Response:
        """Change settings and secrets; what is left out stays, an empty text takes one away."""
        provider = provider_of(self.inbox(request, inbox_id))
        fields = given(AccountInput, request, partial=True)
        config = {name: value for name, value in fields.items() if name in provider.config_fields}
        secrets = {name: value for name, value in fields.items() if name in provider.secret_fields}
        actions.configure_account(actor_of(request), inbox_id, config=config, secrets=secrets)
        return Response(account_of(self.inbox(request, inbox_id)))

    @extend_schema(request=None, responses={202: OpenApiResponse(description="It is being looked at.")})
    def post(self, request: Request, inbox_id: int) -> Response:
        """Have the account looked at, and its templates fetched, now."""
        actions.request_check(actor_of(request), inbox_id)
        return Response(status=202)

    def inbox(self, request: Request, inbox_id: int) -> Inbox:
        rows = Inbox.visible_to(actor_of(request)).select_related("account")
        return rows.get(pk=inbox_id, account__isnull=False)


class HookView(APIView):
    permissions = {"POST": "inbox.manage"}

    @extend_schema(request=None, responses={202: OpenApiResponse(description="The provider is being told.")})
    def post(self, request: Request, inbox_id: int) -> Response:
        """Have the provider post what comes in to the inbox's address; the account says then whether it does."""
        actions.request_webhook(actor_of(request), inbox_id)
        return Response(status=202)


class TemplatesView(APIView):
    permissions = {"GET": "conversation.read"}

    @extend_schema(responses=TemplateAnswer(many=True))
    def get(self, request: Request, inbox_id: int) -> Response:
        """The inbox's templates, with their approval."""
        actor = actor_of(request)
        inbox = Inbox.visible_to(actor).select_related("account").get(pk=inbox_id)
        provider = remote_of(inbox)
        if provider is None or not isinstance(provider, KnowsTemplates):
            return Response([])
        rows = MessageTemplate.visible_to(actor).filter(inbox=inbox)
        return Response([template_data(row, provider.template_form(row.components)) for row in rows])


def template_data(template: MessageTemplate, form: TemplateForm) -> dict[str, Any]:
    """A template as REST shows it: `text` with its places, and the names of the variables that belong there."""
    return TemplateData(
        id=template.pk,
        name=template.name,
        language=template.language,
        category=template.category,
        approval=template.approval,
        text=form.text,
        variables=list(form.variables),
        buttons=list(form.buttons),
        head=form.head,
        accepts=list(form.accepts),
        synced_at=template.synced_at,
    ).model_dump(mode="json")
