/** The package as others get it: packed, installed into an empty folder, typed, small, ready to be published. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const MOST_BYTES = 6_000;

/** @param {string} command @param {string[]} args @param {string} cwd @returns {Promise<{stdout: string, stderr: string}>} */
function run(command, args, cwd) {
  const quiet = { npm_config_update_notifier: "false", npm_config_offline: "true", npm_config_loglevel: "warn" };
  const done = promisify(execFile)(command, args, { cwd, env: { ...process.env, ...quiet } });
  return done.catch((/** @type {any} */ failed) => assert.fail(`${failed.message}\n${failed.stdout}`));
}

/** @type {string} */ let app;
/** @type {any} */ let packed;

before(async () => {
  app = await mkdtemp(join(tmpdir(), "niochat-client-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", app], PACKAGE);
  packed = JSON.parse(stdout)[0];
  await writeFile(join(app, "package.json"), '{"name": "app", "private": true, "type": "module"}');
  // No framework here: the bindings' peers are optional.
  await run("npm", ["install", "--no-audit", "--no-fund", join(app, packed.filename)], app);
});
after(() => rm(app, { recursive: true }));

test("it holds its sources, its types and its README, and nothing else", () => {
  const files = packed.files.map((/** @type {any} */ file) => file.path);
  for (const needed of ["package.json", "README.md", "src/index.js", "types/index.d.ts", "types/client.d.ts"])
    assert.ok(files.includes(needed), needed);
  const strange = files.filter((/** @type {string} */ path) => !/^(src\/|types\/.*\.d\.ts|README|package)/.test(path));
  assert.deepEqual(strange, []);
});

test("every entry that it names is in it", async () => {
  const { exports } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8"));
  const files = new Set(packed.files.map((/** @type {any} */ file) => `./${file.path}`));
  const named = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
  assert.deepEqual(
    named.filter((path) => !files.has(path)),
    [],
  );
});

test("installed into an empty folder it can be imported and used", async () => {
  const program = `
    import { NioChatClient, presets } from "niochat-client";
    const client = new NioChatClient({ url: "http://localhost:1", WebSocket: class {}, reconnect: presets.fastapi });
    console.log(client.state, typeof client.sendMessage);`;
  await writeFile(join(app, "use.js"), program);
  assert.equal((await run("node", ["use.js"], app)).stdout, "disconnected function\n");
});

test("a strict TypeScript program reads its types", async () => {
  await writeFile(
    join(app, "use.ts"),
    `
    import { exponential, login, NioChatClient, presets, Refusal } from "niochat-client";
    import type { Message, Options, Policy, State } from "niochat-client";

    const policy: Policy = { ...presets.pytake, delayMs: exponential(100, 1_000) };
    const options: Options = { url: "https://help.example", getToken: async () => "t", reconnect: policy, snapshot: true };
    const client = new NioChatClient(options);
    const messages: Message[] = [];
    const stop: () => void = client.on("chat_message", ({ conversation_id, message }, frame) => {
      messages.push(message);
      const id: number = conversation_id + message.id + (frame.seq ?? 0);
      console.log(id.toFixed(), message.content.trim());
    });
    client.once("state", ({ state, retryAt }) => console.log(state satisfies State, retryAt?.toFixed()));
    client.on("*", (frame) => console.log(frame.type.trim()));
    client.on("something_new", (data) => console.log(data.whatever));
    // @ts-expect-error There is no such field.
    client.on("chat_message", ({ nonsense }) => nonsense);
    // @ts-expect-error There is no such presence.
    client.setPresence("asleep");
    const sent: Promise<{ message_id: number }> = client.sendMessage(5, "Olá", { private: true });
    sent.catch((problem: unknown) => problem instanceof Refusal && problem.code.trim());
    client.rest.conversations({ status: "open" }).then(([first]) => first?.contact.name.trim());
    login("https://help.example", { username: "ana", password: "x" }).then(({ token }) => token.trim());
    client.connect().then(({ role }) => role.trim());
    stop();
    `,
  );
  const compiler = join(NODE_MODULES, "typescript", "bin", "tsc");
  const strict = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom"];
  for (const style of [
    ["--module", "nodenext"],
    ["--module", "esnext", "--moduleResolution", "bundler"],
  ])
    await run("node", [compiler, ...strict, ...style, "use.ts"], app);
});

test("what an application imports is under six kilobytes, compressed", async () => {
  const bundle = await rolldown({ input: join(app, "node_modules", "niochat-client", "src", "index.js") });
  const { output } = await bundle.generate({ format: "es", minify: true });
  const bytes = gzipSync(output[0].code, { level: 9 }).length;
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test("it is ready to be published", async () => {
  const folder = join(app, "publishing");
  await mkdir(folder);
  await run("tar", ["-xzf", join(app, packed.filename), "-C", folder, "--strip-components", "1"], app);
  await symlink(NODE_MODULES, join(folder, "node_modules"));
  const { stdout, stderr } = await run("npm", ["publish", "--dry-run", "--json", "--ignore-scripts"], folder);
  assert.match(stdout, /"name": "niochat-client"/);
  // npm corrects what is wrong in a package.json and says so; that nobody is logged in is no fault of ours.
  const complaints = stderr.match(/^npm warn publish (?!.*logged in).*$/gm);
  assert.equal(complaints, null);
});
