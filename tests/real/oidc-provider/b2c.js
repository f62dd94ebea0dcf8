// What Azure AD B2C looks like from outside: names, paths, documents and token claims.
// The certified provider does the protocol; this file only gives it B2C's accent.

export const tenant = 'contoso';
export const policy = 'B2C_1_signin';
export const tenantGuid = 'b7a1c6de-5f20-4a55-9c38-0d6f4b1e2a90';

/** App registration of the API (here: Confluence); the `aud` of its access tokens. */
export const apiId = '3f0c9c1e-8d7b-4a16-9e55-6a2b7f4d1c03';
export const apiUri = `https://${tenant}.onmicrosoft.com/confluence`;
export const apiScope = `${apiUri}/demo.read`;
/** The same API at a provider that signs otherwise than B2C; `alg` as JWA names it. */
export const apiUriSignedBy = (alg) => `${apiUri}/${alg}`;
export const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
/** Client credentials ask for all application roles at once. */
export const defaultScope = `${apiUri}/.default`;

// B2C ignores case in paths and prints the policy in lower case.
const base = `/${tenant}.onmicrosoft.com/${policy.toLowerCase()}`;
const discoveryPath = `${base}/v2.0/.well-known/openid-configuration`;

export const routes = {
  authorization: `${base}/oauth2/v2.0/authorize`,
  token: `${base}/oauth2/v2.0/token`,
  end_session: `${base}/oauth2/v2.0/logout`,
  jwks: `${base}/discovery/v2.0/keys`,
  userinfo: `${base}/openid/v2.0/userinfo`,
  // B2C has none, and its document names none; for providers that have one.
  introspection: `${base}/oauth2/v2.0/introspect`,
};

/** The issuer names the tenant's GUID and no policy: it never fits the discovery URL. */
export const issuer = (origin) => `${origin}/${tenantGuid}/v2.0/`;

/** Where a client finds the discovery document; here the policy keeps the portal's case. */
export const discoveryUrl = (origin) =>
  `${origin}/${tenant}.onmicrosoft.com/${policy}/v2.0/.well-known/openid-configuration`;

// The members that captured B2C documents have: no introspection, no revocation, and, as in
// user flows, no userinfo endpoint.
const discoveryMembers = [
  'issuer', 'authorization_endpoint', 'token_endpoint', 'end_session_endpoint', 'jwks_uri',
  'response_modes_supported', 'response_types_supported', 'scopes_supported',
  'subject_types_supported', 'id_token_signing_alg_values_supported',
  'token_endpoint_auth_methods_supported', 'claims_supported',
];

// B2C gives each key the time from which it signs, and leaves out `alg`.
const nbf = 1493763266;
const keyMembers = ['kid', 'use', 'kty', 'e', 'n', 'crv', 'x', 'y'];

const pick = (from, members) =>
  Object.fromEntries(members.filter((name) => name in from).map((name) => [name, from[name]]));

/** Koa middleware: B2C's paths in, B2C's documents out. */
export async function documents(ctx, next) {
  if (ctx.path.toLowerCase().startsWith(base)) {
    ctx.path = ctx.path.toLowerCase();
  }
  if (ctx.path === discoveryPath) {
    ctx.path = '/.well-known/openid-configuration';
    await next();
    ctx.body = pick(ctx.body, discoveryMembers);
  } else if (ctx.path === routes.jwks) {
    await next();
    ctx.body = { keys: ctx.body.keys.map((key) => ({ ...pick(key, keyMembers), nbf })) };
  } else {
    await next();
  }
}

/** Turns the provider's access token (RFC 9068) into one as B2C's user flows issue it. */
export function accessToken(token, jwt, servicePrincipal) {
  const { jti, client_id: azp, scope, ...claims } = jwt.payload;
  const names = (scope ?? '').split(' ').map((name) => name.slice(name.lastIndexOf('/') + 1));
  const shape = { ...claims, nbf: claims.iat, azp, ver: '1.0' };
  if (token.kind === 'ClientCredentials') {
    // An application: its own object id as subject, and not one claim of a user.
    jwt.payload = { ...shape, sub: servicePrincipal(azp), scp: 'confluence.access' };
  } else {
    jwt.payload = { ...shape, tfp: policy, scp: names.join(' ') };
  }
  jwt.header = { typ: 'JWT' };
}
