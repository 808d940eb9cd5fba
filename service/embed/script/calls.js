// Calls of Gavel. A refusal is thrown as {kind, status, said}: "offline" and "away" are kinds of ours.
const PATIENCE_MS = 30000;
const refusal = (kind, status, said) => ({ kind, status: status || 0, said: said || {} });
const ask = async (path, { method = "GET", body, token, prefer, cache } = {}) => {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (prefer) headers.Prefer = prefer;
  if (body) headers["Content-Type"] = "application/json";
  let answer;
  let said;
  try {
    answer = await fetch(base + path, {
      method, headers, body: body && JSON.stringify(body), credentials: "omit", cache,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    said = await answer.json();
  } catch {
    throw refusal(navigator.onLine === false ? "offline" : "away");
  }
  if (answer.ok) return said;
  throw refusal(String(said?.type || "away").split(":").pop(), answer.status, said);
};
const query = (values) => {
  const pairs = Object.entries(values).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  return new URLSearchParams(pairs.filter(([, value]) => value != null && value !== "")).toString();
};
// Takes as many ids off the list as one address can hold: up to 100, since servers read 8,190 signs of one, and the
// longest id makes 1,809.
const fitting = (name, ids) => {
  const some = ids.splice(0, 100);
  while (query({ [name]: some }).length > 7000) ids.push(some.pop());
  return some;
};
const part = encodeURIComponent;
