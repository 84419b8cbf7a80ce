"""How the OpenAPI document describes what the trade asks and answers: from the shapes that the answers are built of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from pydantic import BaseModel
from rest_framework import serializers

from accounts.listing import AN_ID, PAGE_PARAMETERS, bounded
from conversations import shapes
from conversations.models import Status
from realtime import events

PAGE_OF_MESSAGES = 100
FRAMES = {shape.__name__ for frame in events.declared() for shape in frame.__mro__ if issubclass(shape, events.Event)}


class Answer(serializers.Serializer[Any]):
    """A serializer that only documents: its schema is a pydantic model's."""

    model: type[BaseModel]


class ConversationAnswer(Answer):
    model = events.ConversationEvent


class MessageAnswer(Answer):
    model = events.MessageData


class ContactAnswer(Answer):
    model = events.ContactUpdated


class AttachmentAnswer(Answer):
    model = events.AttachmentData


class SurveyShownAnswer(Answer):
    model = shapes.SurveyShown


class WidgetConfigAnswer(Answer):
    model = shapes.WidgetConfig


class WidgetSessionAnswer(Answer):
    model = shapes.WidgetSession


class WidgetSnapshotAnswer(Answer):
    model = shapes.WidgetSnapshot


class AttachmentLinkAnswer(Answer):
    model = shapes.AttachmentLink


class InboxAnswer(Answer):
    model = shapes.InboxData


class InboxWithKeyAnswer(Answer):
    model = shapes.InboxWithKey


class PhoneSessionAnswer(Answer):
    model = shapes.PhoneSessionData


class AccountAnswer(Answer):
    model = shapes.AccountData


class TemplateAnswer(Answer):
    model = shapes.TemplateData


class TeamAnswer(Answer):
    model = shapes.TeamData


class LabelAnswer(Answer):
    model = shapes.LabelData


class SurveyLinkAnswer(Answer):
    model = shapes.SurveyLink


class RatingAnswer(Answer):
    model = shapes.RatingData


class SummaryAnswer(Answer):
    model = shapes.SatisfactionSummary


class AnswerSchema(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # its __init_subclass__ has no types
    """Puts the pydantic model's JSON Schema into the document, a frame's without its `type`."""

    target_class = "conversations.views.documents.Answer"
    match_subclasses = True

    def get_name(self, auto_schema: Any, direction: Any) -> str:
        return type(self.target).__name__.removesuffix("Answer")

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        model: type[BaseModel] = self.target.model
        schema = model.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        for name, part in schema.pop("$defs", {}).items():
            auto_schema.registry.register_on_missing(component_of(name, frameless(part)))
        return frameless(schema)


def component_of(name: str, schema: dict[str, Any]) -> Any:
    """A part of a shape, under the name that references to it use."""
    new: Any = ResolvedComponent
    return new(name, ResolvedComponent.SCHEMA, schema=schema, object=name)


def is_frame(schema: dict[str, Any]) -> bool:
    """Frames say in the field `type` which one they are; a base of several leaves it to them."""
    return schema.get("title") in FRAMES


def frameless(schema: dict[str, Any]) -> dict[str, Any]:
    """A frame's schema as REST answers with it: the `data` alone. Any other shape's as it is."""
    if not is_frame(schema):
        return schema
    properties = {name: part for name, part in schema["properties"].items() if name != "type"}
    return schema | {"properties": properties, "required": [name for name in schema["required"] if name != "type"]}


gone = {204: OpenApiResponse(description="It is gone.")}
upload = {
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }
}
paging = PAGE_PARAMETERS
conversation_filters = [
    OpenApiParameter(
        "status", str, enum=[*Status.values, "open", "pending", "all"], description="`open` is all but closed."
    ),
    OpenApiParameter(
        "search",
        str,
        description="A part of the contact's name or phone, or of any message; accents and capitals do not matter.",
    ),
    OpenApiParameter("inbox", AN_ID),
    OpenApiParameter("assignee", str, description="A user's id, `me` or `none`."),
    OpenApiParameter("team", AN_ID),
    OpenApiParameter("contact", AN_ID),
    OpenApiParameter("label", str, description="A label's name."),
    OpenApiParameter(
        "ordering",
        str,
        enum=[f"{sign}{key}" for key in ("last_message_time", "created_at", "waiting_since") for sign in ("-", "")],
        default="-last_message_time",
    ),
    *paging,
]
message_filters = [
    OpenApiParameter("limit", bounded(PAGE_OF_MESSAGES, 1, 200), description="How many messages."),
    OpenApiParameter("offset", bounded(0, 0, 1_000_000), description="Counted from the newest; with `after` from it."),
    OpenApiParameter("before", str, description="Only what is older than this message's id, or than this time."),
    OpenApiParameter("after", str, description="Only what is newer than this message's id, or than this time."),
    OpenApiParameter("search", str, description="Only what says this; accents and capitals do not matter."),
]
survey_filters = [
    OpenApiParameter("rating", str, enum=["1", "2", "3", "4", "5"]),
    OpenApiParameter("agent", AN_ID, description="The rated user."),
    OpenApiParameter("inbox", AN_ID),
    OpenApiParameter("conversation", AN_ID),
    OpenApiParameter("from", datetime, description="Not before this time; its offset is required."),
    OpenApiParameter("to", datetime, description="Before this time; its offset is required."),
]
