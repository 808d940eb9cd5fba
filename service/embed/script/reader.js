// Who reads: a token that the newsroom's own server signs. It is kept in memory alone, and asked for again once it is over.
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
let token;
const hasReaders = () => typeof gavel.token == "function" || !!settings.tokenUrl;
const signedToken = async () => {
  let found;
  if (typeof gavel.token == "function") found = await gavel.token();
  else if (settings.tokenUrl) {
    const answer = await fetch(settings.tokenUrl, { credentials: "same-origin", headers: { Accept: "application/json" } });
    found = answer.ok ? (await answer.text()).trim() : "";
    if (found.startsWith("{")) found = JSON.parse(found).token;
  }
  return TOKEN.test(found || "") ? found : null; // a page to log in, say, is no token
};
const asReader = async (path, options = {}, again = true) => {
  token = token || signedToken().catch(() => null);
  const mine = token;
  const signed = await mine;
  if (!signed) {
    if (token === mine) token = null;
    throw refusal("signed-out");
  }
  try {
    return await ask(`v1/reader${path}`, { ...options, token: signed });
  } catch (refused) {
    if (refused.status != 401) throw refused;
    if (token === mine) token = null;
    if (again) return asReader(path, options, false);
    throw refusal("signed-out");
  }
};
