"""Addresses of the trade."""

from __future__ import annotations

from django.urls import URLPattern, path

from conversations.views import (
    accounts,
    answering,
    contacts,
    conversations,
    files,
    inbound,
    messages,
    organising,
    phone,
    photos,
    sessions,
    shop,
    surveys,
    widget,
    widget_history,
    widget_script,
)
from conversations.webhooks import views as webhooks

API = "api/v1"
ONE = f"{API}/conversations/<id:conversation_id>"
WIDGET = f"{API}/widget/<str:key>"

urlpatterns: list[URLPattern] = [
    path(f"{API}/conversations", conversations.ConversationsView.as_view(), name="conversations"),
    path(ONE, conversations.ConversationView.as_view(), name="conversation"),
    path(f"{ONE}/assign", conversations.AssignView.as_view(), name="conversation-assign"),
    path(f"{ONE}/transfer", conversations.TransferView.as_view(), name="conversation-transfer"),
    path(f"{ONE}/snooze", conversations.SnoozeView.as_view(), name="conversation-snooze"),
    path(f"{ONE}/close", conversations.CloseView.as_view(), name="conversation-close"),
    path(f"{ONE}/reopen", conversations.ReopenView.as_view(), name="conversation-reopen"),
    path(f"{ONE}/read", conversations.ReadView.as_view(), name="conversation-read"),
    path(f"{ONE}/typing", conversations.TypingView.as_view(), name="conversation-typing"),
    path(f"{ONE}/survey", surveys.SendSurveyView.as_view(), name="conversation-survey"),
    path(f"{ONE}/messages", messages.MessagesView.as_view(), name="messages"),
    path(f"{ONE}/attachments", files.AttachmentsView.as_view(), name="attachments"),
    path(f"{API}/messages/<id:message_id>", messages.MessageView.as_view(), name="message"),
    path(f"{API}/messages/<id:message_id>/reactions", messages.ReactionsView.as_view(), name="reactions"),
    path(f"{API}/messages/<id:message_id>/leave", messages.LeaveView.as_view(), name="message-leave"),
    path(f"{API}/messages/<id:message_id>/retry", messages.RetryView.as_view(), name="message-retry"),
    path(f"{API}/attachments/<id:attachment_id>", files.AttachmentView.as_view(), name="attachment"),
    path(f"{API}/attachments/<id:attachment_id>/file", files.AttachmentFileView.as_view(), name="attachment-file"),
    path("files/<str:token>", files.file, name="file"),
    path(f"{API}/contacts", contacts.ContactsView.as_view(), name="contacts"),
    path(f"{API}/contacts/<id:contact_id>", contacts.ContactView.as_view(), name="contact"),
    path(f"{API}/inboxes", organising.InboxesView.as_view(), name="inboxes"),
    path(f"{API}/inboxes/<id:inbox_id>", organising.InboxView.as_view(), name="inbox-detail"),
    path(f"{API}/inboxes/<id:inbox_id>/secret", organising.InboxSecretView.as_view(), name="inbox-secret"),
    path(f"{API}/inboxes/<id:inbox_id>/inbound", inbound.InboundView.as_view(), name="inbound"),
    path(f"{API}/inboxes/<id:inbox_id>/account", accounts.AccountView.as_view(), name="inbox-account"),
    path(f"{API}/inboxes/<id:inbox_id>/account/webhook", accounts.HookView.as_view(), name="inbox-webhook"),
    path(f"{API}/inboxes/<id:inbox_id>/session", sessions.SessionView.as_view(), name="inbox-session"),
    path(f"{API}/inboxes/<id:inbox_id>/session/restart", sessions.RestartView.as_view(), name="inbox-session-restart"),
    path(f"{API}/inboxes/<id:inbox_id>/templates", accounts.TemplatesView.as_view(), name="inbox-templates"),
    path(f"{API}/teams", organising.TeamsView.as_view(), name="teams"),
    path(f"{API}/teams/<id:team_id>", organising.TeamView.as_view(), name="team"),
    path(f"{API}/labels", organising.LabelsView.as_view(), name="labels"),
    path(f"{API}/labels/<id:label_id>", organising.LabelView.as_view(), name="label"),
    path(f"{API}/surveys/<str:token>", answering.SurveyView.as_view(), name="survey"),
    path("photos/<str:token>", photos.photo, name="photo"),
    path("s/<str:token>/", answering.page, name="survey-page"),
    path("widget.js", widget_script.script, name="widget-script"),
    path(WIDGET, widget.ConfigView.as_view(), name="widget"),
    path(f"{WIDGET}/sessions", widget.SessionsView.as_view(), name="widget-sessions"),
    path(f"{WIDGET}/snapshot", widget_history.SnapshotView.as_view(), name="widget-snapshot"),
    path(f"{WIDGET}/messages", widget_history.MessagesView.as_view(), name="widget-messages"),
    path(f"{WIDGET}/attachments", widget_history.AttachmentsView.as_view(), name="widget-attachments"),
    path(
        f"{WIDGET}/attachments/<id:attachment_id>/file",
        widget_history.AttachmentFileView.as_view(),
        name="widget-attachment-file",
    ),
    path("webhooks/<str:provider>/<str:token>", webhooks.WebhookView.as_view(), name="webhook"),
    path("demo/shop/", shop.shop, name="shop"),
    path("demo/phone/", phone.phone, name="phone"),
    path(f"{API}/csat", surveys.CsatView.as_view(), name="csat"),
    path(f"{API}/csat/summary", surveys.CsatSummaryView.as_view(), name="csat-summary"),
]
