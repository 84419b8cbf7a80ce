import "zone.js";
import "reflect-metadata";
import "@angular/compiler";
import { NgModule } from "@angular/core";
import { BrowserModule, platformBrowser } from "@angular/platform-browser";
import { injectNioChat, provideNioChat } from "niochat-client/angular";
import { DashboardComponent } from "./dashboard.component";
import { WebSocketService } from "./websocket.service";

@NgModule({
  imports: [BrowserModule],
  declarations: [DashboardComponent],
  bootstrap: [DashboardComponent],
  providers: [
    provideNioChat({ url: "http://localhost:8010", autoConnect: false }),
    { provide: WebSocketService, useFactory: injectNioChat },
  ],
})
class AppModule {}

const page = window as unknown as Record<string, unknown> & { ratings: object[] };
page.ratings = [];

page.start = async (token: string) => {
  localStorage.setItem("niochat_token", token);
  const app = await platformBrowser().bootstrapModule(AppModule);
  const service = app.injector.get(WebSocketService);
  service.on("csat_update").subscribe((rating) => page.ratings.push(rating));
  page.service = service;
  page.stop = () => app.destroy();
};
