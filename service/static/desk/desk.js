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

  // In a list, keys are for the row that is chosen
  const isVisible = (element) =>
    element.checkVisibility() && element.getClientRects().length > 0 && !element.disabled && !element.closest(".rows > li:not([aria-current])");

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
    const target = [...document.querySelectorAll(`[data-key~="${CSS.escape(event.key)}"]`)].find(isVisible);
    if (!target) return;
    event.preventDefault();
    if (!busy) press(target);
  });
  // A menu of the bar closes with Escape, and when one goes elsewhere
  const closeMenus = (but, backTo = false) => {
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (menu.contains(but)) continue;
      if (backTo && menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    }
  };
  document.addEventListener("click", ({ target }) => closeMenus(target));
  document.addEventListener("focusin", ({ target }) => closeMenus(target));
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") closeMenus(null, true); });
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
    if (!event.target.closest(".actions button, .rows button, #status button")) return;
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
  const boxes = () => [...document.querySelectorAll("input[type=checkbox][name=ids]")];
  const tally = () => {
    const every = boxes();
    const count = every.filter((box) => box.checked).length;
    for (const button of document.querySelectorAll("[data-ticked]")) button.textContent = count ? ` (${count})` : "";
    for (const line of document.querySelectorAll("[data-said]")) {
      const rest = count === every.length ? line.dataset.rest : "";
      line.textContent = count ? `${line.dataset.said.replace("{}", count)} ${rest}` : "";
    }
    for (const all of document.querySelectorAll("[data-all]")) {
      all.checked = count > 0 && count === every.length;
      all.indeterminate = count > 0 && count < every.length;
    }
  };
  document.addEventListener("change", ({ target }) => {
    if (!("all" in target.dataset) && target.name !== "ids") return;
    if ("all" in target.dataset) for (const box of boxes()) box.checked = target.checked;
    for (const box of boxes()) {
      if (box.checked) ticked.add(box.value);
      else ticked.delete(box.value);
    }
    tally();
  });
  // A campaign's copies: each group has a box for all, and the buttons say how many are ticked
  const recount = () => {
    const chosen = [...document.querySelectorAll("input[name=copy]:checked, input[name=more]:checked")];
    for (const line of document.querySelectorAll("[data-counted]")) {
      const of = line.dataset.of.split(" ");
      const count = chosen.reduce((sum, box) => sum + of.reduce((more, name) => more + Number(box.dataset[name] ?? 0), 0), 0);
      const shown = count >= 1000 ? line.dataset.most : count.toLocaleString(document.documentElement.lang);
      line.textContent = line.dataset.counted.replace("{}", shown);
      const within = line.closest("button") ?? line.closest(".reasons");
      for (const button of within?.matches("button") ? [within] : within?.querySelectorAll("button") ?? []) button.disabled = count === 0;
    }
    for (const all of document.querySelectorAll("[data-group]")) {
      const group = [...all.closest("details, section").querySelectorAll("input[name=copy]")];
      const ticks = group.filter((box) => box.checked).length;
      all.checked = ticks === group.length;
      all.indeterminate = ticks > 0 && ticks < group.length;
    }
  };
  document.addEventListener("change", ({ target }) => {
    if ("group" in target.dataset) {
      for (const box of target.closest("details, section").querySelectorAll("input[name=copy]")) box.checked = target.checked;
    } else if (target.name !== "copy" && target.name !== "more") return;
    recount();
    const reject = document.querySelector("button.reject [data-counted]");
    if (reject) say(reject.textContent);
  });
  const showAll = () => { // what only a script can serve
    recount();
    for (const hidden of document.querySelectorAll(".select-all, [data-next-mark]")) hidden.hidden = false;
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-next-mark]")) return;
    const marks = [...document.querySelectorAll("#comment > .text mark[id]")];
    const next = marks[(marks.indexOf(document.activeElement) + 1) % marks.length];
    next?.scrollIntoView({ block: "center" });
    next?.focus({ preventScroll: true });
  });
  // So do the lists of watched articles that one unfolded
  let unfolded = [];
  document.addEventListener("htmx:beforeSwap", () => {
    unfolded = [...document.querySelectorAll(".watched details[open], #hints details[open]")].map((list) => list.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const box of boxes()) box.checked = ticked.has(box.value);
    tally();
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
    const hints = document.getElementById("hints");
    if (changed.hints !== hints.dataset.seen && !hints.contains(document.activeElement)) {
      htmx.ajax("GET", hints.dataset.fetch, { target: hints, swap: "outerHTML" });
    }
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

  // Escalations and questions arrive on every page, in a line that stays until somebody hides or follows it
  const arrivals = document.getElementById("arrivals");
  const hidden = new Set();
  let heardAt = 0;
  const hear = async () => {
    if (!arrivals || (document.visibilityState !== "visible" && Date.now() - heardAt < LOOK_ANYWAY_MS)) return;
    heardAt = Date.now();
    try {
      const answer = await fetch(arrivals.dataset.arrivals, { credentials: "same-origin" });
      if (!answer.ok) return;
      const heard = await answer.json();
      for (const [page, count] of Object.entries(heard.tallies)) {
        const tab = document.getElementById(`tally-${page}`);
        if (tab) tab.textContent = count;
      }
      for (const line of [...arrivals.children]) {
        if (!heard.arrived.some(({ id }) => id === line.dataset.id)) line.remove();
      }
      const listed = [...arrivals.children].map((line) => line.dataset.id);
      for (const one of heard.arrived) if (!hidden.has(one.id) && !listed.includes(one.id)) arrivals.append(lineOf(one));
    } catch {
      // the server does not answer, or asks to log in; the next look will hear of it
    }
  };
  const lineOf = ({ id, words: said, address }) => {
    const [line, link, hide] = ["p", "a", "button"].map((name) => document.createElement(name));
    line.dataset.id = id;
    link.textContent = said;
    link.href = address;
    hide.textContent = "×";
    hide.className = "quiet";
    hide.setAttribute("aria-label", words.hide);
    hide.addEventListener("click", () => {
      hidden.add(id);
      line.remove();
    });
    line.append(link, " ", hide);
    return line;
  };
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target?.id === "hints" && detail.requestConfig?.verb === "post") {
      document.querySelector("#hints summary")?.focus(); // the button that was pressed is gone
    }
  });

  const listen = () => {
    const queue = document.querySelector("[data-live]");
    if (!queue || doorbell) return;
    doorbell = new EventSource(queue.dataset.live);
    doorbell.onmessage = () => {
      look();
      hear();
    };
  };

  setInterval(() => {
    const isRung = doorbell?.readyState === EventSource.OPEN;
    if (Date.now() - lookedAt >= (isRung ? LOOK_ANYWAY_MS : POLL_MS)) look();
    if (Date.now() - heardAt >= (isRung ? LOOK_ANYWAY_MS : POLL_MS)) hear();
  }, POLL_MS);
  listen();

  setInterval(() => {
    const address = document.querySelector("[data-claim]")?.dataset.claim;
    if (address && document.visibilityState === "visible") {
      fetch(address, { method: "POST", credentials: "same-origin" }).catch(() => {});
    }
  }, RENEW_MS);
})();
