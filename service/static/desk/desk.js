// The desk works without this. It adds keys that press visible buttons, focus that follows the comment, and a claim that
// is renewed while its page is in sight.
"use strict";

(() => {
  const RENEW_MS = 45_000;
  const SEEN_MS = 120;
  const words = JSON.parse(document.getElementById("words").textContent); // service/desk/frame/script_words.py
  let busy = false;
  let turn = 0;
  const held = new Set();

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
      element.parentElement.querySelector("select, textarea, input")?.focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && isTyping(event.target)) {
      event.target.blur();
      return;
    }
    if (isTyping(event.target) || event.repeat || document.body.dataset.keys === "off") return;
    if (held.has(event.code)) return; // not every keyboard says that it repeats
    held.add(event.code);
    const target = [...document.querySelectorAll(`[data-key="${CSS.escape(event.key)}"]`)].find(isVisible);
    if (!target) return;
    event.preventDefault();
    if (!busy) press(target);
  });
  document.addEventListener("keyup", (event) => held.delete(event.code));
  window.addEventListener("blur", () => held.clear());

  // One decision at a time, and none unseen: from the moment that a request leaves until what it brought has been on the
  // screen for a moment, keys and clicks were meant for what was there before, and do nothing. Each wait has a number,
  // so that what comes late of one does not end another.
  const setBusy = () => {
    busy = true;
    turn += 1;
    document.documentElement.toggleAttribute("data-busy", true);
  };
  const setFree = (of) => {
    if (of !== turn) return;
    busy = false;
    document.documentElement.toggleAttribute("data-busy", false);
  };
  const freeOnceSeen = (of) =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => setFree(of), SEEN_MS)));
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".actions button, #status button")) return;
    if (!busy && event.detail < 2) return; // the second of a double click would decide the next comment
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "desk") return;
    if (busy) event.preventDefault();
    else setBusy();
  });
  // Not before the new forms are wired: a key in between would send one past htmx
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "desk") freeOnceSeen(turn);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.target?.id === "desk" && (event.detail.failed || event.detail.xhr.status === 0)) {
      const of = turn;
      setTimeout(() => setFree(of), 300);
    }
  });
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) setBusy(); // the browser itself sends it, and leaves the page
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) setFree(turn); // back on a page that was left
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "desk") return;
    (document.getElementById("comment") ?? document.getElementById("main"))?.focus({ preventScroll: true });
    const queue = document.querySelector(".queue");
    if (queue && getComputedStyle(queue).overflowY === "auto") {
      queue.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    } else window.scrollTo(0, 0); // the queue lies below the comment, and the page would follow to it
    document.querySelector("#main")?.scrollTo(0, 0);
  });
  document.addEventListener("htmx:sendError", () => say(words.unreachable));

  const say = (sentence) => {
    const status = document.getElementById("status");
    if (status) status.textContent = sentence;
  };

  // Ticked lines stay ticked while one moves through the queue
  const ticked = new Set();
  document.addEventListener("change", (event) => {
    if (event.target.name !== "ids") return;
    if (event.target.checked) ticked.add(event.target.value);
    else ticked.delete(event.target.value);
  });
  const boxes = () => [...document.querySelectorAll("input[type=checkbox][name=ids]")];
  const showAll = () => { // what only a script can serve
    for (const hidden of document.querySelectorAll(".select-all, [data-next-mark]")) hidden.hidden = false;
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-next-mark]")) return;
    const marks = [...document.querySelectorAll("#comment > .text mark[id]")];
    const next = marks[(marks.indexOf(document.activeElement) + 1) % marks.length];
    next?.scrollIntoView({ block: "center" });
    next?.focus({ preventScroll: true });
  });
  document.addEventListener("change", (event) => {
    if (!("all" in event.target.dataset)) return;
    for (const box of boxes()) {
      box.checked = event.target.checked;
      box.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
  // So do the lists of watched articles that one unfolded
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", () => {
    unfolded = [...document.querySelectorAll(".watched details[open]")].map((list) => list.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const box of boxes()) box.checked = ticked.has(box.value);
    for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    showAll();
  });
  showAll();

  // A dragged range writes the numbers that the form sends, and the form is sent when the drag ends
  for (const form of document.querySelectorAll("[data-range]")) {
    form.querySelector(".sliders").hidden = false;
    for (const end of ["low", "high"]) {
      const slider = form.querySelector(`[data-${end}]`);
      slider.addEventListener("input", () => { form.elements[end].value = Number(slider.value).toFixed(2); });
      slider.addEventListener("change", () => form.requestSubmit());
    }
  }

  // Sliders beside number fields: each moves the other, and with them the line of the chart and its bars
  const CHART_WIDTH = 600; // service/desk/frame/charts.py
  for (const slider of document.querySelectorAll("[data-pairs] input[data-for]")) slider.hidden = false;
  const redraw = (field) => {
    const chart = document.querySelector(`#at-${CSS.escape(field.name)} .histogram`);
    const limit = Number(field.value);
    if (!chart || field.value === "" || !(limit >= 0 && limit <= 1)) return;
    const line = chart.querySelector(".limit");
    for (const end of ["x1", "x2"]) line.setAttribute(end, limit * CHART_WIDTH);
    const bars = chart.querySelectorAll("rect");
    bars.forEach((bar, number) => {
      const middle = (number + 0.5) / bars.length;
      bar.setAttribute("class", (field.dataset.bound === "below" ? middle <= limit : middle >= limit) ? "in" : "out");
    });
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.closest("[data-pairs]")) return;
    const fields = target.form.elements;
    if (target.dataset.for) fields[target.dataset.for].value = target.value;
    const field = target.dataset.for ? fields[target.dataset.for] : target;
    if (!("bound" in field.dataset)) return;
    const slider = document.querySelector(`[data-for="${CSS.escape(field.name)}"]`);
    if (slider && slider !== target) slider.value = field.value;
    redraw(field);
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const field of document.querySelectorAll("[data-pairs] [aria-describedby^=problem-]")) {
      const said = document.getElementById(field.getAttribute("aria-describedby"))?.textContent ?? "";
      field.toggleAttribute("aria-invalid", said !== "");
      if (said) field.setAttribute("aria-invalid", "true");
    }
  });

  // A large campaign is decided in parts: the next one follows by itself, unless somebody stops it
  const GO_ON_MS = 1_000;
  for (const form of document.querySelectorAll("[data-go-on]")) {
    const next = setTimeout(() => form.requestSubmit(), GO_ON_MS);
    form.querySelector("[data-stop]").addEventListener("click", () => clearTimeout(next));
  }

  // An event from the server, or else a clock, starts a look at what others decided. Those lines turn grey
  const POLL_MS = 5_000;
  const LOOK_ANYWAY_MS = 30_000;
  let doorbell = null;
  let looking = false;
  let lookedAt = 0;

  const look = async () => {
    const queue = document.querySelector("[data-changes]");
    if (!queue || looking) return;
    // Out of sight only the title is read, and it may be half a minute old
    if (document.visibilityState !== "visible" && Date.now() - lookedAt < LOOK_ANYWAY_MS) return;
    looking = true;
    lookedAt = Date.now();
    try {
      const shown = [...queue.querySelectorAll("[data-line]")].map((line) => line.dataset.line);
      const open = document.querySelector("[data-current]")?.dataset.current;
      const lines = (open && !shown.includes(open) ? [open, ...shown] : shown).join(",");
      const answer = await fetch(`${queue.dataset.changes}&lines=${lines}`, { credentials: "same-origin" });
      if (answer.ok && queue.isConnected) show(queue, await answer.json());
    } catch {
      // the server does not answer; the next look will find the change
    } finally {
      looking = false;
    }
  };

  const show = (queue, changed) => {
    queue.querySelector("#waiting-count").textContent = changed.waiting;
    document.title = (changed.waiting === "0" ? "" : `(${changed.waiting}) `) + document.title.replace(/^\([\d,+]+\) /, "");
    const fresh = queue.querySelector("#fresh");
    fresh.hidden = !changed.arrived;
    fresh.textContent = changed.fresh;
    for (const line of queue.querySelectorAll("[data-line]")) {
      const change = changed.lines[line.dataset.line];
      line.classList.toggle("gone", change?.gone ?? false);
      line.querySelector("[data-change]").textContent = change?.words ?? "";
    }
    const banner = document.querySelector("[data-current]");
    if (!banner) return;
    const change = changed.lines[banner.dataset.current];
    if (banner.textContent !== (change?.notice ?? "")) banner.textContent = change?.notice ?? "";
    banner.hidden = !change;
  };

  const listen = () => {
    const queue = document.querySelector("[data-live]");
    if (!queue || doorbell) return;
    doorbell = new EventSource(queue.dataset.live);
    doorbell.onmessage = look;
  };

  setInterval(() => {
    const isRung = doorbell?.readyState === EventSource.OPEN;
    if (Date.now() - lookedAt >= (isRung ? LOOK_ANYWAY_MS : POLL_MS)) look();
  }, POLL_MS);
  listen();

  setInterval(() => {
    const address = document.querySelector("[data-claim]")?.dataset.claim;
    if (address && document.visibilityState === "visible") {
      fetch(address, { method: "POST", credentials: "same-origin" }).catch(() => {});
    }
  }, RENEW_MS);
})();
