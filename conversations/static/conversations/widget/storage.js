/**
 * A corner of the page's own storage. Where the browser refuses it (private mode, sandboxed frames), things are kept for
 * as long as the page lives.
 */
export class Corner {
  /**
   * @param {() => Storage} open the storage is asked for late: merely naming it may throw
   * @param {string} prefix
   */
  constructor(open, prefix) {
    this.prefix = prefix;
    /** @type {Map<string, string>} */
    this.spare = new Map();
    try {
      this.storage = open();
      this.storage.setItem(`${prefix}probe`, "1");
      this.storage.removeItem(`${prefix}probe`);
    } catch {
      this.storage = null;
    }
  }

  /**
   * @param {string} name
   * @returns {any} what was put there, or null
   */
  get(name) {
    try {
      const text = this.storage ? this.storage.getItem(this.prefix + name) : this.spare.get(name);
      return text ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  /**
   * @param {string} name
   * @param {unknown} value null takes it away
   */
  set(name, value) {
    try {
      if (value === null) {
        this.spare.delete(name);
        this.storage?.removeItem(this.prefix + name);
      } else {
        this.spare.set(name, JSON.stringify(value));
        this.storage?.setItem(this.prefix + name, JSON.stringify(value));
      }
    } catch {
      this.storage = null;
    }
  }
}
