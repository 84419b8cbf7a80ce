/**
 * Short, soft tones made here: one for a message in the open conversation, two rising ones for something new. Of all the
 * tabs that one person has open, one makes them.
 */
import { me } from "./app.js";
import { prefs } from "./prefs.js";

const LOCK = "niochat.sound";
/** @type {AudioContext | undefined} */
let context;
let playedAt = Number.NEGATIVE_INFINITY;
/** Whether this tab is the one; where nothing can be locked (a page without TLS), each that nobody else was quicker than. */
let speaks = !navigator.locks;
/** @type {BroadcastChannel | undefined} */
let others;

/** @type {Record<"message" | "arrival", number[]>} */
const TONES_HZ = { message: [587], arrival: [523, 784] };
const APART_S = 0.09;
const LONG_S = 0.22;
/** A rush of messages is one call for attention. */
const QUIET_MS = 1_500;

/** Call once, when it is known who is here: from the first touch on, before which no browser lets a page be heard. */
export function findVoice() {
  const name = `${LOCK}.${me().tenant_id}.${me().id}`;
  others = new BroadcastChannel(name);
  others.onmessage = () => {
    playedAt = performance.now();
  };
  for (const touched of ["pointerdown", "keydown"])
    addEventListener(touched, () => ask(name), { once: true, capture: true });
}

let asked = false;

/** The first tab holds the lock as long as it lives; the others wait for it. @param {string} name */
function ask(name) {
  if (asked || !navigator.locks) return;
  asked = true;
  navigator.locks.request(name, () => {
    speaks = true;
    return new Promise(() => {});
  });
}

/** @param {"message" | "arrival"} kind */
export function play(kind) {
  if (!speaks || !prefs.sound || !navigator.userActivation?.hasBeenActive) return;
  if (performance.now() - playedAt < QUIET_MS) return;
  playedAt = performance.now();
  others?.postMessage(kind);
  sound(kind);
}

/** At once and whoever else may speak: it was asked for here. @param {"message" | "arrival"} kind */
export function sound(kind) {
  context ??= new AudioContext();
  TONES_HZ[kind].forEach((pitch, at) => {
    tone(/** @type {AudioContext} */ (context), pitch, at * APART_S);
  });
}

/** @param {AudioContext} audio @param {number} pitch @param {number} delay */
function tone(audio, pitch, delay) {
  const start = audio.currentTime + delay;
  const oscillator = new OscillatorNode(audio, { type: "sine", frequency: pitch });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.08, start + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0005, start + LONG_S);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + LONG_S);
}
