/** What the audit's verbs are called. One that is not known here is shown as it came. */

/** @param {string} action */
export function verb(action) {
  const known = names();
  return Object.hasOwn(known, action) ? known[action] : action.replaceAll("_", " ");
}

/** @returns {Record<string, string>} */
function names() {
  return {
    conversation_created: gettext("conversation created"),
    conversation_updated: gettext("conversation changed"),
    conversation_assigned: gettext("conversation assigned"),
    conversation_transferred: gettext("conversation transferred"),
    conversation_snoozed: gettext("conversation snoozed"),
    conversation_woken: gettext("conversation woken"),
    conversation_closed: gettext("conversation closed"),
    conversation_reopened: gettext("conversation reopened"),
    message_received: gettext("message received"),
    message_sent: gettext("message sent"),
    message_edited: gettext("message changed by the customer"),
    message_deleted: gettext("message deleted"),
    message_reacted: gettext("reaction changed"),
    message_failed: gettext("message failed"),
    message_retried: gettext("message sent again"),
    note_added: gettext("note added"),
    attachment_uploaded: gettext("file uploaded"),
    survey_sent: gettext("survey sent"),
    survey_answered: gettext("survey answered"),
    contact_created: gettext("contact created"),
    contact_updated: gettext("contact changed"),
    inbox_created: gettext("inbox created"),
    inbox_updated: gettext("inbox changed"),
    inbox_deleted: gettext("inbox deleted"),
    inbox_paused: gettext("inbox to be authorised again"),
    inbox_resumed: gettext("inbox connected again"),
    inbox_secret_rotated: gettext("inbox secret renewed"),
    delivery_quarantined: gettext("delivery set aside"),
    delivery_retried: gettext("delivery tried again"),
    delivery_discarded: gettext("delivery thrown away"),
    team_created: gettext("team created"),
    team_updated: gettext("team changed"),
    team_deleted: gettext("team deleted"),
    label_created: gettext("label created"),
    label_updated: gettext("label changed"),
    label_deleted: gettext("label deleted"),
    member_added: gettext("member added"),
    member_changed: gettext("member changed"),
    member_removed: gettext("member removed"),
    user_logged_in: gettext("logged in"),
    user_logged_out: gettext("logged out"),
    login_failed: gettext("login failed"),
    session_revoked: gettext("session ended"),
    password_changed: gettext("password changed"),
    password_reset_sent: gettext("link for a new password sent"),
    key_created: gettext("client key created"),
    key_revoked: gettext("client key revoked"),
    audit_exported: gettext("audit exported"),
  };
}
