"""Every change of the trade: one function, one transaction, in beats: lock, change, queue, record, publish, return.

Doors import from here. Actions never call actions; what they share stands in `steps`.
"""

from conversations.actions.attachments import attach_file, discard_unclaimed
from conversations.actions.contacts import create_contact, update_contact
from conversations.actions.conversations import (
    close_conversation,
    reopen_conversation,
    start_conversation,
    update_conversation,
)
from conversations.actions.deliveries import (
    discard_deliveries,
    drop_set_aside,
    finish_deliveries,
    part_delivery,
    quarantine_delivery,
    queue_reader,
    queue_readers,
    set_aside,
    take_delivery,
)
from conversations.actions.delivery import advance, give_up_delivery, leave_message, queue_undelivered, retry_message
from conversations.actions.identity import identify
from conversations.actions.inbound import Written, receive_message
from conversations.actions.inboxes import create_inbox, delete_inbox, rotate_inbox_secret, update_inbox
from conversations.actions.media import keep_media, lose_media
from conversations.actions.messages import delete_message, react, send_message
from conversations.actions.organising import (
    create_label,
    create_team,
    delete_label,
    delete_team,
    update_label,
    update_team,
)
from conversations.actions.orphans import discard_orphans
from conversations.actions.owning import assign, transfer
from conversations.actions.phones import react_on_phone, record_from_phone
from conversations.actions.photos import ask_for_photo, keep_photo
from conversations.actions.provider_accounts import (
    change_identity,
    configure_account,
    count_ignored,
    note_account,
    note_check,
    queue_account_checks,
    request_check,
    request_webhook,
    save_templates,
)
from conversations.actions.quarantine import (
    bury_set_aside,
    discard_delivery,
    discard_set_aside,
    quarantine_again,
    reread_delivery,
    rerun_set_aside,
)
from conversations.actions.reading import await_silence, listen, mark_read, mark_received, show_writing
from conversations.actions.releasing import release_conversations
from conversations.actions.reporting import edit_message, report_status
from conversations.actions.resealing import reseal_secrets
from conversations.actions.sending import begin_sending, settle_sending
from conversations.actions.sessions import (
    end_session,
    look_at_session,
    note_session,
    queue_session_looks,
    restart_session,
    start_session,
)
from conversations.actions.snoozing import snooze, wake
from conversations.actions.surveys import answer_survey, send_survey, survey_after_close
from conversations.actions.waiting import wait_on

__all__ = [
    "Written",
    "advance",
    "answer_survey",
    "ask_for_photo",
    "assign",
    "attach_file",
    "await_silence",
    "begin_sending",
    "bury_set_aside",
    "change_identity",
    "close_conversation",
    "configure_account",
    "count_ignored",
    "create_contact",
    "create_inbox",
    "create_label",
    "create_team",
    "delete_inbox",
    "delete_label",
    "delete_message",
    "delete_team",
    "discard_deliveries",
    "discard_delivery",
    "discard_orphans",
    "discard_set_aside",
    "discard_unclaimed",
    "drop_set_aside",
    "edit_message",
    "end_session",
    "finish_deliveries",
    "give_up_delivery",
    "identify",
    "keep_media",
    "keep_photo",
    "leave_message",
    "listen",
    "look_at_session",
    "lose_media",
    "mark_read",
    "mark_received",
    "note_account",
    "note_check",
    "note_session",
    "part_delivery",
    "quarantine_again",
    "quarantine_delivery",
    "queue_account_checks",
    "queue_reader",
    "queue_readers",
    "queue_session_looks",
    "queue_undelivered",
    "react",
    "react_on_phone",
    "receive_message",
    "record_from_phone",
    "release_conversations",
    "reopen_conversation",
    "report_status",
    "request_check",
    "request_webhook",
    "reread_delivery",
    "rerun_set_aside",
    "reseal_secrets",
    "restart_session",
    "retry_message",
    "rotate_inbox_secret",
    "save_templates",
    "send_message",
    "send_survey",
    "set_aside",
    "settle_sending",
    "show_writing",
    "snooze",
    "start_conversation",
    "start_session",
    "survey_after_close",
    "take_delivery",
    "transfer",
    "update_contact",
    "update_conversation",
    "update_inbox",
    "update_label",
    "update_team",
    "wait_on",
    "wake",
]
