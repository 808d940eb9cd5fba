// Numbers of comments anywhere on the site, and again every five minutes: a page may stay open for a day.
const COUNT_AGAIN_MS = 300000;
const counted = new Map();
const numbered = () => [...document.querySelectorAll("[data-gavel-count]")].filter((node) => node.dataset.gavelCount);
let words;
const showCounts = () => {
  for (const node of numbered()) {
    const number = counted.get(node.dataset.gavelCount);
    const text = words && number !== undefined && words.count(number);
    if (text && node.textContent != text) node.textContent = text;
  }
};
// As a box on the page knows it by now
const showCount = (article, number) => {
  if (counted.has(article)) counted.set(article, number);
  showCounts();
};
const fetchCounts = async (ids) => {
  words = words || await wordsFor(settings.site, settings.language || document.documentElement.lang || "en");
  while (ids.length) {
    const article = fitting("article", ids);
    const { counts } = await ask(`v1/pages/${part(settings.site)}/counts?${query({ article })}`);
    for (const id in counts) counted.set(id, counts[id]);
    showCounts();
  }
};
const count = async () => {
  const ids = [...new Set(numbered().map((node) => node.dataset.gavelCount))].filter((id) => !counted.has(id));
  ids.forEach((id) => counted.set(id, undefined)); // at once: a second look may begin before the first has ended
  // A page without numbers is whole; the next look asks for those that did not come
  await fetchCounts([...ids]).catch(() => ids.forEach((id) => counted.get(id) === undefined && counted.delete(id)));
  showCounts();
};
setInterval(() => document.hidden || !counted.size || fetchCounts([...counted.keys()]).catch(() => {}), COUNT_AGAIN_MS);
