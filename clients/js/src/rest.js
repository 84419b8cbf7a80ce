/** The part of the product that sockets lack: lists, pages of messages, the snapshot, and any other route. */
import { addresses } from "./addresses.js";
import { Credentials } from "./credentials.js";

const PATIENCE_MS = 20_000;

/** The server said no, or was not reached (`status` 0). `code` is the contract's, `passing` whether a repeat may succeed. */
export class Refusal extends Error {
  /** @override */ name = "Refusal";
  /** The answer's; 0: there was none. */ status = 0;
  /** The field that is wrong. @type {string | null} */ attr = null;
  /** When a repeat may succeed. */ retryAfterMs = 0;
  /** Whether the server itself refused a command. */ answered = false;
  /** The command that was refused. @type {Record<string, any> | undefined} */ frame;

  /** @param {string} code @param {string} [detail] @param {Partial<Pick<Refusal, "status" | "attr" | "retryAfterMs" | "answered" | "frame">>} [more] */
  constructor(code, detail, more) {
    super(detail || code);
    this.code = code;
    Object.assign(this, more);
  }

  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} ConversationsQuery
 * @property {import("./frames.js").ConversationStatus | "open" | "pending"} [status]  `open`: all but closed
 * @property {string} [search]    in the contact's name or phone, or any message
 * @property {number} [inbox]
 * @property {number | "me" | "none"} [assignee]
 * @property {number} [team]
 * @property {number | string} [label]
 * @property {string} [ordering]  the last message first, unless told otherwise
 * @property {number} [limit]     50 unless told otherwise, at most 200
 * @property {number} [offset]
 *
 * @typedef {object} MessagesQuery
 * @property {number} [limit]     100 unless told otherwise
 * @property {number} [offset]    counted from the newest
 * @property {number | string} [before]  a message's id or a time
 * @property {number | string} [after]
 * @property {string} [search]     only what says this; accents and capitals do not matter
 */

export class Rest {
  /** @param {string} base @param {Credentials} credentials @param {typeof fetch} [fetcher] */
  constructor(base, credentials, fetcher = (...call) => fetch(...call)) {
    this.base = base;
    this.credentials = credentials;
    this.fetch = fetcher;
  }

  /**
   * Ask for any route, `"conversations/5/close"`. A token that has ended is renewed once.
   * @template [T=any]
   * @param {string} method
   * @param {string} path below `/api/v1/`
   * @param {{query?: Record<string, any>, body?: any}} [more]
   * @returns {Promise<T>} Rejects with a Refusal.
   */
  async request(method, path, more = {}) {
    const { credentials } = this;
    const token = await credentials.current();
    try {
      return await this.#call(method, path, more, token);
    } catch (problem) {
      const over = /** @type {Refusal} */ (problem).status === 401 && credentials.getToken;
      if (!over) throw problem;
      if (credentials.token === token) await credentials.renew();
      return this.#call(method, path, more, credentials.token);
    }
  }

  /** A page of the list. @param {ConversationsQuery} [query] @returns {Promise<import("./frames.js").Conversation[]>} */
  conversations(query) {
    return this.request("GET", "conversations", { query });
  }

  /** The newest messages, oldest first. @param {number | string} conversationId @param {MessagesQuery} [query] @returns {Promise<import("./frames.js").Message[]>} */
  messages(conversationId, query) {
    return this.request("GET", `conversations/${conversationId}/messages`, { query });
  }

  /** What a fresh page shows, and where its streams stand. @returns {Promise<import("./frames.js").Snapshot>} */
  snapshot() {
    return this.request("GET", "snapshot");
  }

  /** Whether the credential is no good any more. Rejects where the server can't be asked. */
  async isRefused() {
    const asked = this.#call("GET", "auth/me", {}, this.credentials.token);
    return asked.then(
      () => false,
      (problem) => problem.status === 401,
    );
  }

  /** @param {string} method @param {string} path @param {{query?: Record<string, any>, body?: any}} more @param {string} token */
  async #call(method, path, { query = {}, body }, token) {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const response = await this.fetch(`${this.base}${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`, {
      method,
      headers: headers(token, body),
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch((problem) => {
      throw new Refusal("offline", problem.message);
    });
    const answer = await response.json().catch(() => null);
    if (response.ok) return answer;
    const { code = "internal", detail, attr } = answer?.errors?.[0] ?? {};
    const retryAfterMs = Number(response.headers.get("Retry-After")) * 1_000 || 0;
    throw new Refusal(code, detail, { status: response.status, attr, retryAfterMs });
  }
}

/** @param {string} token @param {any} body @returns {Record<string, string>} */
function headers(token, body) {
  const forgery = globalThis.document?.cookie.match(/(?:^|; )niochat_csrf=([^;]+)/)?.[1];
  return {
    ...(body && { "Content-Type": "application/json" }),
    ...(token ? { Authorization: `Bearer ${token}` } : forgery && { "X-CSRFToken": forgery }),
  };
}

/**
 * Log in, and have what the client needs: `new NioChatClient({ url, ...(await login(url, …)) })`.
 * @param {string} url
 * @param {{username: string, password: string, tenant?: string}} who
 * @param {typeof fetch} [fetcher]
 * @returns {Promise<{token: string, getToken: () => Promise<string>}>} Rejects with a Refusal.
 */
export async function login(url, who, fetcher) {
  const rest = new Rest(addresses(url).rest, new Credentials(), fetcher);
  let refresh = "";
  /** A refresh token is shown once: where its answer was lost it may be used up, and showing it again ends the session. */
  async function getToken() {
    const shown = refresh;
    refresh = "";
    const answer = await (shown
      ? rest.request("POST", "auth/token/refresh", { body: { refresh: shown } })
      : rest.request("POST", "auth/token", { body: who }));
    refresh = answer.refresh;
    return answer.access;
  }
  return { token: await getToken(), getToken };
}
