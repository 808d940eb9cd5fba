// Numbers of comments anywhere on the site: <a href="…" data-gavel-count="a-42"></a>
const counted = new Map();
const showCounts = (words) => {
  for (const node of document.querySelectorAll("[data-gavel-count]")) {
    const count = counted.get(node.dataset.gavelCount);
    if (count === undefined) continue;
    const text = words.count(count);
    if (node.textContent != text) node.textContent = text;
  }
};
// As a box on the page knows it by now
const showCount = (article, count, words) => {
  if (counted.has(article)) counted.set(article, count);
  showCounts(words);
};
const fetchCounts = async () => {
  const found = [...document.querySelectorAll("[data-gavel-count]")].map((node) => node.dataset.gavelCount);
  const wanted = [...new Set(found)].filter((id) => id && !counted.has(id));
  if (!found.length || !settings.site) return;
  const language = settings.language || document.documentElement.lang || "en";
  wanted.forEach((id) => counted.set(id, undefined)); // at once: a second look may begin before the first has ended
  try {
    while (wanted.length) {
      const article = fitting("article", wanted);
      const { counts } = await ask(`v1/pages/${part(settings.site)}/counts?${query({ article })}`);
      for (const id in counts) counted.set(id, counts[id]);
    }
    showCounts(await wordsFor(settings.site, language));
  } catch {
    wanted.forEach((id) => counted.delete(id)); // a page without numbers is whole; the next look asks for the rest
  }
};
let counting;
const countSoon = () => {
  clearTimeout(counting);
  counting = setTimeout(fetchCounts, 50);
};
