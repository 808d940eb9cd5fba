// The desk works without this. It adds keys that press visible buttons, focus that follows the comment, and a claim that
// is renewed while its page is in sight.
"use strict";

(() => {
  const RENEW_MS = 45_000;
  let busy = false;

  const isTyping = (target) =>
    target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target.tagName === "INPUT" && !/^(checkbox|radio|button|submit|range)$/.test(target.type));

  const isVisible = (element) => element.getClientRects().length > 0 && !element.disabled;

  const press = (element) => {
    if (element.tagName === "INPUT") {
      element.focus();
      element.select();
      return;
    }
    element.click();
    if (element.tagName === "SUMMARY" && element.parentElement.open) {
      element.parentElement.querySelector("textarea, input")?.focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (isTyping(event.target) || event.repeat || document.body.dataset.keys === "off") return;
    const target = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find(isVisible);
    if (!target) return;
    event.preventDefault();
    if (!busy) press(target);
  });

  // One decision at a time: a key pressed while the answer is under way would hit the comment that is leaving
  const setBusy = (is) => {
    busy = is;
    document.documentElement.toggleAttribute("data-busy", is);
  };
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "desk") return;
    if (busy) event.preventDefault();
    else setBusy(true);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target?.id === "desk") setBusy(false);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "desk") return;
    document.querySelector("#comment, #main")?.focus({ preventScroll: true });
    document.querySelector(".queue [aria-current]")?.scrollIntoView({ block: "nearest" });
    document.querySelector("#main")?.scrollTo(0, 0);
  });
  document.addEventListener("htmx:sendError", () => say("The desk cannot reach the server. Nothing was changed."));

  const say = (words) => {
    const status = document.getElementById("status");
    if (status) status.textContent = words;
  };

  setInterval(() => {
    const address = document.querySelector("[data-claim]")?.dataset.claim;
    if (address && document.visibilityState === "visible") {
      fetch(address, { method: "POST", credentials: "same-origin" }).catch(() => {});
    }
  }, RENEW_MS);
})();
