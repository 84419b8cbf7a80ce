// Node's own modules, as far as the tests use them. Its full types would give the browser's code Node's timers.
declare module "node:assert/strict";
declare module "node:fs";
declare module "node:path";
declare module "node:test";
declare module "node:url";
declare module "ws";
declare module "node:child_process";
declare module "node:zlib";
declare module "node:os";
declare module "node:fs/promises";
declare module "node:util";
declare module "rolldown";
declare module "node:process";
declare module "node:readline";
