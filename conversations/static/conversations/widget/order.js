/**
 * A client's rule for kept frames: each once, in the order of its stream, without a hole.
 *
 * @param {Record<string, number>} cursors the newest number that was applied, for each stream
 * @param {import("./types.js").Frame} frame
 * @returns {"apply" | "drop" | "resume"}
 */
export function placeOf(cursors, frame) {
  if (frame.stream === undefined || frame.seq === undefined) {
    return "apply";
  }
  const cursor = cursors[frame.stream] ?? 0;
  if (frame.seq <= cursor) {
    return "drop";
  }
  return frame.seq === cursor + 1 ? "apply" : "resume";
}

/**
 * Whether the server stands further than we do in any stream that we follow.
 *
 * @param {Record<string, number>} ours
 * @param {Record<string, number>} theirs
 */
export function isBehind(ours, theirs) {
  return Object.entries(theirs).some(([stream, head]) => head > (ours[stream] ?? 0));
}

/**
 * How long to wait before the next attempt: full jitter, so that a restart does not bring everybody back at once.
 *
 * @param {number} attempt 0 for the first
 * @param {number} [random] between 0 and 1
 * @returns {number} milliseconds
 */
export function backoffMs(attempt, random = Math.random()) {
  const ceilingMs = Math.min(30_000, 1_000 * 2 ** attempt);
  return Math.round(200 + random * ceilingMs);
}
