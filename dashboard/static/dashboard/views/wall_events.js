/** Two quiet columns of the wall: ratings and the audit, as they happen. */

import { current } from "../app.js";
import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { verb } from "../verbs.js";
import { personName } from "../words.js";
import { agentOf, avatar, empty, face, icon, when } from "./parts.js";

const SHOWN = 40;

export function satisfied() {
  const { ratings } = current();
  return html`<section class="stream" aria-label=${gettext("Ratings")}>
    <h2>${gettext("Ratings")}</h2>
    ${ratings.length ? nothing : empty("star", gettext("No ratings yet"), gettext("What customers answer after a conversation appears here."))}
    <ul>${repeat(ratings.slice(0, SHOWN), (one) => one.survey_id, rating)}</ul>
  </section>`;
}

/** @param {import("../types.d.ts").Rating} one */
function rating(one) {
  const agent = agentOf(one.agent_id);
  return html`<li class="stream-item"><a href="/c/${one.conversation_id}/" data-local>
    ${face(one.rating)}
    <span class="stream-text"><b>${personName(one.contact_name)}</b>${one.feedback ? html`<q>${one.feedback}</q>` : nothing}
      <small>${agent ? html`${agent.name} · ` : nothing}${when(one.timestamp)}</small></span>
  </a></li>`;
}

export function records() {
  const { audit } = current();
  return html`<section class="stream" aria-label=${gettext("Audit")}>
    <h2>${gettext("Audit")}<a class="icon-button" href="/api/v1/audit/export" download aria-label=${gettext("Export")} data-tip=${gettext("Export")} data-tip-at="left">${icon("download")}</a></h2>
    ${audit.length ? nothing : empty("history", gettext("Nothing yet"), gettext("What is done in the company appears here."))}
    <ul>${repeat(audit.slice(0, SHOWN), (one) => one.id, record)}</ul>
  </section>`;
}

/** @param {import("../types.d.ts").AuditEntry} one */
function record(one) {
  const agent = agentOf(one.user?.id ?? null);
  const who = agent?.name ?? one.user?.username ?? personName(one.details.contact_name ?? "NioChat");
  const about = one.user ? one.details.contact_name : undefined;
  const text = html`${avatar(agent ?? { id: 5, name: who }, { size: 20 })}
    <span class="stream-text"><span><b>${who}</b> ${verb(one.action)}</span>
      <small>${about ? html`${personName(about)} · ` : nothing}${when(one.timestamp)}</small></span>`;
  const id = one.details.conversation_id;
  return html`<li class="stream-item" data-action=${one.action}>${id ? html`<a href="/c/${id}/" data-local>${text}</a>` : html`<span>${text}</span>`}</li>`;
}
