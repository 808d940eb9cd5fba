const script = document.currentScript || document.querySelector('script[src*="/embed/v1.js"]');
const gavel = (window.gavel = window.gavel || {});
if (gavel.place) return gavel.place(script); // a second tag on the page: the first one knows the rest
const settings = { ...script.dataset };
const base = new URL("..", script.src).href;
const behind = (path) => base + path.slice(1); // pages of this Gavel, also below another path
