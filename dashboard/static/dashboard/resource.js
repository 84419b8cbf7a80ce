/** A list of the house (teams, labels, members …): loaded once, changed row by row, and what went wrong. */

import { api } from "./api.js";
import { touch } from "./app.js";
import { attempt, undoable } from "./toasts.js";

/**
 * @template {{id: number}} T
 * @typedef {object} Resource
 * @property {T[]} rows
 * @property {boolean} loaded
 * @property {boolean} failed
 * @property {() => T[]} use                                       ask for the rows at the first use
 * @property {() => Promise<void>} load
 * @property {(data: any, form?: HTMLFormElement) => Promise<any>} create  the answer, or undefined when refused
 * @property {(id: number, data: any) => Promise<any>} change
 * @property {(id: number, item: any) => void} hear                a frame told of a row; null: it is gone
 * @property {(id: number, words: string) => void} remove          in five seconds, unless it is taken back
 */

const MOST = 200;
const PATHS = { inbox: "inboxes", team: "teams", label: "labels" };
/** @type {Map<string, Resource<any>>} */
const resources = new Map();

/** Bring the loaded lists up to date. Members' also holds the invited, of whom only the audit tells. @param {import("./types.d.ts").Frame} frame */
export function hear({ type, data }) {
  if (type === "directory_updated")
    resources.get(PATHS[/** @type {keyof typeof PATHS} */ (data.kind)])?.hear(data.id, data.item);
  const members = resources.get("users");
  if (type === "audit_log" && data.action.startsWith("member_") && members?.loaded) members.load();
}

/** Who may see an inbox stands in no frame. @param {any} row @param {any} item */
const merged = (row, item) => ({ ...row, ...item, user_ids: item.user_ids ?? row.user_ids });

/**
 * @template {{id: number}} T
 * @param {string} path
 * @param {(rows: T[]) => void} [told]  hears of every change
 * @returns {Resource<T>}
 */
export function resource(path, told = () => {}) {
  let asked = false;
  const set = (/** @type {T[]} */ rows) => {
    self.rows = rows;
    told(rows);
    touch();
  };
  /** @type {Resource<T>} */
  const self = {
    rows: [],
    loaded: false,
    failed: false,
    use() {
      if (!asked) self.load();
      return self.rows;
    },
    async load() {
      asked = true;
      try {
        const rows = await api.get(path, { limit: MOST });
        Object.assign(self, { loaded: true, failed: false });
        set(rows);
      } catch {
        self.failed = true;
        touch();
      }
    },
    async create(data, form) {
      const row = await attempt(api.post(path, data), form);
      if (row) self.hear(row.id, row);
      return row;
    },
    hear(id, item) {
      if (!self.loaded) return;
      const known = self.rows.some((row) => row.id === id);
      if (item === null) set(self.rows.filter((row) => row.id !== id));
      else if (known) set(self.rows.map((row) => (row.id === id ? merged(row, item) : row)));
      else set([...self.rows, item]);
    },
    async change(id, data) {
      const row = await attempt(api.patch(`${path}/${id}`, data));
      // Refused: the field shows again what is true.
      set(self.rows.map((known) => (known.id === id ? { ...known, ...row } : known)));
      return row;
    },
    remove(id, words) {
      const before = self.rows;
      set(before.filter((known) => known.id !== id));
      const undo = () => set(before);
      undoable(words, {
        commit: async (options) => (await attempt(api.remove(`${path}/${id}`, options).then(() => true))) ?? undo(),
        undo,
      });
    },
  };
  resources.set(path, self);
  return self;
}
