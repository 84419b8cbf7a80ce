/**
 * When to come back after a break.
 *
 * @typedef {object} Policy
 * @property {(attempt: number) => number} delayMs  the wait before the nth attempt in a row (from 1)
 * @property {number} jitter        the part of the wait that chance takes off: 0 none, 1 up to all of it
 * @property {number} attempts      how many in a row before giving up
 * @property {boolean} whileVisible never give up while somebody looks at the page (a program without a page always looks)
 */

/** Waits that double, up to a widest. @param {number} firstMs @param {number} mostMs @returns {(attempt: number) => number} */
export const exponential = (firstMs, mostMs) => (attempt) => Math.min(firstMs * 2 ** (attempt - 1), mostMs);

/** As the documents have it: so many attempts and no more. @returns {Policy} */
const counted = (/** @type {Policy["delayMs"]} */ delayMs, /** @type {number} */ attempts, jitter = 0) => ({
  delayMs,
  jitter,
  attempts,
  whileVisible: false,
});

const doubling = exponential(1_000, 32_000);
/** @type {Policy} */
const standard = { ...counted(doubling, 10, 0.5), whileVisible: true };

/**
 * The client's own policy, and those of five systems whose users come here.
 * @type {Record<"standard" | "niochat" | "fastapi" | "socketio" | "pytake" | "syszap", Policy>}
 */
export const presets = {
  standard,
  niochat: counted(() => 5_000, 5),
  fastapi: counted(doubling, 10),
  socketio: counted(exponential(1_000, 5_000), 5, 0.5),
  pytake: counted((attempt) => 3_000 * attempt, 5),
  syszap: counted(doubling, Number.POSITIVE_INFINITY, 0.5),
};

/**
 * The policy that the options ask for; null: stay away.
 * @param {{reconnect?: Partial<Policy> | false, reconnectInterval?: number, maxReconnectAttempts?: number}} options
 * @returns {Policy | null}
 */
export function policyOf({ reconnect, reconnectInterval, maxReconnectAttempts }) {
  if (reconnect === false) return null;
  return {
    ...standard,
    ...(reconnectInterval && { delayMs: exponential(reconnectInterval, reconnectInterval * 32) }),
    ...(maxReconnectAttempts !== undefined && { attempts: maxReconnectAttempts, whileVisible: false }),
    ...reconnect,
  };
}
