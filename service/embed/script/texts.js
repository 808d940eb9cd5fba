// A comment's text in paragraphs, quotes and links. A link shows the place that it leads to, whole: a long name in front hides no other.
const ADDRESS = /https?:\/\/[^\s<>"\\\u200b-\u200f\u202a-\u202e\u2060-\u2069]+/gi;
const SENTENCE_END = ".,;:!?'…";
const link = (found) => {
  try {
    const { username, password, hostname, host, href, pathname, search } = new URL(found);
    if (username || password || !hostname.includes(".")) return;
    const rest = (pathname + search).replace(/^\/$/, "");
    return make("a", { href, rel: "ugc nofollow noopener" }, host + (rest.length > 30 ? `${rest.slice(0, 29)}…` : rest));
  } catch {
    // no address after all
  }
};
const linked = (text) => {
  const parts = [];
  let at = 0;
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const end = found.includes("(") ? SENTENCE_END : `${SENTENCE_END})]`;
    let { length } = found;
    while (end.includes(found[length - 1])) length--;
    const address = found.slice(0, length);
    const node = link(address);
    if (!node) continue;
    parts.push(text.slice(at, index), node);
    at = index + length;
  }
  return [...parts, text.slice(at)];
};
const paragraphs = (text, linking) =>
  text.split(/\n\s*\n/).filter((some) => some.trim()).map((some) => make("p", { dir: "auto" }, ...linking(some.replace(/^\n+|\s+$/g, ""))));
const written = (text, hasLinks) => {
  const linking = hasLinks ? linked : (some) => [some];
  return text.split(/^((?:>.*\n?)+)/m).flatMap((some) =>
    some[0] == ">" ? make("blockquote", null, paragraphs(some.replace(/^(?:> ?)+/gm, ""), linking)) : paragraphs(some, linking));
};
