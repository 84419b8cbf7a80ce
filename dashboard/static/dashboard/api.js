/**
 * REST, `/api/v1/`: JSON in and out, the session's cookie, refusals in the contract's shape as a `Refusal`.
 */

const ROOT = "/api/v1/";
const PATIENCE_MS = 20_000;
const UNAUTHENTICATED = 401;
/** A wrong password is no end of a session. */
const WRONG_PASSWORD = "authentication_failed";

/** The server said no (or nothing): `code` and `detail` are the contract's, `status` 0 means that it was not reached. */
export class Refusal extends Error {
  /** @param {number} status @param {any} body @param {string | null} retryAfter */
  constructor(status, body, retryAfter = null) {
    const [first = {}] = body?.errors ?? [];
    super(first.detail ?? body?.detail ?? "");
    this.status = status;
    this.code = first.code ?? (status === 0 ? "offline" : "internal");
    this.attr = first.attr ?? null;
    this.retryAfterMs = retryAfter ? Number(retryAfter) * 1000 : 0;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const api = {
  /** @param {string} path @param {Record<string, any>} [query] */
  get: async (path, query) => (await call("GET", address(path, query))).body,

  /** A page of a list, and how many rows the whole list has. @param {string} path @param {Record<string, any>} [query] */
  async list(path, query) {
    const { body, headers } = await call("GET", address(path, query));
    return { rows: body, total: Number(headers.get("X-Total-Count") ?? body.length) };
  },

  /** @param {string} path @param {any} [data] @param {RequestInit} [options] */
  post: async (path, data = {}, options = {}) => (await call("POST", address(path), data, options)).body,
  /** @param {string} path @param {any} data */
  patch: async (path, data) => (await call("PATCH", address(path), data)).body,
  /** @param {string} path @param {any} data */
  put: async (path, data) => (await call("PUT", address(path), data)).body,
  /** @param {string} path @param {RequestInit} [options] */
  remove: async (path, options = {}) => (await call("DELETE", address(path), undefined, options)).body,
};

/** Upload one file; `progress` hears 0 to 1. @param {string} path @param {File} file @param {(part: number) => void} progress */
export function upload(path, file, progress) {
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("file", file, file.name);
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status < 400) resolve(body);
      else reject(refused(request.status, body, request.getResponseHeader("Retry-After")));
    };
    request.onerror = () => reject(new Refusal(0, null));
    request.onabort = () => reject(new Refusal(0, null));
  });
  request.open("POST", address(path));
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.send(form);
  return { done, cancel: () => request.abort() };
}

/** @param {string} path @param {Record<string, any>} [query] */
function address(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return ROOT + path + (search.size ? `?${search}` : "");
}

/** @param {string} method @param {string} url @param {any} [data] @param {RequestInit} [options] */
async function call(method, url, data, options = {}) {
  const headers = {
    Accept: "application/json",
    "X-CSRFToken": csrfToken(),
    ...(data && { "Content-Type": "application/json" }),
  };
  const response = await fetch(url, {
    method,
    headers,
    body: data && JSON.stringify(data),
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...options,
  }).catch(() => {
    throw new Refusal(0, null);
  });
  const body = parsed(await response.text());
  if (!response.ok) throw refused(response.status, body, response.headers.get("Retry-After"));
  return { body, headers: response.headers };
}

/** A session that is over leads to the log-in, and from there back to this page. @param {number} status @param {any} body @param {string | null} retryAfter */
function refused(status, body, retryAfter) {
  const refusal = new Refusal(status, body, retryAfter);
  if (status === UNAUTHENTICATED && refusal.code !== WRONG_PASSWORD)
    location.assign(`/login/?session=ended&next=${encodeURIComponent(location.pathname)}`);
  return refusal;
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function csrfToken() {
  return document.cookie.match(/(?:^|; )niochat_csrf=([^;]+)/)?.[1] ?? "";
}
