// Who reads: a token that the newsroom's own server signs. It is kept in memory alone, and asked for again once it is over.
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
let token;
const hasReaders = () => typeof gavel.token == "function" || !!settings.tokenUrl;
const signedToken = async () => {
  let found;
  if (typeof gavel.token == "function") found = await gavel.token();
  else if (settings.tokenUrl) {
    const answer = await fetch(settings.tokenUrl, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (answer.status >= 500) throw answer;
    found = answer.ok ? (await answer.text()).trim() : "";
    if (found.startsWith("{")) found = JSON.parse(found).token;
  }
  return TOKEN.test(found || "") ? found : null; // a page to log in, say, is no token
};
const asReader = async (path, options = {}, again = true) => {
  token = token || signedToken();
  const mine = token;
  const signed = await mine.catch(() => {}); // nobody knows who reads: the site's own server is away
  if (!signed) {
    if (token === mine) token = null;
    throw refusal(signed === null ? "signed-out" : "away");
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
