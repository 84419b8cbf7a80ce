/** A request that the server refused, or that did not reach it (`status` 0). */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {number} status
 * @param {any} body
 */
function refusal(status, body) {
  const [error] = body?.errors ?? [];
  return new Refusal(status, error?.code ?? "unavailable", error?.detail ?? "");
}

/** The widget's REST, for one inbox. It sends no cookie, only the visitor's token. */
export class Api {
  /**
   * @param {string} server the origin that the script came from
   * @param {string} key the inbox's public key
   */
  constructor(server, key) {
    this.server = server;
    this.base = `${server}/api/v1/widget/${encodeURIComponent(key)}`;
    this.token = "";
  }

  /** @returns {Promise<import("./types.js").Config>} */
  config() {
    return this.ask("GET", this.base);
  }

  /**
   * A token for the visitor; with a token in hand, the next one for the same visitor.
   *
   * @param {Record<string, string>} who name, email, identifier, identifier_hash
   */
  session(who) {
    return this.ask("POST", `${this.base}/sessions`, who);
  }

  snapshot() {
    return this.ask("GET", `${this.base}/snapshot`);
  }

  /**
   * @param {number} before a message's id
   * @param {number} limit
   * @returns {Promise<Record<string, any>[]>}
   */
  older(before, limit) {
    return this.ask("GET", `${this.base}/messages?before=${before}&limit=${limit}`);
  }

  /**
   * @param {string} token the survey's own
   * @param {number} rating
   * @param {string} feedback
   */
  rate(token, rating, feedback) {
    return this.ask("POST", `${this.server}/api/v1/surveys/${encodeURIComponent(token)}`, { rating, feedback });
  }

  /**
   * The bytes of an attachment, to be shown from memory: a link in the page could not carry the token.
   *
   * @param {import("./types.js").Attachment} attachment
   * @returns {Promise<Blob>}
   */
  async file(attachment) {
    const response = await this.send("GET", new URL(attachment.url, this.server).href);
    return response.blob();
  }

  /**
   * @param {File} file
   * @param {(percent: number) => void} onProgress
   * @returns {Promise<import("./types.js").Attachment>}
   */
  upload(file, onProgress) {
    return new Promise((resolve, reject) => {
      const form = new FormData();
      form.append("file", file, file.name);
      // fetch still has no progress of what goes out.
      const request = new XMLHttpRequest();
      request.open("POST", `${this.base}/attachments`);
      request.setRequestHeader("Authorization", `Bearer ${this.token}`);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => onProgress(Math.round((loaded / total) * 100));
      request.onload = () =>
        request.status < 300 ? resolve(request.response) : reject(refusal(request.status, request.response));
      request.onerror = () => reject(refusal(0, null));
      request.send(form);
    });
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {unknown} [body]
   */
  async ask(method, url, body) {
    const response = await this.send(method, url, body);
    return response.json();
  }

  /**
   * @param {string} method
   * @param {string} url
   * @param {unknown} [body]
   */
  async send(method, url, body) {
    /** @type {Record<string, string>} */
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {};
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const response = await fetch(url, {
      method,
      headers,
      credentials: "omit",
      body: body === undefined ? undefined : JSON.stringify(body),
    }).catch(() => null);
    if (!response) {
      throw refusal(0, null);
    }
    if (!response.ok) {
      throw refusal(response.status, await response.json().catch(() => null));
    }
    return response;
  }
}
