const script = document.currentScript || document.querySelector('script[src*="/embed/v1.js"]');
const gavel = (window.gavel = window.gavel || {});
if (gavel.place) return gavel.place(script); // a second tag on the page: the first one knows the rest
const settings = { ...script.dataset };
const base = new URL("..", script.src).href;
// Later parts come by an address that names their version, and where a browser checks it, with their hash
let later;
const laterParts = () => {
  const href = `${base}embed/v1/later.js?v=${LATER.version}`;
  if (!later) document.head.append(make("link", { rel: "modulepreload", href, integrity: LATER.integrity, crossorigin: "" }));
  later = later || import(href).then((found) => found.default({ make, button, say, focusOn, asReader, behind, part, ask, query, fitting, wordsFor, settings, drafts, Writing }));
  later.catch(() => (later = null));
  return later;
};
const behind = (path) => base + path.slice(1); // pages of this Gavel, also below another path
