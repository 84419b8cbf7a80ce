import { Component, inject, signal } from "@angular/core";
import { Desk } from "./desk";
import { Session } from "./session";

@Component({
  selector: "app-root",
  imports: [Desk],
  template: `
    @if (session.isIn()) {
      <app-desk />
    } @else {
      <form class="login" (submit)="$event.preventDefault(); enter(user.value, password.value)">
        <h1>NioChat</h1>
        <label>User <input #user name="username" value="agent" required></label>
        <label>Password <input #password name="password" type="password" autocomplete="current-password" required></label>
        <button type="submit" class="go">Log in</button>
        <p role="alert">{{ problem() }}</p>
      </form>
    }
  `,
})
export class App {
  readonly session = inject(Session);
  readonly problem = signal("");

  async enter(username: string, password: string): Promise<void> {
    try {
      await this.session.enter(username, password);
    } catch (refusal) {
      this.problem.set((refusal as Error).message);
    }
  }
}
