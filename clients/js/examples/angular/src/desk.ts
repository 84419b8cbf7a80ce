import { Component, computed } from "@angular/core";
import { injectConversations, injectNioChat } from "niochat-client/angular";
import { FILTERS, initials, online, STATES, when } from "../../shared/words.js";
import { Thread } from "./thread";

@Component({
  selector: "app-desk",
  imports: [Thread],
  host: { class: "desk", role: "main" },
  template: `
    <header class="bar">
      <h1>NioChat</h1>
      <span class="people">{{ colleagues() }} online</span>
      <span class="unread-total">{{ desk.unreadCount() }} unread</span>
      <span class="state" [attr.data-state]="status()" role="status">{{ states[status()] }}</span>
    </header>
    <nav class="list" aria-label="Conversations">
      <div class="filters">
        <input #words type="search" aria-label="Search" placeholder="Search" (input)="desk.setSearchTerm(words.value)">
        <select #chosen aria-label="Status" (change)="filter(chosen.value)">
          @for (one of filters; track one[0]) {
            <option [value]="one[0]">{{ one[1] }}</option>
          }
        </select>
      </div>
      @if (desk.error(); as error) {
        <p class="trouble" role="alert">{{ error.message }} <button type="button" (click)="desk.retry()">Try again</button></p>
      }
      <ul class="rows">
        @for (one of desk.conversations(); track one.id) {
          <li>
            <button type="button" class="row" [attr.aria-current]="one.id === desk.currentConversation()?.id" (click)="desk.selectConversation(one)">
              <span class="face" aria-hidden="true">{{ initials(one.contact.name) }}</span>
              <span class="name">{{ one.contact.name }}</span>
              <time class="time" [attr.datetime]="one.last_message_time">{{ when(one.last_message_time) }}</time>
              <span class="last">{{ one.last_message }}</span>
              @if (one.unread_count) {
                <span class="unread">{{ one.unread_count }}</span>
              }
            </button>
          </li>
        }
      </ul>
    </nav>
    @if (desk.currentConversation(); as current) {
      <app-thread [conversation]="current" />
    } @else {
      <p class="empty">Choose a conversation to read it here.</p>
    }
  `,
})
export class Desk {
  readonly desk = injectConversations();
  readonly status = injectNioChat().connectionStatus;
  readonly colleagues = computed(() => online(this.desk.presence()));
  readonly states = STATES;
  readonly filters = FILTERS;
  readonly initials = initials;
  readonly when = when;

  filter(status: string): void {
    this.desk.setStatusFilter(status as ReturnType<typeof this.desk.statusFilter>);
  }
}
