"""Conversations: the list with its filters, one of them, and its state changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import F, OrderBy, Q, QuerySet
from django.utils.translation import gettext_noop as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actor import Actor
from accounts.authentication import actor_of
from accounts.errors import Refused
from accounts.listing import choice_in, id_in, paged, text_in
from conversations import actions
from conversations.models import Contact, Conversation, Message, Status, plain
from conversations.payloads import conversation_data
from conversations.serializers import (
    AssignInput,
    ConversationInput,
    ReadInput,
    SnoozeInput,
    StartInput,
    TransferInput,
    TypingInput,
)
from conversations.typing import typing_by_request
from conversations.views.asking import given
from conversations.views.documents import ConversationAnswer, conversation_filters

SEARCH_TIMEOUT_MS = 2_000
SHORTEST_SEARCH, SHORTEST_CONTENT_SEARCH = 2, 3
STATUS_WORDS = {"open": ~Q(status=Status.CLOSED), "pending": Q(status=Status.WAITING), "all": Q()}
ORDERINGS: dict[str, tuple[str | OrderBy, ...]] = {
    "-last_message_time": ("-last_activity_at", "-pk"),
    "last_message_time": ("last_activity_at", "pk"),
    "-created_at": ("-created_at", "-pk"),
    "created_at": ("created_at", "pk"),
    "waiting_since": (F("waiting_since").asc(nulls_last=True), "pk"),
    "-waiting_since": (F("waiting_since").desc(nulls_last=True), "-pk"),
}


class ConversationsView(APIView):
    permissions = {"GET": "conversation.read", "POST": "conversation.create"}

    @extend_schema(parameters=conversation_filters, responses=ConversationAnswer(many=True))
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        rows = filtered(actor, request, Conversation.listed_for(actor))
        order = choice_in(request, "ordering", ORDERINGS) or "-last_message_time"
        with limited_time(request):
            ordered = rows.order_by(*ORDERINGS[order])
            return paged(request, ordered, conversation_data, prepare=Conversation.with_labels)

    @extend_schema(request=StartInput, responses={201: ConversationAnswer})
    def post(self, request: Request) -> Response:
        conversation = actions.start_conversation(actor_of(request), **given(StartInput, request))
        return Response(conversation_data(conversation), status=201)


def filtered(actor: Actor, request: Request, rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Narrow the list as the query asks; raises Refused (bad_filter) for what makes no sense."""
    status = choice_in(request, "status", [*Status.values, *STATUS_WORDS])
    if status:
        rows = rows.filter(STATUS_WORDS.get(status, Q(status=status)))
    for name, column in (("inbox", "inbox_id"), ("team", "team_id"), ("contact", "contact_id")):
        number = id_in(request, name)
        if number is not None:
            rows = rows.filter(**{column: number})
    if label := text_in(request, "label"):
        rows = rows.filter(labels__name=label, labels__tenant_id=actor.tenant_id)
    return searched(actor, request, owned(actor, request, rows))


def owned(actor: Actor, request: Request, rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Filter by `assignee`: an id, `me` or `none`."""
    word = request.query_params.get("assignee", "")
    if word == "me":
        return rows.filter(assignee_id=actor.user_id)
    if word == "none":
        return rows.filter(assignee__isnull=True)
    number = id_in(request, "assignee")
    return rows if number is None else rows.filter(assignee_id=number)


def searched(actor: Actor, request: Request, rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Filter by `search`: the contact's name or phone and, from three characters on, any message's content.

    Below three characters the content's trigram index can't help, so only names and phones are looked at.
    """
    text = text_in(request, "search")
    if not text:
        return rows
    if len(text) < SHORTEST_SEARCH:
        raise Refused(_("Search for at least two characters."), code="bad_filter", attr="search")
    found = Q(contact__name__plain__contains=plain(text)) | Contact.with_phone(actor.tenant_id, text, "contact__")
    if len(text) >= SHORTEST_CONTENT_SEARCH:
        # One search through the messages, not one for each conversation.
        said = Message.visible_to(actor).filter(content__plain__contains=plain(text))
        found |= Q(pk__in=said.order_by().values("conversation_id"))
    return rows.filter(found)


@contextmanager
def limited_time(request: Request) -> Iterator[None]:
    """Let a search on PostgreSQL take two seconds at most; past that it is refused as `query_too_broad`."""
    if "search" not in request.query_params or connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(SEARCH_TIMEOUT_MS)])
        yield


class ConversationView(APIView):
    permissions = {"GET": "conversation.read", "PATCH": "conversation.update"}

    @extend_schema(responses=ConversationAnswer)
    def get(self, request: Request, conversation_id: int) -> Response:
        return Response(conversation_data(Conversation.with_parts(actor_of(request)).get(pk=conversation_id)))

    @extend_schema(request=ConversationInput, responses=ConversationAnswer)
    def patch(self, request: Request, conversation_id: int) -> Response:
        fields = given(ConversationInput, request)
        return Response(conversation_data(actions.update_conversation(actor_of(request), conversation_id, **fields)))


class StateChange(APIView):
    """A state change: POST, one action, the conversation as the answer."""

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        raise NotImplementedError

    def post(self, request: Request, conversation_id: int) -> Response:
        return Response(conversation_data(self.act(actor_of(request), conversation_id, request)))


@extend_schema(request=AssignInput, responses=ConversationAnswer)
class AssignView(StateChange):
    permissions = {"POST": "conversation.assign"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        return actions.assign(actor, conversation_id, **given(AssignInput, request))


@extend_schema(request=TransferInput, responses=ConversationAnswer)
class TransferView(StateChange):
    permissions = {"POST": "conversation.transfer"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        return actions.transfer(actor, conversation_id, **given(TransferInput, request))


@extend_schema(request=SnoozeInput, responses=ConversationAnswer)
class SnoozeView(StateChange):
    permissions = {"POST": "conversation.update"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        return actions.snooze(actor, conversation_id, **given(SnoozeInput, request))


@extend_schema(request=None, responses=ConversationAnswer)
class CloseView(StateChange):
    permissions = {"POST": "conversation.update"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        return actions.close_conversation(actor, conversation_id)


@extend_schema(request=None, responses=ConversationAnswer)
class ReopenView(StateChange):
    permissions = {"POST": "conversation.update"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        return actions.reopen_conversation(actor, conversation_id)


@extend_schema(request=ReadInput, responses=ConversationAnswer)
class ReadView(StateChange):
    permissions = {"POST": "conversation.read", "PATCH": "conversation.read"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        return actions.mark_read(actor, conversation_id, given(ReadInput, request).get("message_id"))

    def patch(self, request: Request, conversation_id: int) -> Response:
        return self.post(request, conversation_id)


@extend_schema(request=TypingInput, responses=ConversationAnswer)
class TypingView(StateChange):
    permissions = {"POST": "conversation.reply"}

    def act(self, actor: Actor, conversation_id: int, request: Request) -> Conversation:
        fields: dict[str, Any] = given(TypingInput, request)
        conversation = Conversation.with_parts(actor).get(pk=conversation_id)
        typing_by_request(actor, conversation, **fields)
        return conversation
