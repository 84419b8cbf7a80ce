/** A list of the house (teams, labels, members …): loaded once, changed row by row, and what went wrong. */

import { attempt } from "./actions.js";
import { api } from "./api.js";
import { touch } from "./app.js";
import { undoable } from "./toasts.js";

/**
 * @template {{id: number}} T
 * @typedef {object} Resource
 * @property {T[]} rows
 * @property {boolean} loaded
 * @property {boolean} failed
 * @property {() => T[]} use                                       ask for the rows at the first use
 * @property {() => Promise<void>} load
 * @property {(data: any) => Promise<any>} create                  the answer, or undefined when refused
 * @property {(id: number, data: any) => Promise<any>} change
 * @property {(id: number, words: string) => void} remove          in five seconds, unless it is taken back
 */

const MOST = 200;

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
    async create(data) {
      const row = await attempt(api.post(path, data));
      if (row) set([...self.rows, row]);
      return row;
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
  return self;
}
