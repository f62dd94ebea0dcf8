// An OpenID Connect provider for tests, in the shapes of Azure AD B2C.
// Prints one line of JSON when it listens and ends when its standard input closes.

import { createServer } from 'node:http';
import * as b2c from './b2c.js';
import * as people from './people.js';
import { createProvider } from './provider.js';
import { signInPage } from './sign-in.js';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const origin = `http://127.0.0.1:${port}`;
  const provider = createProvider(origin);
  const protocol = provider.callback();

  server.on('request', (request, response) => {
    if (!request.url.startsWith('/sign-in/')) return protocol(request, response);
    return signInPage(provider, request, response).catch((error) => {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(`${error.message}\n`);
    });
  });

  console.log(JSON.stringify({
    port,
    tenant: b2c.tenant,
    policy: b2c.policy,
    issuer: b2c.issuer(origin),
    discovery_url: b2c.discoveryUrl(origin),
    authorization_endpoint: origin + b2c.routes.authorization,
    token_endpoint: origin + b2c.routes.token,
    userinfo_endpoint: origin + b2c.routes.userinfo,
    introspection_endpoint: origin + b2c.routes.introspection,
    api_id: b2c.apiId,
    api_scope: b2c.apiScope,
    default_scope: b2c.defaultScope,
    signed_by: Object.fromEntries(b2c.algorithms.map((alg) => [alg, b2c.apiUriSignedBy(alg)])),
    user_client: people.userClient,
    app_client: people.appClient,
    app_secret: people.appSecret,
  }));
});

process.stdin.on('end', () => process.exit(0)).resume();
