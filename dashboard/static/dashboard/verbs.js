/** What the audit's verbs are called. One that is not known here is shown as it came. */

/** @param {string} action */
export function verb(action) {
  const known = names();
  return Object.hasOwn(known, action) ? known[action] : action.replaceAll("_", " ");
}

/** @returns {Record<string, string>} */
function names() {
  return {
    conversation_created: gettext("began a conversation"),
    conversation_updated: gettext("changed a conversation"),
    conversation_assigned: gettext("assigned a conversation"),
    conversation_transferred: gettext("passed a conversation on"),
    conversation_snoozed: gettext("snoozed a conversation"),
    conversation_woken: gettext("woke a conversation"),
    conversation_closed: gettext("closed a conversation"),
    conversation_reopened: gettext("reopened a conversation"),
    message_received: gettext("wrote"),
    message_sent: gettext("sent a message"),
    message_edited: gettext("changed a message"),
    message_deleted: gettext("deleted a message"),
    message_reacted: gettext("changed a reaction"),
    message_failed: gettext("could not deliver a message"),
    message_retried: gettext("sent a message again"),
    message_left: gettext("left an uncertain message as it is"),
    note_added: gettext("wrote a note"),
    attachment_uploaded: gettext("uploaded a file"),
    survey_sent: gettext("asked for a rating"),
    survey_answered: gettext("gave a rating"),
    contact_created: gettext("added a contact"),
    contact_updated: gettext("changed a contact"),
    inbox_created: gettext("added an inbox"),
    inbox_updated: gettext("changed an inbox"),
    inbox_deleted: gettext("deleted an inbox"),
    inbox_paused: gettext("paused an inbox: it must be authorised again"),
    inbox_resumed: gettext("connected an inbox again"),
    inbox_secret_rotated: gettext("renewed an inbox's secret"),
    delivery_quarantined: gettext("set a delivery aside"),
    delivery_retried: gettext("tried a delivery again"),
    delivery_discarded: gettext("threw a delivery away"),
    team_created: gettext("added a team"),
    team_updated: gettext("changed a team"),
    team_deleted: gettext("deleted a team"),
    label_created: gettext("added a label"),
    label_updated: gettext("changed a label"),
    label_deleted: gettext("deleted a label"),
    member_added: gettext("added a colleague"),
    member_changed: gettext("changed someone's access"),
    member_removed: gettext("removed a colleague"),
    user_logged_in: gettext("logged in"),
    user_logged_out: gettext("logged out"),
    session_revoked: gettext("ended a login"),
    password_changed: gettext("changed the password"),
    password_reset_sent: gettext("asked for a new password"),
    key_created: gettext("made a client key"),
    key_revoked: gettext("revoked a client key"),
    audit_exported: gettext("exported the audit"),
  };
}
