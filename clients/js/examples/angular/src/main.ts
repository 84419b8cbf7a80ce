import { provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { provideNioChat } from "niochat-client/angular";
import { server } from "../../shared/words.js";
import { App } from "./app";
import { Session } from "./session";

const session = new Session(server());

bootstrapApplication(App, {
  providers: [
    provideZonelessChangeDetection(),
    { provide: Session, useValue: session },
    provideNioChat({ url: session.url, getToken: () => session.token() }),
  ],
});
