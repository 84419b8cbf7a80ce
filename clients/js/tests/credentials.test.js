import assert from "node:assert/strict";
import { test } from "node:test";
import { login, NioChatClient } from "../src/index.js";
import { settled, stage } from "./fakes.js";

/** Answers with t1, t2, t3 … */
function tokens() {
  let made = 0;
  const getToken = async () => `t${++made}`;
  return { getToken, made: () => made };
}

test("a token is shown beside the handshake, in the address or in the first frame, as one asks", async () => {
  const beside = await stage({ token: "t0" }).connect();
  assert.deepEqual([beside.url, beside.protocols], ["ws://test/ws/dashboard/", ["niochat.v1", "bearer.t0"]]);

  const inAddress = await stage({ token: "t 0", auth: "query" }).connect();
  assert.deepEqual([inAddress.url, inAddress.protocols], ["ws://test/ws/dashboard/?token=t%200", undefined]);

  const first = await stage({ token: "t0", auth: "frame" }).connect();
  first.onopen({});
  assert.deepEqual([first.url, first.sent], ["ws://test/ws/dashboard/", [{ type: "auth", token: "t0" }]]);

  const cookie = await stage().connect();
  assert.deepEqual([cookie.url, cookie.protocols, cookie.sent], ["ws://test/ws/dashboard/", undefined, []]);
});

test("any address of the server will do", async () => {
  for (const [given, socket] of [
    ["https://help.example", "wss://help.example/ws/dashboard/"],
    ["https://help.example/desk/", "wss://help.example/desk/ws/dashboard/"],
    ["ws://localhost:8010/ws/dashboard/", "ws://localhost:8010/ws/dashboard/"],
    ["ws://localhost:8000/ws", "ws://localhost:8000/ws/dashboard/"],
    ["ws://localhost:8080/api/v1/conversations/ws", "ws://localhost:8080/ws/dashboard/"],
    ["ws://localhost:3000/ws?companyId=1&userId=2", "ws://localhost:3000/ws/dashboard/"],
  ]) {
    assert.equal((await stage({ url: given }).connect()).url, socket);
  }
});

test("a token is kept over breaks and asked for once", async () => {
  const { getToken, made } = tokens();
  const { connect, socket, pass } = stage({ getToken });
  (await connect()).welcome();
  socket().close(1006);
  await pass(1_000);
  assert.deepEqual([socket().protocols?.[1], made()], ["bearer.t1", 1]);
});

test("a token that ends soon is replaced on the open socket", async () => {
  const { getToken } = tokens();
  const { connect, sockets } = stage({ token: "t0", getToken });
  const socket = await connect();
  socket.welcome();
  socket.say("auth_expiring", { expires_at: "" });
  await settled();
  assert.deepEqual([socket.sent, sockets.length], [[{ type: "auth", token: "t1" }], 1]);
});

test("a refused token is renewed once, at once; refused again it is the end", async () => {
  const { getToken } = tokens();
  const { client, connect, socket, sockets } = stage({ token: "t0", getToken });
  (await connect()).refuse("TOKEN_EXPIRED", 4401);
  await settled();
  assert.equal(socket().protocols?.[1], "bearer.t1");
  socket().refuse("TOKEN_INVALID", 4401);
  await settled();
  assert.deepEqual([client.state, sockets.length], ["error", 2]);
});

test("a token that is taken and ended again and again is not renewed in a storm", async () => {
  const { getToken, made } = tokens();
  const { connect, socket, pass } = stage({ getToken });
  await connect();
  for (let turn = 0; turn < 5; turn += 1) {
    socket().welcome();
    socket().refuse("TOKEN_EXPIRED", 4401);
    await settled();
  }
  assert.equal(made(), 2);
  await pass(1_000);
  assert.equal(made(), 3);
});

test("without a way to renew, a refused token or session is the end", async () => {
  for (const options of [{ token: "t0" }, {}]) {
    const { client, connect, of } = stage(options);
    const socket = await connect();
    socket.welcome();
    socket.refuse("TOKEN_EXPIRED", 4401);
    assert.equal(client.state, "error");
    assert.deepEqual(of("state").at(-1), { state: "error", code: 4401, reason: "TOKEN_EXPIRED" });
  }
});

test("changed rights bring us back to a fresh state, with a new token where there is one", async () => {
  const { getToken } = tokens();
  for (const [options, shown] of /** @type {[any, any][]} */ ([
    [{ getToken }, "bearer.t2"],
    [{ token: "t0" }, "bearer.t0"],
    [{}, undefined],
  ])) {
    const { connect, socket, pass, of } = stage(options);
    (await connect()).welcome();
    socket().refuse("SCOPE_CHANGED", 4401);
    await pass(1_000);
    socket().welcome();
    assert.equal(socket().protocols?.[1], shown);
    assert.deepEqual(of("resync").at(-1)?.streams, ["t1.agents"]);
  }
});

test("a handshake that fails is looked into: a token that REST refuses is renewed, a lost network is waited for", async () => {
  const { getToken } = tokens();
  const fetch = async () => Response.json({ errors: [{ code: "token_expired" }] }, { status: 401 });
  const refused = stage({ token: "t0", getToken, fetch });
  (await refused.connect()).close(1006);
  await settled();
  assert.equal(refused.socket().protocols?.[1], "bearer.t1");

  const lost = stage({ token: "t0", getToken });
  (await lost.connect()).close(1006);
  await settled();
  assert.deepEqual([lost.client.state, lost.sockets.length], ["reconnecting", 1]);
});

test("a login that is over ends the attempts; one that can't be asked for does not", async () => {
  /** @param {number} status */
  const failing = (status) => () => Promise.reject(Object.assign(new Error("no"), { status }));
  for (const [status, state] of [
    [401, "error"],
    [0, "reconnecting"],
    [503, "reconnecting"],
  ]) {
    const { client, connect } = stage({ getToken: failing(Number(status)) });
    await connect();
    assert.equal(client.state, state);
  }
});

test("a token that is the same expired one again is the end, and says so once", async () => {
  let asked = 0;
  const getToken = async () => {
    asked += 1;
    return "t0";
  };
  const { client, connect, socket, sockets, of, pass } = stage({ token: "t0", getToken });
  (await connect()).welcome();
  socket().say("auth_expiring", { expires_at: "" });
  await settled();
  socket().refuse("TOKEN_EXPIRED", 4401);
  await settled();
  socket().refuse("TOKEN_EXPIRED", 4401);
  await pass(120_000);
  assert.deepEqual([client.state, sockets.length, asked], ["error", 2, 2]);
  assert.equal(of("error").filter(({ error }) => error?.startsWith("Given up")).length, 1);
});

test("a getToken that throws at once is a break like others", async () => {
  const getToken = () => {
    throw new Error("no");
  };
  const { client, connect } = stage({ getToken });
  await connect();
  assert.equal(client.state, "reconnecting");
});

test("a getToken that never answers is given up and asked again, whoever waits for it", async () => {
  let asked = 0;
  const getToken = () => {
    asked += 1;
    return asked === 1 ? new Promise(() => {}) : Promise.resolve("t2");
  };
  const { client, connect, socket, pass } = stage({ getToken: /** @type {any} */ (getToken) });
  await connect();
  const refused = assert.rejects(client.rest.snapshot(), /getToken hangs/);
  await pass(30_000);
  await refused;
  assert.equal(client.state, "reconnecting");
  await pass(500);
  assert.deepEqual([socket().protocols?.[1], asked], ["bearer.t2", 2]);
});

test("a client that is disconnected while its token is asked for stays so", async () => {
  let give = (/** @type {string} */ _token) => {};
  const getToken = () => new Promise((/** @type {(token: string) => void} */ resolve) => (give = resolve));
  const { client, connect, sockets } = stage({ getToken });
  await connect();
  client.disconnect();
  give("t1");
  await settled();
  assert.deepEqual([client.state, sockets.length], ["disconnected", 0]);
});

test("REST and the socket share a token, and whoever finds it ended renews it for both", async () => {
  const { getToken, made } = tokens();
  /** @type {string[]} */ const shown = [];
  const fetch = async (/** @type {string} */ _url, /** @type {any} */ { headers }) => {
    shown.push(headers.Authorization);
    if (headers.Authorization === "Bearer t0") return Response.json({ errors: [] }, { status: 401 });
    return Response.json([]);
  };
  const { client, connect } = stage({ token: "t0", getToken, fetch });
  await Promise.all([client.rest.conversations(), client.rest.messages(5, { limit: 2 })]);
  assert.deepEqual([shown, made()], [["Bearer t0", "Bearer t0", "Bearer t1", "Bearer t1"], 1]);
  assert.equal((await connect()).protocols?.[1], "bearer.t1");
});

test("login asks for tokens and renews them in turn", async () => {
  /** @type {any[]} */ const asked = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { body }) => {
    asked.push([url, JSON.parse(body)]);
    return Response.json({ access: `a${asked.length}`, refresh: `r${asked.length}` });
  };
  const session = await login("http://test", { username: "ana", password: "x" }, /** @type {any} */ (fetch));
  assert.equal(session.token, "a1");
  assert.deepEqual([await session.getToken(), await session.getToken()], ["a2", "a3"]);
  assert.deepEqual(asked, [
    ["http://test/api/v1/auth/token", { username: "ana", password: "x" }],
    ["http://test/api/v1/auth/token/refresh", { refresh: "r1" }],
    ["http://test/api/v1/auth/token/refresh", { refresh: "r2" }],
  ]);
});

test("a refresh whose answer was lost is not shown again: that would end the session", async () => {
  /** @type {string[]} */ const asked = [];
  const fetch = async (/** @type {string} */ url) => {
    asked.push(url.replace("http://test/api/v1/auth/", ""));
    if (asked.length === 2) throw new Error("offline");
    return Response.json({ access: `a${asked.length}`, refresh: `r${asked.length}` });
  };
  const session = await login("http://test", { username: "ana", password: "x" }, /** @type {any} */ (fetch));
  await assert.rejects(session.getToken(), { status: 0 });
  assert.equal(await session.getToken(), "a3");
  assert.deepEqual(asked, ["token", "token/refresh", "token"]);
});

test("a refusal of REST says what the server said", async () => {
  const fetch = async () =>
    Response.json(
      { type: "client_error", errors: [{ code: "throttled", detail: "Slowly.", attr: null }] },
      { status: 429, headers: { "Retry-After": "3" } },
    );
  const client = new NioChatClient({
    url: "http://test",
    WebSocket: /** @type {any} */ (class {}),
    fetch: /** @type {any} */ (fetch),
  });
  await assert.rejects(client.rest.snapshot(), {
    code: "throttled",
    message: "Slowly.",
    status: 429,
    retryAfterMs: 3_000,
    passing: true,
  });
});
