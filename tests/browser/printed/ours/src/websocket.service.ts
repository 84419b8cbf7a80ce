import { NioChat } from "niochat-client/angular";

/** What the printed component asks for by this name. */
export abstract class WebSocketService extends NioChat {}
