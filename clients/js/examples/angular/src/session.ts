import { signal } from "@angular/core";
import { login } from "niochat-client";

/** Who is logged in. */
export class Session {
  readonly isIn = signal(false);
  private first = "";
  private next: () => Promise<string> = () => Promise.reject(new Error("Log in first."));

  constructor(readonly url: string) {}

  async enter(username: string, password: string): Promise<void> {
    const { token, getToken } = await login(this.url, { username, password });
    this.first = token;
    this.next = getToken;
    this.isIn.set(true);
  }

  /** The token of the log-in, then those that renew it. */
  async token(): Promise<string> {
    const token = this.first || (await this.next());
    this.first = "";
    return token;
  }
}
