// The list in which one decides: j and k choose a row, whose buttons have the keys, and a swipe presses one of them.
"use strict";

(() => {
  const FAR_PX = 90;
  const rows = () => [...document.querySelectorAll(".rows > li")];

  const choose = (row) => {
    for (const other of rows()) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
    row.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const every = rows();
    const next = every[every.findIndex((row) => row.hasAttribute("aria-current")) + step];
    if (!next) return;
    event.preventDefault();
    choose(next);
    next.focus({ preventScroll: true });
  });
  document.addEventListener("focusin", ({ target }) => {
    const row = target.closest(".rows > li:not([aria-current])");
    if (row) choose(row);
  });
  document.addEventListener("click", ({ target }) => {
    const row = target.closest(".rows > li:not([aria-current])");
    if (row && !target.closest("a, button")) choose(row);
  });
  document.addEventListener("htmx:afterSettle", () => {
    document.querySelector(".rows > [aria-current]")?.scrollIntoView({ block: "nearest" });
  });

  let swipe = null;
  const end = () => {
    if (swipe) {
      swipe.row.style.transform = "";
      delete swipe.row.dataset.toward;
    }
    swipe = null;
  };
  document.addEventListener("touchstart", ({ target, touches }) => {
    end();
    const row = target.closest(".rows > li");
    if (row?.querySelector("[data-swipe]") && touches.length === 1) swipe = { row, x: touches[0].clientX, y: touches[0].clientY };
  }, { passive: true });
  document.addEventListener("touchmove", ({ touches: [{ clientX, clientY }] }) => {
    if (!swipe) return;
    const across = clientX - swipe.x;
    if (Math.abs(clientY - swipe.y) > Math.max(30, Math.abs(across))) return end(); // they scroll
    swipe.row.style.transform = `translateX(${across}px)`;
    if (Math.abs(across) < FAR_PX) delete swipe.row.dataset.toward;
    else swipe.row.dataset.toward = across > 0 ? "right" : "left";
  }, { passive: true });
  document.addEventListener("touchend", () => {
    const button = swipe?.row.querySelector(`[data-swipe="${swipe.row.dataset.toward}"]`);
    end();
    button?.click();
  });
  document.addEventListener("touchcancel", end);
})();
