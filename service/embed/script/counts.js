// Numbers of comments anywhere on the site: <a href="…" data-gavel-count="a-42"></a>. One request for all of a page.
const AT_ONCE = 100;
const counted = new Map();
const showCounts = (words) => {
  for (const node of document.querySelectorAll("[data-gavel-count]")) {
    const count = counted.get(node.dataset.gavelCount);
    if (count === undefined) continue;
    const text = words.count(count);
    if (node.textContent != text) node.textContent = text;
  }
};
const fetchCounts = async () => {
  const found = [...document.querySelectorAll("[data-gavel-count]")].map((node) => node.dataset.gavelCount);
  const wanted = [...new Set(found)].filter((id) => id && !counted.has(id));
  if (!found.length || !settings.site) return;
  const language = settings.language || document.documentElement.lang || "en";
  try {
    for (let at = 0; at < wanted.length; at += AT_ONCE) {
      const article = wanted.slice(at, at + AT_ONCE);
      article.forEach((id) => counted.set(id, undefined));
      const { counts } = await ask(`v1/pages/${part(settings.site)}/counts?${query({ article })}`);
      Object.entries(counts).forEach(([id, count]) => counted.set(id, count));
    }
    showCounts(await wordsFor(settings.site, language));
  } catch {
    // a page without numbers is whole
  }
};
let counting;
const countSoon = () => {
  clearTimeout(counting);
  counting = setTimeout(fetchCounts, 50);
};
