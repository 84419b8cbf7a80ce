/** Why a message was not delivered, in its reader's language; what has no code is shown as it came. */

import { fill } from "./words.js";

/** Whether nobody knows if the customer has it: `open` while somebody has to decide. @param {import("./types.d.ts").Message} message */
export function doubtOf({ status, failure }) {
  if (status !== "failed") return "";
  return failure?.code === "uncertain" ? "open" : failure?.code === "left" ? "left" : "";
}

/** @param {import("./types.d.ts").Message} message */
export function reasonOf({ error, failure }) {
  const sentence = failure ? sentences()[failure.code] : undefined;
  if (!failure || !sentence) return error;
  const { values, detail } = failure;
  const told = fill(sentence, values);
  const said = detail ? fill(gettext("%(sentence)s It says: “%(words)s”"), { sentence: told, words: detail }) : told;
  const partly = gettext("%(sent)s of its %(count)s parts were sent; sending it again sends the rest.");
  return "sent" in values ? `${fill(partly, values)} ${said}` : said;
}

/** The same sentences as the server's. @returns {Record<string, string>} */
function sentences() {
  return {
    window_closed: gettext("The customer wrote more than 24 hours ago; send a template."),
    uncertain: gettext("It is not certain whether it arrived. Ask before you send it again."),
    left: gettext("It may have arrived or not; it was left at that."),
    undelivered: gettext("It could not be delivered."),
    given_up: gettext("It could not be delivered, after %(attempts)s attempts."),
    refused: gettext("The provider did not take it."),
    undeliverable: gettext("WhatsApp could not bring it to this customer."),
    not_allowed: gettext("The account may not write to this number."),
    wrong_kind: gettext("The customer can't be sent messages of this kind."),
    file: gettext("The provider did not take the file."),
    not_understood: gettext("The provider did not understand the message."),
    held_back: gettext("WhatsApp held it back, so that customers do not get too much advertising."),
    template: gettext("The template does not fit, or is not approved any more."),
    blocked: gettext("The customer has blocked us, or is not there any more."),
    never_wrote: gettext("They have not written to the bot yet; only then may it write to them."),
    address: gettext("The provider's address is not called; see the inbox's settings."),
    unauthorised: gettext("The provider does not accept our authorisation any more."),
    account_blocked: gettext("The provider has blocked the account."),
    unreachable: gettext("The provider can't be reached."),
    throttled: gettext("The provider takes no more for now."),
    no_session: gettext("The gateway knows no such session."),
    trouble: gettext("The provider reports a problem."),
  };
}
