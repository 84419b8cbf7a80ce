import { dress, element } from "./dom.js";
import { face } from "./icons.js";

const RATINGS = [1, 2, 3, 4, 5];
const SETTLE_MS = 400;

/** The one question after a conversation: five faces, then a text field, then a thank-you. */
export class SurveyCard {
  /**
   * @param {import("./chat.js").Chat} chat
   * @param {import("./words.js").Language} language
   * @param {import("./types.js").Survey} survey
   */
  constructor(chat, language, survey) {
    this.chat = chat;
    this.language = language;
    this.rating = survey.rating ?? 0;
    this.feedback = survey.feedback;
    this.timer = 0;
    /** @type {Promise<unknown>} the answer that is on its way: two at once could arrive in the wrong order */
    this.sending = Promise.resolve();
    this.problem = element("p", { class: "problem", role: "alert", hidden: true });
    this.node = element("section", { class: "card survey", "aria-label": language.say("how_was_it") });
    if (survey.rating) {
      this.thank();
    } else {
      this.ask();
    }
  }

  ask() {
    this.words = element("span", { class: "rating-words", "aria-hidden": "true" });
    this.more = this.moreForm();
    this.more.hidden = !this.rating;
    const faces = RATINGS.map((rating) => this.choice(rating));
    const question = element("legend", {}, this.language.say("how_was_it"));
    this.node.replaceChildren(
      element("fieldset", {}, question, element("div", { class: "ratings" }, ...faces), this.words),
      this.more,
      this.problem,
    );
    this.mark();
  }

  /** @param {number} rating */
  choice(rating) {
    const label = this.language.say(`rate_${rating}`);
    const input = element("input", {
      type: "radio",
      name: "rating",
      value: rating,
      "aria-label": label,
      onchange: () => this.choose(rating),
    });
    input.checked = rating === this.rating;
    return element("label", { title: label, class: "rating" }, input, face(rating));
  }

  mark() {
    this.words.textContent = this.rating ? this.language.say(`rate_${this.rating}`) : "";
  }

  /** The click already counts. Arrow keys pass over faces, so it goes out when the choice has settled. @param {number} rating */
  choose(rating) {
    this.rating = rating;
    this.more.hidden = false;
    this.more.scrollIntoView({ block: "nearest" });
    this.mark();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), SETTLE_MS);
  }

  moreForm() {
    const text = element("textarea", {
      rows: 2,
      maxlength: 2000,
      "aria-label": this.language.say("tell_more"),
      placeholder: this.language.say("tell_more"),
    });
    text.value = this.feedback;
    const onsubmit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      clearTimeout(this.timer);
      this.feedback = text.value.trim();
      if (await this.send()) {
        this.thank();
      }
    };
    return element(
      "form",
      { onsubmit },
      text,
      element("button", { type: "submit", class: "primary" }, this.language.say("send_rating")),
    );
  }

  /** @returns {Promise<boolean>} whether it was taken */
  send() {
    const sent = this.sending.then(() => this.sendNow());
    this.sending = sent;
    return sent;
  }

  /** @returns {Promise<boolean>} */
  async sendNow() {
    try {
      await this.chat.rate(this.rating, this.feedback);
      this.problem.hidden = true;
      return true;
    } catch (error) {
      const closed = /** @type {import("./api.js").Refusal} */ (error).status === 410;
      this.problem.textContent = this.language.say(closed ? "rating_closed" : "rating_failed");
      dress(this.problem, { hidden: false });
      return false;
    }
  }

  thank() {
    const change = element(
      "button",
      { type: "button", class: "link", onclick: () => this.ask() },
      this.language.say("change_rating"),
    );
    const thanks = element("p", { role: "status", tabindex: -1 }, this.language.say("thanks"));
    this.node.replaceChildren(element("div", { class: "thanks" }, face(this.rating), thanks, change));
    thanks.focus({ preventScroll: true });
  }
}
