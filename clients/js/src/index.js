/**
 * What an application imports.
 *
 * @typedef {import("./client.js").Options} Options
 * @typedef {import("./commands.js").Done} Done
 * @typedef {import("./commands.js").Extras} Extras
 * @typedef {import("./rest.js").ConversationsQuery} ConversationsQuery
 * @typedef {import("./rest.js").MessagesQuery} MessagesQuery
 * @typedef {import("./presets.js").Policy} Policy
 * @typedef {import("./frames.js").Attachment} Attachment
 * @typedef {import("./frames.js").Contact} Contact
 * @typedef {import("./frames.js").ContactRef} ContactRef
 * @typedef {import("./frames.js").Conversation} Conversation
 * @typedef {import("./frames.js").ConversationStatus} ConversationStatus
 * @typedef {import("./frames.js").Events} Events
 * @typedef {import("./frames.js").EventType} EventType
 * @typedef {import("./frames.js").Frame} Frame
 * @typedef {import("./frames.js").Message} Message
 * @typedef {import("./frames.js").MessageStatus} MessageStatus
 * @typedef {import("./frames.js").Metrics} Metrics
 * @typedef {import("./frames.js").Person} Person
 * @typedef {import("./frames.js").Position} Position
 * @typedef {import("./frames.js").Presence} Presence
 * @typedef {import("./frames.js").Sent} Sent
 * @typedef {import("./frames.js").Snapshot} Snapshot
 * @typedef {import("./frames.js").State} State
 * @typedef {import("./frames.js").StateDetail} StateDetail
 */
export { NioChatClient } from "./client.js";
export { exponential, presets } from "./presets.js";
export { login, Refusal } from "./rest.js";
