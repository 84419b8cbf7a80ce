/**
 * Where the socket and REST are, from any address that a page may have: the server's, or one of its sockets'.
 * @param {string} [given] the page's own server where none is given
 */
export function addresses(given) {
  const page = globalThis.location?.href;
  const url = new URL(given ?? "", page);
  const path = given ? url.pathname.replace(/((\/api\/v1\/conversations)?\/ws(\/.*)?|\/*)$/, "/") : "/";
  const host = `//${url.host}${path}`;
  const secure = /[ps]s:/.test(url.protocol) ? "s" : "";
  return { socket: `ws${secure}:${host}ws/dashboard/`, rest: `http${secure}:${host}api/v1/` };
}
