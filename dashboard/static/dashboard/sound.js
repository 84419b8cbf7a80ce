/** Short, soft tones made here: one for a message in the open conversation, two rising ones for something new. */
import { prefs } from "./prefs.js";

/** @type {AudioContext | undefined} */
let context;
let playedAt = Number.NEGATIVE_INFINITY;

/** @type {Record<"message" | "arrival", number[]>} */
const TONES_HZ = { message: [587], arrival: [523, 784] };
const APART_S = 0.09;
const LONG_S = 0.22;
/** A rush of messages is one call for attention. */
const QUIET_MS = 1_500;

/** @param {"message" | "arrival"} kind */
export function play(kind) {
  if (!prefs.sound || !navigator.userActivation?.hasBeenActive) return;
  if (performance.now() - playedAt < QUIET_MS) return;
  playedAt = performance.now();
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
