import "zone.js";
import "reflect-metadata";
import "@angular/compiler";
import { NgModule } from "@angular/core";
import { BrowserModule, platformBrowser } from "@angular/platform-browser";
import { DashboardComponent } from "./dashboard.component";
import { WebSocketService } from "./websocket.service";

@NgModule({ imports: [BrowserModule], declarations: [DashboardComponent], bootstrap: [DashboardComponent] })
class AppModule {}

const page = window as unknown as Record<string, unknown> & { heard: object[] };
page.heard = [];

page.start = async (token: string) => {
  localStorage.setItem("niochat_token", token);
  const app = await platformBrowser().bootstrapModule(AppModule);
  const service = app.injector.get(WebSocketService);
  page.service = service;
  service.getMessages().subscribe((frame: object) => page.heard.push(frame));
  page.stop = () => app.destroy();
};
