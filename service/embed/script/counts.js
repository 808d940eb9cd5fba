// Numbers of comments anywhere on the site: <a href="…" data-gavel-count="a-42"></a>. They come when a page has some.
let counting;
const countSoon = () => {
  clearTimeout(counting);
  counting = setTimeout(() => {
    if (settings.site && document.querySelector("[data-gavel-count]")) laterParts().then((parts) => parts.count(), () => {});
  }, 50);
};
