"""Messages: a conversation's pages, sending, deleting, reacting."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import actor_of
from accounts.listing import DIGITS, id_in, moment, page_and_total, page_headers, page_of, text_in
from conversations import actions
from conversations.models import Conversation, Message, plain
from conversations.payloads import message_data
from conversations.serializers import MessageInput, ReactionInput
from conversations.views.asking import given
from conversations.views.documents import PAGE_OF_MESSAGES, MessageAnswer, message_filters


class MessagesView(APIView):
    permissions = {"GET": "conversation.read", "POST": "conversation.reply"}

    @extend_schema(parameters=message_filters, responses=MessageAnswer(many=True))
    def get(self, request: Request, conversation_id: int) -> Response:
        """A page of messages, oldest first; `offset` counts from the newest."""
        actor = actor_of(request)
        rows = Message.shown_to(actor).filter(conversation_id=conversation_id)
        if text := text_in(request, "search"):
            rows = rows.filter(content__plain__contains=plain(text))
        page = message_page(request, between(request, rows), message_data)
        if not page.data:  # Who sees a message sees its conversation, so only now may there be none: then it is 404.
            Conversation.visible_to(actor).only("pk").get(pk=conversation_id)
        return page

    @extend_schema(request=MessageInput, responses=MessageAnswer)
    def post(self, request: Request, conversation_id: int) -> Response:
        fields = given(MessageInput, request)
        asked = request.data.get("content") if isinstance(request.data, dict) else None
        if wants_preview(asked):
            fields["metadata"] = {**fields["metadata"], "preview_url": True}
        message, is_new = actions.send_message(actor_of(request), conversation_id, **fields)
        answer = message_data(message) | ({"content": in_form_of(asked, message)} if isinstance(asked, dict) else {})
        return Response(answer, headers={} if is_new else {"Idempotent-Replayed": "true"})


def wants_preview(content: Any) -> bool:
    """Whether the sender asks for links to be shown with a preview: the message keeps that in its metadata."""
    return isinstance(content, dict) and content.get("preview_url") is True


def in_form_of(asked: dict[str, Any], message: Message) -> dict[str, Any]:
    """A message's content as an object, as it was given."""
    shown = {"text": message.content}
    return shown | {"preview_url": message.metadata.get("preview_url") is True} if "preview_url" in asked else shown


def between(request: Request, rows: QuerySet[Message]) -> QuerySet[Message]:
    """Narrow by `before` and `after`, each a message's id or a time, both excluded."""
    for name, sign in (("before", "lt"), ("after", "gt")):
        text = request.query_params.get(name, "")
        if DIGITS.fullmatch(text):
            rows = rows.filter(**{f"pk__{sign}": id_in(request, name)})
        elif text:
            rows = rows.filter(**{f"created_at__{sign}": moment(text, name)})
    return rows


def message_page(request: Request, rows: QuerySet[Message], shape: Any) -> Response:
    """The page counted from the newest message (from the oldest with `after`), oldest first."""
    limit, offset = page_of(request, default=PAGE_OF_MESSAGES)
    from_oldest = "after" in request.query_params
    page, total = page_and_total(rows.order_by("pk" if from_oldest else "-pk"), limit, offset)
    headers = page_headers(request, limit=limit, offset=offset, total=total)
    return Response([shape(message) for message in (page if from_oldest else reversed(page))], headers=headers)


class MessageView(APIView):
    permissions = {"DELETE": "message.delete"}

    @extend_schema(responses={204: OpenApiResponse(description="It is a tombstone now.")})
    def delete(self, request: Request, message_id: int) -> Response:
        actions.delete_message(actor_of(request), message_id)
        return Response(status=204)


class RetryView(APIView):
    permissions = {"POST": "conversation.reply"}

    @extend_schema(request=None, responses=MessageAnswer)
    def post(self, request: Request, message_id: int) -> Response:
        """Send a failed message once more; while it is on its way, a repeat changes nothing."""
        actor = actor_of(request)
        message, is_news = actions.retry_message(actor, message_id)
        shown = Message.with_parts(actor).get(pk=message.pk)
        return Response(message_data(shown), headers={} if is_news else {"Idempotent-Replayed": "true"})


class LeaveView(APIView):
    permissions = {"POST": "conversation.reply"}

    @extend_schema(request=None, responses=MessageAnswer)
    def post(self, request: Request, message_id: int) -> Response:
        """Leave a message as it is of which nobody knows whether it arrived; a repeat changes nothing."""
        actor = actor_of(request)
        message, is_news = actions.leave_message(actor, message_id)
        shown = Message.with_parts(actor).get(pk=message.pk)
        return Response(message_data(shown), headers={} if is_news else {"Idempotent-Replayed": "true"})


class ReactionsView(APIView):
    permissions = {"PUT": "message.react", "DELETE": "message.react"}

    @extend_schema(request=ReactionInput, responses=MessageAnswer)
    def put(self, request: Request, message_id: int) -> Response:
        actor = actor_of(request)
        actions.react(actor, message_id, given(ReactionInput, request)["reaction"])
        return Response(message_data(Message.with_parts(actor).get(pk=message_id)))

    @extend_schema(responses={204: OpenApiResponse(description="There is no reaction of yours now.")})
    def delete(self, request: Request, message_id: int) -> Response:
        actions.react(actor_of(request), message_id, "")
        return Response(status=204)
