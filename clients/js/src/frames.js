/**
 * What crosses the wire, as types.
 *
 * @typedef {object} Frame
 * @property {string} type
 * @property {any} data
 * @property {string} [stream]  kept frames are numbered in their stream
 * @property {number} [seq]
 *
 * @typedef {"disconnected" | "connecting" | "connected" | "reconnecting" | "error"} State
 *
 * @typedef {object} StateDetail
 * @property {number} [attempt]  how many attempts in a row
 * @property {number} [retryAt]  when the next one begins, in milliseconds since 1970
 * @property {number} [code]     the close code
 * @property {string} [reason]   an error code of the server, or `reconnect_failed`, `stopped`, `silence`
 *
 * @typedef {object} Position  how much has been seen
 * @property {string} epoch
 * @property {Record<string, number>} cursors
 * @property {any} [user]  whose it is
 *
 * @typedef {{id: number, name: string, phone: string, avatar_url: string}} ContactRef
 * @typedef {{id: number | null, name: string, avatar_url?: string}} Person
 * @typedef {"pending" | "sent" | "delivered" | "read" | "failed"} MessageStatus
 * @typedef {"waiting" | "assigned" | "active" | "snoozed" | "closed"} ConversationStatus
 * @typedef {"online" | "away" | "busy" | "offline"} Presence
 *
 * @typedef {object} Attachment
 * @property {number} id
 * @property {string} name
 * @property {string} content_type
 * @property {number} size  in bytes
 * @property {number | null} width  in pixels
 * @property {number | null} height
 * @property {string} url  answers with a link that expires
 *
 * @typedef {{code: string, detail: string, values: Record<string, number>}} Failure  why a message failed, by a code
 *
 * @typedef {object} Message
 * @property {number} id
 * @property {number} conversation_id
 * @property {"contact" | "agent" | "bot" | "system"} sender_type
 * @property {"customer" | "agent" | "bot" | "system"} sender
 * @property {Person | null} author
 * @property {string} content
 * @property {string} message_type
 * @property {MessageStatus} status
 * @property {string} error
 * @property {Failure | null} failure
 * @property {boolean} private
 * @property {string} client_message_id
 * @property {number | null} reply_to
 * @property {{id: number, content: string, sender: string, author: Person | null, message_type: string} | null} quoted
 * @property {Attachment[]} attachments
 * @property {{reaction: string, user_id: number | null, contact_id: number | null}[]} reactions
 * @property {Record<string, any>} metadata
 * @property {string} created_at
 * @property {string} timestamp
 * @property {string | null} deleted_at
 * @property {number | null} deleted_by
 *
 * @typedef {object} Conversation
 * @property {number} id
 * @property {number} tenant_id
 * @property {number} contact_id
 * @property {number} inbox_id
 * @property {string} channel
 * @property {number | null} assignee_id
 * @property {number | null} team_id
 * @property {ConversationStatus} status
 * @property {"low" | "normal" | "high" | "urgent"} priority
 * @property {string[]} labels
 * @property {number} unread_count
 * @property {string} last_message
 * @property {number | null} last_message_id
 * @property {string} last_message_sender
 * @property {string} last_message_type
 * @property {boolean} last_message_private
 * @property {string | null} last_message_time
 * @property {string | null} waiting_since
 * @property {string | null} snoozed_until
 * @property {string | null} window_until  until when the provider lets us write freely; null: always
 * @property {string} created_at
 * @property {string | null} closed_at
 * @property {ContactRef} contact
 * @property {{rating: number, feedback: string} | null} csat
 *
 * @typedef {object} ContactFields
 * @property {number} tenant_id
 * @property {string} email
 * @property {string} identifier
 * @property {boolean} verified
 * @property {Record<string, any>} metadata
 * @property {string} created_at
 * @property {string | null} last_seen_at
 *
 * @typedef {ContactRef & ContactFields} Contact
 *
 * @typedef {object} Metrics  rates 0 to 1, times in seconds; null: not known
 * @property {number} total_conversations
 * @property {number} open_conversations
 * @property {number} closed_conversations
 * @property {number} waiting_conversations
 * @property {number} snoozed_conversations
 * @property {number} unassigned_conversations
 * @property {number | null} average_satisfaction
 * @property {number | null} csat_score
 * @property {number | null} csat_response_rate
 * @property {number | null} resolution_rate
 * @property {number | null} response_time
 * @property {number | null} first_response_time
 * @property {number} agents_online
 * @property {string} computed_at
 *
 * @typedef {object} Snapshot
 * @property {string} epoch
 * @property {Record<string, number>} cursors
 * @property {Record<string, any>} user
 * @property {Record<string, number>} counts
 * @property {Conversation[]} conversations  the first page
 * @property {{id: number, name: string, status: Presence, last_seen: string | null, role: string, avatar_url: string}[]} agents
 * @property {Metrics | null} metrics
 *
 * @typedef {object} Sent
 * @property {number} message_id
 * @property {string} client_message_id
 * @property {number} conversation_id
 * @property {string} timestamp
 *
 * @typedef {object} ServerEvents  frames of the server, by type
 * @property {{conversation_id: number, inbox_id: number, contact: ContactRef, message: Message}} chat_message
 * @property {{conversation_id: number, message: Message}} message_updated
 * @property {{message_id: number, conversation_id: number, status: MessageStatus, timestamp: string, error: string, failure: Failure | null}} message_status
 * @property {{message_id: number, conversation_id: number, reaction: string, user_id: number | null, contact_id: number | null}} message_reaction
 * @property {{message_id: number, conversation_id: number, deleted_by: number | null, deleted_at: string | null}} message_deleted
 * @property {{conversation_id: number, message_id: number, user_id: number | null, contact_id: number | null, read_at: string}} message_read
 * @property {Conversation & {previous: {status: string, assignee_id: number | null} | null}} conversation_updated
 * @property {Contact} contact_created
 * @property {Contact} contact_updated
 * @property {{kind: "inbox" | "team" | "label" | "user", id: number, item: Record<string, any> | null}} directory_updated  null: it is gone
 * @property {{conversation_id: number, survey_id: number, rating: number, feedback: string, contact_name: string, timestamp: string, agent_id: number | null}} csat_update
 * @property {{id: number, action: string, details: Record<string, any>, user: {id: number, username: string} | null, timestamp: string}} audit_log
 * @property {{session_id: number, status: "connecting" | "qr" | "connected" | "disconnected", timestamp: string, reason: "" | "unscanned"}} session_status
 * @property {Metrics} dashboard_metrics
 * @property {{user_id: number, status: Presence, last_seen: string | null}} user_status
 * @property {{contact_id: number, status: "online" | "offline"}} contact_status
 * @property {{contact_ids: number[]}} contacts_online  takes the place of what was known before
 * @property {{conversation_id: number, user_id: number | null, contact_id: number | null, is_typing: boolean, preview: string | null}} typing
 * @property {{conversation_id: number, user_ids: number[]}} viewers
 * @property {{session_id: number, qr_code: string, expires_at: string, timestamp: string}} qr_code
 * @property {Sent} message_sent
 * @property {{conversation_id: number, messages: Message[], count: number}} sync_data
 * @property {{user_id: number | null, contact_id: number | null, tenant_id: number, role: string, timestamp: string, epoch: string, cursors: Record<string, number>, heartbeat: number}} connected
 * @property {{streams: string[], epoch: string, cursors: Record<string, number>}} resync  something may have been missed: fetch your state again
 * @property {{expires_at: string}} auth_expiring
 * @property {{timestamp: string, cursors: Record<string, number>}} heartbeat
 * @property {{timestamp: string, cursors: Record<string, number>}} pong
 * @property {{cursors: Record<string, number>}} resumed
 *
 * @typedef {object} OwnEvents  what the client itself tells
 * @property {StateDetail & {state: State}} state
 * @property {{code: number, reason: string}} disconnected
 * @property {StateDetail} reconnect_failed  no more attempts will be made by themselves
 * @property {Snapshot} snapshot             replace your state by this one (with the option `snapshot`)
 * @property {{code: string, error: string, attr?: string | null, retry_after?: number | null}} error  an `error` frame, or what made the client give up
 *
 * @typedef {ServerEvents & OwnEvents} Events
 * @typedef {keyof Events | "*" | (string & {})} EventType
 */

/**
 * What a listener is given.
 * @template {EventType} T
 * @typedef {T extends keyof Events ? (data: Events[T], frame: Frame) => void : T extends "*" ? (frame: Frame) => void : (data: any, frame: Frame) => void} Hears
 */

export {};
