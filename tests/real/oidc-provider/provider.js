// The certified provider (the npm package `oidc-provider`) with its settings.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';
import * as b2c from './b2c.js';
import * as people from './people.js';

function signingKey(type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  const kid = randomBytes(32).toString('base64url');
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig' };
}

const hour = () => 3600;

// As at B2C, the API's scope is what makes an access token for the API. Without it the token is
// opaque, and good for the userinfo endpoint alone.
const resourceIndicators = {
  enabled: true,
  defaultResource: (ctx, client, oneOf) => {
    const scopes = new Set((ctx.oidc.params.scope ?? '').split(' '));
    return scopes.has(b2c.apiScope) || scopes.has(b2c.defaultScope) ? b2c.apiUri : oneOf;
  },
  getResourceServerInfo: (ctx, uri) => ({
    audience: b2c.apiId,
    scope: `${b2c.apiScope} ${b2c.defaultScope}`,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: b2c.algorithms.find((alg) => b2c.apiUriSignedBy(alg) === uri) ?? 'RS256' } },
  }),
  useGrantedResource: () => true,
};

const configuration = {
  clients: people.clients,
  jwks: {
    keys: [
      signingKey('rsa', { modulusLength: 2048 }),
      signingKey('ec', { namedCurve: 'P-256' }),
      signingKey('ed25519'),
    ],
  },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  routes: b2c.routes,
  scopes: ['openid', 'profile'],
  claims: {
    openid: ['sub', 'tfp', 'ver', 'oid', 'given_name', 'family_name', 'emails', 'idp'],
    profile: ['givenName', 'surname', 'displayName', 'email'],
  },
  conformIdTokenClaims: false,
  responseTypes: ['code'],
  enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
  clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'none'],
  ttl: {
    AccessToken: hour,
    ClientCredentials: hour,
    Grant: hour,
    IdToken: hour,
    Interaction: hour,
    Session: hour,
  },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    resourceIndicators,
  },
  interactions: { url: (ctx, interaction) => `/sign-in/${interaction.uid}` },
  findAccount: (ctx, oid) => ({
    accountId: oid,
    claims: (use) =>
      use === 'userinfo'
        ? { sub: oid, ...people.directoryClaims(oid) }
        : { sub: oid, tfp: b2c.policy, ver: '1.0', ...people.tokenClaims(oid) },
  }),
  // B2C repeats the nonce in access tokens too.
  extraTokenClaims: (ctx, { accountId }) =>
    accountId && {
      ...people.tokenClaims(accountId),
      nonce: ctx.oidc.entities.AuthorizationCode?.nonce,
    },
  formats: {
    customizers: {
      jwt: (ctx, token, jwt) => b2c.accessToken(token, jwt, people.servicePrincipal),
    },
  },
};

/** The provider for this origin, for example `http://127.0.0.1:4000`. */
export function createProvider(origin) {
  const provider = new Provider(b2c.issuer(origin), configuration);
  provider.use(b2c.documents);
  provider.on('server_error', (ctx, error) => console.error(error));
  return provider;
}
