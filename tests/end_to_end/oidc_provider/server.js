// An OAuth server by other hands (npm's oidc-provider). Laredo uses the client `laredo` as if it were Entra ID:
// client_credentials, id and secret in the form, tokens as JWTs although requests name no `resource`. The others are called
// by how they prove who they are; `:` must be escaped in a Basic header.
//
// From the environment: PORT, CLIENT_SECRET; CLIENT_JWK, a JWK of which the public part is registered; ISSUER where the
// public address is not http://127.0.0.1:PORT; TLS_CERTIFICATE and TLS_KEY (PEM files) to serve https. Every request is
// logged with the proxy it came through.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import Provider from 'oidc-provider';

const { PORT, CLIENT_SECRET, CLIENT_JWK, ISSUER, TLS_CERTIFICATE, TLS_KEY } = process.env;
const resource = 'https://api.example.test/';
const scopes = ['orders.read', 'orders.write', 'api://cluster.namespace.app/.default'];
const lifetimeSeconds = 600;

const client = (client_id, token_endpoint_auth_method, proof) => ({
  client_id,
  token_endpoint_auth_method,
  ...proof,
  grant_types: ['client_credentials'],
  response_types: [],
  redirect_uris: [],
});
const clients = ['laredo', 'test:client_secret_post', 'test:client_secret_basic'].map((id) =>
  client(id, id.split(':')[1] ?? 'client_secret_post', { client_secret: CLIENT_SECRET }),
);
if (CLIENT_JWK) {
  const { kty, kid, alg, use, n, e } = JSON.parse(CLIENT_JWK);
  const jwks = { keys: [{ kty, kid, alg, use, n, e }] };
  clients.push(client('test:private_key_jwt', 'private_key_jwt', { jwks }));
}

const provider = new Provider(ISSUER ?? `http://127.0.0.1:${PORT}`, {
  clients,
  cookies: { keys: ['no cookie is ever set'] },
  scopes,
  ttl: { ClientCredentials: lifetimeSeconds },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      getResourceServerInfo: () => ({
        scope: scopes.join(' '),
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: lifetimeSeconds,
      }),
    },
  },
});
provider.on('server_error', (_, error) => console.error(error));

const answer = provider.callback();
const logged = (request, response) => {
  console.log(`${request.method} ${request.url} via=${request.headers.via ?? 'none'}`);
  answer(request, response);
};
const server = TLS_CERTIFICATE
  ? https.createServer({ cert: readFileSync(TLS_CERTIFICATE), key: readFileSync(TLS_KEY) }, logged)
  : http.createServer(logged);
server.listen(Number(PORT), '127.0.0.1');
