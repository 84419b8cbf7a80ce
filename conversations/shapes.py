"""What REST answers with beside the wire's own shapes, declared once: the answers are built from these, and the OpenAPI
document describes them by these, so that neither can say something else than the other.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from realtime.events import AttachmentData, ContactRef, MessageData, Moment, Person


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LimitsData(Shape):
    """How long a reply may be, in UTF-16 units: by itself, under a file, over buttons; null for as long as any. Where
    `splits`, a longer one goes as several messages; elsewhere it is refused.
    """

    text: int | None
    caption: int | None
    buttons: int | None
    splits: bool


class InboxData(Shape):
    """An inbox; `user_ids` (the members whom it is restricted to) only to those who manage it.

    `connection` says whether it can speak through its provider: `setup`, `connected`, `paused` (it must be authorised
    again), or empty where it needs none.
    """

    id: int
    tenant_id: int
    name: str
    channel: str
    token: str
    is_active: bool
    connection: str
    restricted: bool
    reopen: bool
    keep_owner: bool
    csat_enabled: bool
    show_preview: bool
    allowed_origins: list[str]
    settings: dict[str, Any]
    limits: LimitsData
    created_at: Moment
    user_ids: list[int] | None = None


class InboxWithKey(InboxData):
    """An inbox and its secret, which is shown in this one answer."""

    key: str


class AccountData(Shape):
    """An inbox's account at its provider, and how it fares. Of each secret only whether it is set; `facts` are what the
    provider says of it, `set_aside` counts what could not be applied, by the reason, `windows` the open conversations
    that may be answered freely (`open`) and by a template only (`shut`); empty where there is no window.
    """

    inbox_id: int
    channel: str
    connection: str
    webhook_path: str
    config: dict[str, Any]
    secrets: dict[str, bool]
    facts: dict[str, Any]
    last_delivery_at: Moment | None
    last_error: str
    last_error_at: Moment | None
    checked_at: Moment | None
    deliveries_waiting: int
    set_aside: dict[str, int]
    windows: dict[str, int]


class PhoneSessionData(Shape):
    """The session of an inbox's phone at its gateway. `status` is `connecting`, `qr`, `connected` or `disconnected`;
    `qr_code` (a data URL, PNG) is the code that can be scanned until `expires_at`, empty where there is none; `phone`
    and `profile_name` are the connected phone's; `error` says in words why it is not connected, `reason` is `unscanned`
    where nobody scanned its codes.
    """

    session_id: int
    status: str
    since: Moment | None
    qr_code: str
    expires_at: Moment | None
    phone: str
    profile_name: str
    error: str
    reason: str


class TemplateData(Shape):
    """A template: `text` with `{{1}}` in its places, `variables` their names (`body.1`, `button.0.1`), `buttons` their
    words. Only an `approved` one can be sent. One whose `head` is `image`, `video` or `document` wants that file as its
    attachment, of a type that it `accepts` (empty: any); any other head but "" can't be sent.
    """

    id: int
    name: str
    language: str
    category: str
    approval: str
    text: str
    variables: list[str]
    buttons: list[str]
    head: str
    accepts: list[str]
    synced_at: Moment


class TeamData(Shape):
    """A team and the users in it."""

    id: int
    tenant_id: int
    name: str
    user_ids: list[int]


class LabelData(Shape):
    """A label; `colour` is `#rrggbb`."""

    id: int
    tenant_id: int
    name: str
    colour: str


class AttachmentLink(AttachmentData):
    """An attachment whose `url` needs no credentials and ends at `expires_at`."""

    expires_at: Moment


class SurveyLink(Shape):
    """A survey's public name and page."""

    token: str
    url: str


class RatingData(Shape):
    """A rating; `timestamp` repeats `answered_at`."""

    id: int
    conversation_id: int
    inbox_id: int
    contact: ContactRef
    contact_name: str
    agent: Person | None
    agent_id: int | None
    rating: int | None = Field(ge=1, le=5)
    feedback: str
    sent_at: Moment
    answered_at: Moment | None
    timestamp: Moment


class SatisfactionSummary(Shape):
    """The figures of the ratings that the filters leave; null where nothing is known.

    `average` is the mean rating, 1 to 5; `score` the ratings of 4 and 5 by all ratings, `response_rate` the answers by
    the surveys sent, each 0 to 1.
    """

    average: float | None
    score: float | None
    response_rate: float | None
    sent: int
    answered: int
    distribution: dict[str, int]


class SurveyShown(Shape):
    """A survey as the customer sees it; `rating` is null until it is answered."""

    company: str
    agent: str | None
    rating: int | None = Field(ge=1, le=5)
    feedback: str
    closes_at: Moment


# --- the widget's -----------------------------------------------------------------------------------------------------


class HoursData(Shape):
    """Whether the team is there by its calendar, and if not, from when (null: not within two months)."""

    open: bool
    opens_at: Moment | None


class WidgetConfig(Shape):
    """How a widget looks and speaks, and who is there to answer."""

    title: str
    greeting: str
    offline: str
    accent: str
    language: str
    languages: list[str]
    online: bool
    agents: list[Person]
    hours: HoursData
    preview: bool
    max_attachment_bytes: int


class WidgetContact(Shape):
    """The visitor; without an id until they have written."""

    id: int | None
    name: str
    email: str
    verified: bool


class WidgetSession(Shape):
    """A visitor's token."""

    token: str
    expires_at: Moment
    contact: WidgetContact


class WidgetConversationState(Shape):
    """The visitor's conversation, `open` or `closed`, and up to which message the team and the visitor have read."""

    id: int
    status: str
    team_read: int
    own_read: int


class WidgetSurveyState(SurveyLink):
    """The survey that is open in the widget."""

    rating: int | None = Field(ge=1, le=5)
    feedback: str


class WidgetSnapshot(Shape):
    """Everything that a freshly opened widget draws; `messages` are the newest, oldest first."""

    conversation: WidgetConversationState | None
    messages: list[MessageData]
    has_more: bool
    survey: WidgetSurveyState | None
    online: bool
    agents: list[Person]
