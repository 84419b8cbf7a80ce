/** What an application imports. */
export { NioChatClient } from "./client.js";
export { exponential, presets } from "./presets.js";
export { login, Refusal } from "./rest.js";
