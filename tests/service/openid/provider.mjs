// A certified OpenID provider on loopback. Its people are in the file that the first argument names; a change there
// counts at the next login. It prints its address.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [people, returnAddress, modules] = process.argv.slice(2);
const { default: Provider } = await import(`${modules}/oidc-provider/lib/index.js`);

const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    { client_id: "gavel", client_secret: "a secret: with/signs", redirect_uris: [returnAddress], post_logout_redirect_uris: [returnAddress.replace("/callback", "")] },
    { client_id: "public", token_endpoint_auth_method: "none", redirect_uris: [returnAddress] },
  ],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: process.env.SHORT_TOKENS === "1",
  pkce: { required: () => true, methods: ["S256"] },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_ctx, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, ...JSON.parse(readFileSync(people, "utf8"))[sub] }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
