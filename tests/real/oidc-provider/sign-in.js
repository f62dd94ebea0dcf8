// The sign-in page: one form, no consent screen, as in a user flow.

import { signIn } from './people.js';

const page = (message) => `<!doctype html>
<html lang="en"><title>Sign in</title>
<p>${message}</p>
<form method="post">
<label>Username <input name="username"></label>
<label>Password <input name="password" type="password"></label>
<button>Sign in</button>
<button name="cancel" value="yes">Cancel</button>
</form></html>`;

function show(response, status, message) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page(message));
}

async function form(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

// Grants all that was asked for: B2C's administrators consent for everybody.
async function grant(provider, { params }, accountId) {
  const granted = new provider.Grant({ accountId, clientId: params.client_id });
  granted.addOIDCScope(params.scope);
  for (const resource of [params.resource ?? []].flat()) {
    granted.addResourceScope(resource, params.scope);
  }
  return granted.save();
}

// In B2C's words.
const cancelled = {
  error: 'access_denied',
  error_description: 'AADB2C90091: The user has cancelled entering self-asserted information.',
};

/** Shows the form (GET) or reads it (POST) for the authorization request under way. */
export async function signInPage(provider, request, response) {
  const interaction = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return show(response, 200, 'Sign in to Contoso');
  const typed = await form(request);
  if (typed.has('cancel')) return provider.interactionFinished(request, response, cancelled);
  const accountId = signIn(typed.get('username'), typed.get('password'));
  if (!accountId) return show(response, 401, 'Wrong username or password');
  const grantId = await grant(provider, interaction, accountId);
  const result = { login: { accountId }, consent: { grantId } };
  return provider.interactionFinished(request, response, result);
}
