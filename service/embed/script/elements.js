// What a box is made of. Texts go in as text nodes: whatever a comment holds, it is never read as markup.
const isThere = (child) => child != null && child !== false;
const make = (tag, properties, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (!isThere(value)) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter(isThere));
  return node;
};
const button = (label, onclick, properties) => make("button", { type: "button", onclick, ...properties }, label);
const focusOn = (node) => node && node.focus();
const say = (node, ...children) => node.replaceChildren(...children.filter(isThere));
let numbered = 0;
const newId = () => `e${++numbered}`;
const hex = (bytes) =>
  [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const uuid = () => `${hex(4)}-${hex(2)}-4${hex(2).slice(1)}-8${hex(2).slice(1)}-${hex(6)}`;
