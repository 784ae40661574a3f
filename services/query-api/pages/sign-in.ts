import { type Html, html } from '#packages/http/html.ts';

/** The form that takes a token and goes on to a page of the desk. */
export const signInForm = (next: string): Html => html`<form method="post" action="/session" class="sign-in">
  <label for="token">API token</label>
  <input id="token" name="token" type="password" autocomplete="off" required>
  <input type="hidden" name="next" value="${next}">
  <button type="submit">Sign in</button>
  <p class="hint">A token of a role is printed by <code>npm run --silent desk -- token agent</code>.</p>
</form>`;
