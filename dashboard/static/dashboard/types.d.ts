/** The shapes that cross the wire (`realtime/events/` is their source) and the state that a dashboard holds. */

export type ConversationStatus = "waiting" | "assigned" | "active" | "snoozed" | "closed";
export type Priority = "low" | "normal" | "high" | "urgent";
export type Presence = "online" | "away" | "busy" | "offline";
export type MessageStatus = "pending" | "sent" | "delivered" | "read" | "failed";
export type Channel = "webchat" | "whatsapp" | "whatsapp_qr" | "telegram" | "api" | "email";

export interface ContactRef {
  id: number;
  name: string;
  phone: string;
  avatar_url: string;
}

export interface Person {
  id: number | null;
  name: string;
  avatar_url?: string;
}

export interface Attachment {
  id: number;
  name: string;
  content_type: string;
  size: number;
  width: number | null;
  height: number | null;
  url: string;
}

export interface Reaction {
  reaction: string;
  user_id: number | null;
  contact_id: number | null;
}

export interface Quote {
  id: number;
  content: string;
  sender: string;
  author: Person | null;
  message_type: string;
}

export interface Message {
  id: number;
  conversation_id: number;
  sender_type: "contact" | "agent" | "bot" | "system";
  sender: "customer" | "agent" | "bot" | "system";
  author: Person | null;
  content: string;
  message_type: string;
  status: MessageStatus;
  error: string;
  failure: { code: string; detail: string; values: Record<string, number> } | null;
  private: boolean;
  client_message_id: string;
  reply_to: number | null;
  quoted: Quote | null;
  attachments: Attachment[];
  reactions: Reaction[];
  metadata: Record<string, any>;
  created_at: string;
  timestamp: string;
  deleted_at: string | null;
  deleted_by: number | null;
}

export interface Conversation {
  id: number;
  tenant_id: number;
  contact_id: number;
  inbox_id: number;
  channel: Channel;
  assignee_id: number | null;
  team_id: number | null;
  status: ConversationStatus;
  priority: Priority;
  labels: string[];
  unread_count: number;
  last_message: string;
  last_message_id: number | null;
  last_message_sender: string;
  last_message_type: string;
  last_message_private: boolean;
  last_message_time: string | null;
  waiting_since: string | null;
  window_until: string | null;
  snoozed_until: string | null;
  created_at: string;
  closed_at: string | null;
  contact: ContactRef;
  csat: { rating: number; feedback: string } | null;
}

export interface Contact extends ContactRef {
  tenant_id: number;
  email: string;
  identifier: string;
  verified: boolean;
  metadata: Record<string, any>;
  created_at: string;
  last_seen_at: string | null;
}

export interface Agent {
  id: number;
  name: string;
  status: Presence;
  last_seen: string | null;
  role: string;
  avatar_url: string;
}

export interface Inbox {
  id: number;
  name: string;
  channel: Channel;
  [extra: string]: any;
}

export interface Team {
  id: number;
  name: string;
  [extra: string]: any;
}

export interface Label {
  id: number;
  name: string;
  colour: string;
  [extra: string]: any;
}

export interface Me {
  id: number;
  username: string;
  name: string;
  email: string;
  role: string;
  permissions: string[];
  [extra: string]: any;
}

export interface Counts {
  open: number;
  mine: number;
  waiting: number;
  unassigned: number;
  snoozed: number;
  closed: number;
}

export interface Metrics {
  total_conversations: number;
  open_conversations: number;
  closed_conversations: number;
  waiting_conversations: number;
  snoozed_conversations: number;
  unassigned_conversations: number;
  average_satisfaction: number | null;
  csat_score: number | null;
  csat_response_rate: number | null;
  resolution_rate: number | null;
  response_time: number | null;
  first_response_time: number | null;
  agents_online: number;
  computed_at: string;
}

export interface Rating {
  conversation_id: number;
  survey_id: number;
  rating: number;
  feedback: string;
  contact_name: string;
  timestamp: string;
  agent_id: number | null;
}

export interface AuditEntry {
  id: number;
  action: string;
  details: Record<string, any>;
  user: { id: number; username: string } | null;
  timestamp: string;
}

export interface Writer {
  user_id: number | null;
  contact_id: number | null;
  preview: string | null;
}

export interface Standing {
  status: string;
  assignee_id: number | null;
}

export interface Session {
  session_id: number;
  status: "connecting" | "qr" | "connected" | "disconnected";
  timestamp: string;
  reason?: "" | "unscanned";
}

/** What the server answers to `GET snapshot`. */
export interface Snapshot {
  epoch: string;
  cursors: Record<string, number>;
  user: Me;
  counts: Counts;
  conversations: Conversation[];
  agents: Agent[];
  metrics: Metrics | null;
  inboxes: Inbox[];
  teams: Team[];
  labels: Label[];
}

/** The state that frames are folded into; see store.js for what each part means. */
export interface State {
  user: Me;
  counts: Counts;
  conversations: Conversation[];
  agents: Agent[];
  metrics: Metrics | null;
  inboxes: Inbox[];
  teams: Team[];
  labels: Label[];
  messages: Record<number, Message[]>;
  contacts: Record<number, Contact>;
  /** Contacts whose widget is open. */
  online: Record<number, true>;
  typing: Record<number, Writer[]>;
  viewers: Record<number, number[]>;
  ratings: Rating[];
  audit: AuditEntry[];
  sessions: Record<number, Session>;
  standings: Record<number, Standing>;
}

export interface Frame {
  type: string;
  data: any;
  stream?: string;
  seq?: number;
}
