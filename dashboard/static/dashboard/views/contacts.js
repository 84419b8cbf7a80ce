import { html } from "../vendor/lit-html/lit-html.js";
export const contacts = () => html`<main></main>`;
