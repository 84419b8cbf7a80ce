import { afterRenderEffect, Component, computed, type ElementRef, input, viewChild } from "@angular/core";
import { injectConversations } from "niochat-client/angular";
import type { Conversation } from "niochat-client/conversations";
import { keyOf, side, textOf, tick, when, writing } from "../../shared/words.js";

@Component({
  selector: "app-thread",
  host: { class: "thread", role: "region" },
  template: `
    <header class="with">
      <h2>{{ conversation().contact.name }}</h2>
      {{ conversation().contact.phone }}
      @if (desk.viewers().length > 1) {
        <span class="viewers">{{ desk.viewers().length - 1 }} also here</span>
      }
    </header>
    <ol #list class="messages">
      @for (message of desk.currentMessages(); track keyOf(message)) {
        <li class="message" [attr.data-side]="side(message)" [attr.data-status]="message.status" [title]="message.error">{{ textOf(message) }}<small>{{ when(message.created_at) }} {{ tick(message) }}</small></li>
      }
    </ol>
    <p class="typing" aria-live="polite">{{ writers() }}</p>
    <form class="composer" (submit)="$event.preventDefault(); send(content)">
      <textarea #content aria-label="Message" placeholder="Write a reply" rows="1" (input)="desk.sendTyping()" (keydown.enter)="$event.preventDefault(); send(content)"></textarea>
      <button type="submit" class="go">Send</button>
    </form>
  `,
})
export class Thread {
  readonly conversation = input.required<Conversation>();
  readonly desk = injectConversations();
  readonly writers = computed(() =>
    writing(this.desk.typing()[this.conversation().id], this.conversation().contact.name),
  );
  readonly keyOf = keyOf;
  readonly side = side;
  readonly textOf = textOf;
  readonly tick = tick;
  readonly when = when;
  private readonly list = viewChild.required<ElementRef<HTMLElement>>("list");

  constructor() {
    afterRenderEffect(() => {
      this.desk.currentMessages();
      const list = this.list().nativeElement;
      list.scrollTop = list.scrollHeight;
    });
  }

  send(field: HTMLTextAreaElement): void {
    if (!field.value.trim()) return;
    this.desk.sendMessage(field.value);
    field.value = "";
  }
}
