/**
 * The shapes that the widget handles. Nothing here runs: the server leaves this file out of the served script.
 *
 * @typedef {{id: number | null, name: string, avatar_url: string}} Person
 *
 * @typedef {object} Attachment
 * @property {number} id
 * @property {string} name
 * @property {string} content_type
 * @property {number} size in bytes
 * @property {number | null} width
 * @property {number | null} height
 * @property {string} url answers the bytes to who sends the visitor's token
 *
 * @typedef {object} Message one bubble; `id` is null until the server has stored it
 * @property {number | null} id
 * @property {"contact" | "agent" | "bot"} sender_type
 * @property {Person | null} author
 * @property {string} content
 * @property {string} status pending, sent, delivered, read or failed; of our own: also `queued`
 * @property {string} client_message_id
 * @property {Attachment[]} attachments
 * @property {{customer: string, agent: string}} reactions one by each side, empty where there is none
 * @property {string} created_at
 * @property {boolean} deleted
 * @property {{content: string, author: string, own: boolean} | null} quoted
 * @property {string} [refused] the code with which the server refused it
 *
 * @typedef {object} Survey
 * @property {string} token
 * @property {number | null} rating 1 (worst) to 5 (best)
 * @property {string} feedback
 *
 * @typedef {object} Thread everything that the conversation's view shows
 * @property {Message[]} messages stored ones by id, then our own that wait, in the order of writing
 * @property {string | null} status of the conversation: open or closed; null before the first message
 * @property {number} conversationId 0 before the first message
 * @property {number} teamRead the newest message of ours that the team has read
 * @property {number} ownRead the newest message that the visitor has read
 * @property {Person | null} typing the agent who is writing now
 * @property {boolean} online whether anybody of the team is there
 * @property {Person[]} agents who answers
 * @property {Survey | null} survey
 * @property {boolean} complete true when there is nothing older to fetch
 *
 * @typedef {object} Frame
 * @property {string} type
 * @property {Record<string, any>} data
 * @property {string} [stream] set on kept frames, with `seq`
 * @property {number} [seq]
 *
 * @typedef {object} Outgoing a message of the visitor that the server has not confirmed
 * @property {string} client_message_id
 * @property {string} content
 * @property {Attachment[]} attachments
 * @property {string} created_at
 * @property {string} [failed] the code with which the server refused it
 *
 * @typedef {object} Config what `GET /api/v1/widget/{key}` says
 * @property {string} title
 * @property {string} greeting
 * @property {string} offline what nobody's being here is told with; empty: our own words
 * @property {string} accent `#rrggbb`
 * @property {string[]} languages those that the team answers in
 * @property {string} language
 * @property {boolean} online
 * @property {Person[]} agents
 * @property {{open: boolean, opens_at: string | null, timezone: string}} hours
 * @property {boolean} preview whether the team sees what is typed before it is sent
 * @property {number} max_attachment_bytes
 *
 * @typedef {object} Visitor
 * @property {string} name
 * @property {string} email
 */
export {};
