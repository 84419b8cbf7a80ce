/** Who we are: a token that is kept until it ends, and how to get the next one. Without either, the page's session cookie. */
export class Credentials {
  /** @type {Promise<string> | null} */ #renewing = null;

  /** @param {string | undefined} token @param {(() => string | Promise<string>) | undefined} getToken */
  constructor(token, getToken) {
    /** The token in use; empty: none yet, or the cookie. */
    this.token = token ?? "";
    this.getToken = getToken;
  }

  /** The token to show now. Rejects with what `getToken` does. */
  async current() {
    return this.token || (this.getToken ? this.renew() : "");
  }

  /** Another token. Whoever asks meanwhile waits for the same one: a refresh token may be used only once. */
  renew() {
    this.#renewing ??= this.#ask().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #ask() {
    const token = await this.getToken?.();
    if (!token) throw Object.assign(new Error("No token; log in again."), { status: 401 });
    this.token = token;
    return token;
  }
}
