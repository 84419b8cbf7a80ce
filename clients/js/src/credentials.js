const PATIENCE_MS = 30_000;

/** Who we are: a token that is kept until it ends, and how to get the next one. Without either, the page's session cookie. */
export class Credentials {
  /** @type {Promise<string> | null} */ #renewing = null;

  /** @param {string} [token] @param {() => string | Promise<string>} [getToken] */
  constructor(token = "", getToken) {
    /** The token in use; empty: none yet, or the cookie. */
    this.token = token;
    this.getToken = getToken;
  }

  /** The token to show now. Rejects with what `getToken` does. */
  async current() {
    return this.token || (this.getToken ? this.renew() : "");
  }

  /** Another token. Whoever asks meanwhile waits for the same one: a refresh token may be used only once. */
  renew() {
    this.#renewing ??= this.#ask();
    return this.#renewing;
  }

  async #ask() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */ let late;
    try {
      /** @type {string} */ const token = await new Promise((resolve, reject) => {
        late = setTimeout(() => reject(new Error("No token; getToken hangs.")), PATIENCE_MS);
        Promise.resolve(this.getToken?.() ?? "").then(resolve, reject);
      });
      if (!token) throw Object.assign(new Error("No token; log in again."), { status: 401 });
      this.token = token;
      return token;
    } finally {
      clearTimeout(late);
      this.#renewing = null;
    }
  }
}
