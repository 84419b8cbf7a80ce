import { Refusal } from "./api.js";

const FRESH_MS = 24 * 3600_000;

/**
 * Who the visitor is to the server: a token, kept in the page's own storage, and what they told of themselves.
 *
 * @typedef {{token: string, at: number, name: string, email: string, identifier: string}} Kept
 */
export class Visitor {
  /**
   * @param {import("./api.js").Api} api
   * @param {import("./storage.js").Corner} corner shared by the tabs of the page's origin
   */
  constructor(api, corner) {
    this.api = api;
    this.corner = corner;
    /** @type {Promise<void> | null} */
    this.asking = null;
    this.recall();
  }

  /** @returns {Kept | null} */
  get kept() {
    return this.corner.get("visitor");
  }

  get email() {
    return this.kept?.email ?? "";
  }

  /** Take up the token that this tab or another one stored. */
  recall() {
    this.api.token = this.kept?.token ?? "";
    return this.api.token !== "";
  }

  /**
   * A token, old or new: asked for once however many wait for it, since two would be two strangers. Rejects when the
   * server can't be reached.
   *
   * @returns {Promise<void>}
   */
  known() {
    this.asking ??= this.settle().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  async settle() {
    if (!this.recall()) {
      await this.ask({});
    } else if (Date.now() - Number(this.kept?.at) > FRESH_MS) {
      await this.renew();
    }
  }

  /**
   * The next token for the same visitor, or, where the server no longer knows the old one, a stranger's.
   *
   * @returns {Promise<boolean>} false when the server will not have us at all
   */
  async renew() {
    try {
      await this.ask({}).catch((error) => {
        if (!(error instanceof Refusal) || error.status !== 401) {
          throw error;
        }
        this.forget();
        return this.ask({});
      });
      return true;
    } catch (error) {
      return !(error instanceof Refusal && [401, 403, 404].includes(error.status));
    }
  }

  /**
   * @param {Record<string, string>} who
   * @returns {Promise<void>}
   */
  async ask(who) {
    const { token, contact } = await this.api.session(who);
    this.api.token = token;
    this.corner.set("visitor", {
      token,
      at: Date.now(),
      name: contact.name,
      email: contact.email,
      identifier: who.identifier ?? this.kept?.identifier ?? "",
    });
  }

  /**
   * Say who this is, vouched for by the site's own server.
   *
   * @param {Record<string, string>} who
   * @returns {Promise<boolean>} whether it is somebody else than before
   */
  async identify(who) {
    const before = this.kept;
    if (before?.identifier && before.identifier !== who.identifier) {
      this.forget();
    }
    await this.ask(who);
    return before?.identifier !== who.identifier;
  }

  forget() {
    this.api.token = "";
    for (const name of ["visitor", "read", "wrote"]) {
      this.corner.set(name, null);
    }
  }
}
