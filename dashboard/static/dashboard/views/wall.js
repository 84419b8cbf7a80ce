import { html } from "../vendor/lit-html/lit-html.js";
export const wall = () => html`<main></main>`;
