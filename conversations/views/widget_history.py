"""What a visitor has: their conversation so far, how far it was read, their files."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.actor import Actor
from accounts.permissions_drf import PUBLIC
from accounts.rates import count
from conversations.models import Attachment, Conversation, Inbox, Message, ReadMark, Survey
from conversations.payloads import attachment_shape, widget_message_data, widget_message_shape, widget_prefix
from conversations.shapes import WidgetConversationState, WidgetSnapshot, WidgetSurveyState
from conversations.views.documents import (
    AttachmentAnswer,
    MessageAnswer,
    WidgetSnapshotAnswer,
    message_filters,
    upload,
)
from conversations.views.embedding import Embedded, key_in_path, team_data
from conversations.views.files import keep_upload, served
from conversations.views.messages import between, message_page
from realtime.moment import one_moment

LATEST = 50
UPLOADS_A_MINUTE = 20


class SnapshotView(Embedded):
    permissions = {"GET": PUBLIC}

    @extend_schema(parameters=[key_in_path], auth=[], responses=WidgetSnapshotAnswer)
    def get(self, request: Request, key: str) -> Response:
        """Everything that a freshly opened widget draws: the newest messages, how far each side has read, a survey."""
        _visitor, actor = self.chatting(request)
        return Response(snapshot_data(actor, self.inbox).model_dump(mode="json"))


def snapshot_data(actor: Actor, inbox: Inbox) -> WidgetSnapshot:
    """The state of one visitor's conversation, as it stood at one moment."""
    with one_moment():
        return state_of(actor, inbox)


def state_of(actor: Actor, inbox: Inbox) -> WidgetSnapshot:
    """What a fresh widget draws: the latest messages, oldest first, and whether there are earlier ones."""
    newest = list(own_messages(actor, inbox).order_by("-pk")[: LATEST + 1])
    conversation = Conversation.current(Conversation.visible_to(actor).filter(inbox=inbox)).first()
    return WidgetSnapshot(
        conversation=conversation_state(actor, conversation) if conversation else None,
        messages=[widget_message_shape(message, inbox.token) for message in reversed(newest[:LATEST])],
        has_more=len(newest) > LATEST,
        survey=open_survey(actor, conversation) if conversation else None,
        **team_data(inbox),
    )


def own_messages(actor: Actor, inbox: Inbox) -> QuerySet[Message]:
    """The visitor's public messages in this inbox, with their parts; a contact may have conversations elsewhere too."""
    return Message.shown_to(actor).filter(inbox=inbox)


def conversation_state(actor: Actor, conversation: Conversation) -> WidgetConversationState:
    """The conversation, and how far the team and the visitor have read in it."""
    return WidgetConversationState(
        id=conversation.pk,
        status="open" if conversation.is_open else "closed",
        team_read=conversation.read_up_to,
        own_read=ReadMark.reached(actor, conversation),
    )


def open_survey(actor: Actor, conversation: Conversation) -> WidgetSurveyState | None:
    """The survey of a closed conversation while it can be answered."""
    survey = Survey.visible_to(actor).filter(conversation=conversation).order_by("-pk").first()
    if survey is None or conversation.is_open or clock.now() > survey.closes_at:
        return None
    return WidgetSurveyState(token=survey.token, url=survey.url, rating=survey.rating, feedback=survey.feedback)


class MessagesView(Embedded):
    permissions = {"GET": PUBLIC}

    @extend_schema(parameters=[key_in_path, *message_filters], auth=[], responses=MessageAnswer(many=True))
    def get(self, request: Request, key: str) -> Response:
        """A page of the visitor's own messages, oldest first; `offset` counts from the newest."""
        _visitor, actor = self.chatting(request)
        rows = between(request, own_messages(actor, self.inbox))
        return message_page(request, rows, lambda message: widget_message_data(message, self.inbox.token))


class AttachmentsView(Embedded):
    permissions = {"POST": PUBLIC}
    parser_classes = (MultiPartParser,)

    @extend_schema(parameters=[key_in_path], auth=[], request=upload, responses={201: AttachmentAnswer})
    def post(self, request: Request, key: str) -> Response:
        """Upload a file; its id then goes into a message's `attachments`."""
        visitor, actor = self.chatting(request)
        count("widget-upload", visitor.upload_key, most=UPLOADS_A_MINUTE, seconds=60)
        stored = keep_upload(request, actor, self.inbox, None, sender_key=visitor.upload_key)
        shape = attachment_shape(stored, prefix=widget_prefix(self.inbox.token))
        return Response(shape.model_dump(mode="json"), status=201)


class AttachmentFileView(Embedded):
    permissions = {"GET": PUBLIC}

    @extend_schema(parameters=[key_in_path], auth=[], responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, key: str, attachment_id: int) -> HttpResponseBase:
        """The bytes themselves: a redirect to another path would need CORS rules for every site there."""
        _visitor, actor = self.chatting(request)
        return served(Attachment.visible_to(actor).filter(inbox=self.inbox).get(pk=attachment_id), request)
