// Advice before a comment is sent, once for each text: a second press sends it.
const thinksAgain = async (writing, text, { article }) => {
  if (writing.advised == text) return false;
  const { words } = writing.box;
  await words.rest();
  const found = await ask("v1/check", { method: "POST", token: settings.adviceKey, body: { text, article: { id: article } } });
  if (found.verdict == "publish") return false;
  const said = found.reasons.map(({ signal }) => words.of(`advice_${String(signal).replaceAll(".", "_")}`)).filter(Boolean);
  if (!said.length) return false;
  writing.advised = text;
  writing.tell([words.of("think_again"), ...new Set(said)].join(" "), true);
  return true;
};
