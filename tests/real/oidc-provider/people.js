// Who can sign in, and which applications are registered.

import { apiId } from './b2c.js';

const groupOf = (department) => `confluence-space-administrators-of-department-${department}`;

const users = {
  alice: {
    password: 'wonderland',
    oid: '6f2d8a54-1c3e-4b7f-a0d9-2e5b8c7f1a64',
    givenName: 'Alice',
    surname: 'Liddell',
    emails: ['alice@example.com'],
  },
  // His groups make an access token of 15 KB.
  bob: {
    password: 'builder',
    oid: '0b8e4c27-9d61-4f35-8a7c-3e2f6d1b5c98',
    givenName: 'Bob',
    surname: 'Roberts',
    emails: ['bob@example.com'],
    groups: Array.from({ length: 200 }, (_, n) => groupOf(n + 1000)),
  },
};

/** The user's object id, or undefined where name or password is wrong. */
export const signIn = (username, password) =>
  Object.hasOwn(users, username) && users[username].password === password
    ? users[username].oid
    : undefined;

const byId = (oid) => Object.values(users).find((user) => user.oid === oid);

/** The claims of the user's tokens, in the token's spelling. */
export const tokenClaims = (oid) => {
  const { givenName, surname, emails, groups } = byId(oid);
  return { idp: 'LocalAccount', oid, given_name: givenName, family_name: surname, emails, groups };
};

/** The claims of the user at the userinfo endpoint, in the directory's spelling. */
export const directoryClaims = (oid) => {
  const { givenName, surname, emails } = byId(oid);
  return { givenName, surname, displayName: `${givenName} ${surname}`, email: emails[0] };
};

// Whatever the port: the tests' own callback, and the console's.
const redirectUris = ['http://127.0.0.1/callback', 'http://localhost/oauth/callback'];

// A public client with PKCE, once under its own registration, once under the API's.
const browserClient = (id) => ({
  client_id: id,
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: redirectUris,
});

export const userClient = 'c41e7d02-6b9f-4f3a-8c15-9d0a3e6b7f28';
export const appClient = '9a6b3c2d-0e1f-4d58-b7a4-5c8d2f9e1b36';
/** Not secret: it opens nothing but this test's provider. */
export const appSecret = 'only-for-tests';

export const clients = [
  browserClient(userClient),
  browserClient(apiId),
  {
    client_id: appClient,
    client_secret: appSecret,
    token_endpoint_auth_method: 'client_secret_post',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
  },
];

/** Object id of the application's service principal: a GUID as a user's is. */
export const servicePrincipal = () => 'e2c7f419-3b58-4d06-9f6a-7b1d0c8e5a92';
