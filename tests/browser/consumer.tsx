/** A strict program on the packed declarations: what is said here compiles, and what is marked does not. */
import { login, NioChatClient } from "niochat-client";
import { injectConversations, injectNioChat, provideNioChat } from "niochat-client/angular";
import { type Conversation, Conversations } from "niochat-client/conversations";
import { NioChatProvider, useConversations as useReactConversations, useWebSocket } from "niochat-client/react";
import { createNioChat, useConversations as useVueConversations } from "niochat-client/vue";
import { createApp } from "vue";

export async function plain(): Promise<number> {
  const session = await login("http://localhost:8010", { username: "agent", password: "secret" });
  const client = new NioChatClient({ url: "http://localhost:8010", ...session });
  const end: () => void = client.on("chat_message", ({ contact, message }) => console.warn(contact.name, message.content));
  end();
  // @ts-expect-error an event has the fields of its type only
  client.on("chat_message", ({ rating }) => rating);
  const list = new Conversations(client);
  const first: Conversation | undefined = list.state.conversations[0];
  await list.selectConversation(first ?? null);
  // @ts-expect-error there is no such state of a conversation
  list.setStatusFilter("lost");
  return list.state.unreadCount;
}

export function Page({ token }: { token: string }) {
  const { connected, metrics, csatUpdates, sendMessage } = useWebSocket(token);
  const { on, send, isConnected } = useWebSocket();
  const debugged = useWebSocket({ onConnect: () => {}, onMessage: (frame) => frame.type, maxReconnectAttempts: 5 });
  const { conversations, setSearchTerm, error, retry } = useReactConversations();
  const stars: number | undefined = csatUpdates[0]?.rating;
  on("typing", (data) => data.is_typing);
  return (
    <NioChatProvider url="http://localhost:8010" token={token}>
      <button type="button" onClick={() => send("ping", {}).then(() => sendMessage({ type: "ping" }))}>
        {connected && isConnected ? debugged.connectionStatus : (error?.code ?? metrics?.open_conversations ?? stars)}
      </button>
      <input onChange={(event) => setSearchTerm(event.target.value)} onBlur={retry} />
      {conversations.map((one) => one.contact.name)}
    </NioChatProvider>
  );
}

export function vue(): string {
  createApp({}).use(createNioChat({ getToken: async () => "token" }));
  const { conversations, searchTerm, unreadCount } = useVueConversations();
  searchTerm.value = "Rita";
  // @ts-expect-error a number is no text
  const wrong: string = unreadCount.value;
  return conversations.value[0]?.contact.name ?? wrong;
}

export function angular(): string {
  provideNioChat({ url: "http://localhost:8010", autoConnect: false });
  const chat = injectNioChat();
  chat.on("csat_update").subscribe((data) => data.rating.toFixed());
  const desk = injectConversations();
  return `${desk.conversations()[0]?.last_message} ${chat.metrics()?.agents_online}`;
}

type IsAny<T> = 0 extends 1 & T ? true : false;
type Answer<Method extends (...given: never[]) => Promise<unknown>> = IsAny<Awaited<ReturnType<Method>>>;
type Client = InstanceType<typeof NioChatClient>;
type Failing = Parameters<NonNullable<ConstructorParameters<typeof NioChatClient>[0]>["onError"] & object>[0];

/** Nothing that has a shape is given as `any`. */
export const shapes: false[] = [
  false satisfies Answer<Client["sendMessage"]>,
  false satisfies Answer<Client["markAsRead"]>,
  false satisfies Answer<Client["react"]>,
  false satisfies Answer<Client["deleteMessage"]>,
  false satisfies Answer<Client["joinConversation"]>,
  false satisfies Answer<Client["setPresence"]>,
  false satisfies Answer<Client["sync"]>,
  false satisfies Answer<Client["connect"]>,
  false satisfies Answer<Client["send"]>,
  false satisfies Answer<Client["rest"]["conversations"]>,
  false satisfies Answer<Client["rest"]["snapshot"]>,
  false satisfies Answer<Conversations["sendMessage"]>,
  false satisfies Answer<ReturnType<typeof useWebSocket>["sendMessage"]>,
  false satisfies IsAny<Failing>,
];

export async function asked(client: Client): Promise<string> {
  // @ts-expect-error there is no such state of a conversation
  await client.rest.conversations({ status: "lost" });
  const closed = await client.rest.request<Conversation>("POST", "conversations/5/close");
  return closed.contact.name;
}
