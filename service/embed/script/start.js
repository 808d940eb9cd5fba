// A tag that names an article has its box where it stands; <gavel-comments data-article="…"> has one anywhere.
const placeBox = (tag) => {
  if (!tag || !tag.dataset.article) return;
  const box = make("gavel-comments");
  for (const name of ["site", "article", "articleUrl", "articleTitle", "language", "order", "level"]) {
    if (tag.dataset[name]) box.dataset[name] = tag.dataset[name];
  }
  tag.after(box);
};
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);
customElements.define("gavel-comments", Box);
Object.assign(gavel, {
  place: placeBox,
  // After somebody has logged in or out without a new page
  refresh() {
    token = null;
    document.querySelectorAll("gavel-comments").forEach((box) => box.begin());
  },
});
placeBox(script);
new MutationObserver(countSoon).observe(document.documentElement, {
  childList: true, subtree: true, attributes: true, attributeFilter: ["data-gavel-count"],
});
countSoon();
