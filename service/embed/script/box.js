// A box of comments: one element, one article. It fetches nothing before it comes near the view.
const NEAR = "800px";
const LOOK_AGAIN_MS = 30000;
const ORDERS = ["newest", "oldest", "most_replied"];
const EVENTS = ["hashchange", "load", "online", "visibilitychange", "click", "keydown", "scroll"];
const linkedId = () => {
  const found = /^#gavel-(.+)$/.exec(location.hash);
  try {
    return found && decodeURIComponent(found[1]);
  } catch {
    return null;
  }
};

class Box extends HTMLElement {
  static observedAttributes = ["data-article", "data-site", "data-language"];

  connectedCallback() {
    this.root = this.shadowRoot || this.attachShadow({ mode: "open" });
    this.root.adoptedStyleSheets = [sheet];
    EVENTS.forEach((name) => addEventListener(name, this));
    this.timer = setInterval(() => this.look(), LOOK_AGAIN_MS);
    this.begin();
  }
  disconnectedCallback() {
    EVENTS.forEach((name) => removeEventListener(name, this));
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.watch?.disconnect();
    this.turn = (this.turn || 0) + 1;
  }
  handleEvent({ type }) {
    if (type == "hashchange") this.show(linkedId());
    // A style or a picture came and moved the page, not the reader
    else if (type == "load" && this.shownAt == scrollY) this.show(linkedId());
    else if (type == "online") this.failed ? this.load() : this.look();
    else if (type == "visibilitychange") {
      if (!document.hidden && this.reader === null) this.meetAgain(); // logged in meanwhile, on another page
      this.lookIfDue();
    }
    else this.settle();
  }
  attributeChangedCallback(name, before, after) {
    if (!this.root || before === after || !this.isConnected) return;
    this.replaceChildren();
    this.begin();
  }
  setting(name) {
    return this.dataset[name] || settings[name] || "";
  }
  get path() {
    return `v1/pages/${part(this.setting("site"))}/articles/${part(this.setting("article"))}`;
  }
  get key() {
    return `${this.setting("site")} ${this.setting("article")}`;
  }
  begin() {
    this.turn = (this.turn || 0) + 1;
    this.failed = false;
    this.near = false;
    this.frame = null;
    this.order = this.setting("order");
    say(this.root, make("slot"));
    this.adopt();
    this.hold(innerHeight);
    this.watch?.disconnect();
    if (!this.setting("article") || !this.setting("site")) return console.warn("gavel: data-site or data-article is missing");
    this.watch = new IntersectionObserver(([entry]) => {
      const first = !this.near && !this.started;
      this.near = entry.isIntersecting;
      if (this.near) first ? this.start() : this.lookIfDue();
    }, { rootMargin: NEAR });
    this.started = false;
    if (linkedId()) this.start();
    this.watch.observe(this);
  }
  // The same comments as plain HTML, wherever the page has them: they show in the box's place until it is drawn
  adopt() {
    for (const plain of document.querySelectorAll("section.gavel-comments")) {
      if (plain.dataset.article == this.setting("article") && !plain.closest("gavel-comments")) this.append(plain);
    }
  }
  start() {
    this.started = true;
    this.reader = undefined;
    this.owned = new Map();
    if (hasReaders()) this.meet();
    this.load();
  }

  // ---- The page of comments
  async load() {
    const turn = this.turn;
    clearTimeout(this.retry);
    const language = this.setting("language") || this.closest("[lang]")?.lang || "en";
    const linked = linkedId();
    const reading = wordsFor(this.setting("site"), language);
    const waits = hasReaders() && drafts.read(`${this.key} own`).text;
    try {
      const [words, page, single] = await Promise.all([
        reading,
        ask(`${this.path}?${query({ order: this.order })}`),
        linked ? ask(`${this.path}/comments/${part(linked)}`).catch(() => null) : null,
        waits ? this.meeting : null,
      ]);
      if (turn != this.turn) return;
      this.failed = false;
      this.words = words;
      this.draw(page, single?.comments[0]);
    } catch (refused) {
      const words = await reading.catch(() => spareWords(language));
      if (turn != this.turn) return;
      this.words = words;
      this.drawAway(refused);
    }
  }
  draw(page, single) {
    const { words } = this;
    const typing = this.root.activeElement;
    this.article = { ...page.article, longest: page.longest || Infinity, links: page.links, report_reasons: page.report_reasons || [] };
    this.order = page.order;
    this.version = page.version;
    this.lookedAt = Date.now();
    this.known = page.article.comments || 0;
    this.comments = new Map();
    this.list = make("ol", { class: "list" });
    this.more = make("div", { class: "after" });
    this.fresh = make("div", { class: "fresh" });
    this.notice = make("p", { class: "notice", role: "status" });
    this.slot_ = make("div", { class: "slot" });
    this.linked = make("div", { class: "linked" });
    this.tally = make("p", { class: "tally", role: "heading", "aria-level": this.setting("level") || 2, id: "tally" });
    this.empty = make("p", { class: "empty" }, words.of("write_first"));
    this.frame = make(
      "section", { class: `box${hasReaders() ? " writable" : ""}${this.article.open ? "" : " closed"}`, "aria-labelledby": "tally", lang: words.language },
      make("div", { class: "bar" }, this.tally, this.sorting()),
      this.slot_,
      make("div", { class: "between" }, page.rules && make("a", { href: behind(page.rules + words.language) }, words.of("rules")), this.notice, this.fresh),
      this.linked, this.empty, this.list, this.more,
    );
    // A link leads to a comment that the first page may not show: its thread comes first then
    const here = page.comments.flatMap((found) => [found, ...found.first_replies]);
    if (single && !here.some((found) => found.id == linkedId())) this.linked.append(this.thread(single));
    this.fill(page);
    this.tallyUp();
    this.ask_();
    this.put(typing);
    this.adopt();
    this.replaceChildren();
    if (hasReaders()) words.rest();
    this.recognise(true);
    this.settle();
    this.report("shown", { article_id: this.article.id, comments: this.known });
    const id = linkedId();
    if (id && !this.comments.has(id) && document.querySelectorAll("gavel-comments").length < 2) this.tell(words.of("gone"));
    this.show(id);
  }
  fill(page) {
    const threads = page.comments.filter((found) => !this.comments.has(found.id)).map((found) => this.thread(found));
    this.list.append(...threads);
    say(this.more, page.next && button(this.words.of("more"), () => this.next(page.next)));
    return threads[0];
  }
  sorting() {
    const { words } = this;
    const offered = [...ORDERS, ...(this.article.picks ? ["picks"] : [])].filter((order) => words.has(`sort_${order}`));
    if (this.article.comments < 2 || offered.length < 2) return null;
    const choice = make(
      "select",
      {
        "aria-label": words.of("sort"),
        onchange: () => {
          this.hold(0);
          if (choice.value == "picks") return laterParts().then((parts) => parts.picks(this), () => this.tell(words.of("away")));
          this.order = choice.value;
          this.reload();
        },
      },
      offered.map((order) => make("option", { value: order, selected: order == this.order }, words.of(`sort_${order}`))),
    );
    return choice;
  }
  async reload(cache) {
    try {
      const turn = this.turn;
      const page = await ask(`${this.path}?${query({ order: this.order })}`, { cache });
      if (turn != this.turn) return;
      const inChoice = this.root.activeElement?.value;
      this.draw(page);
      focusOn(inChoice ? this.frame.querySelector("select") : this.list.querySelector(".comment"));
    } catch (refused) {
      this.tell(this.sentence(refused));
    }
  }
  async next(cursor) {
    this.hold(innerHeight);
    try {
      const { turn } = this;
      const page = await ask(`${this.path}?${query({ order: this.order, after: cursor })}`);
      if (turn != this.turn) return;
      const first = this.fill(page);
      this.recognise();
      focusOn(first?.querySelector(".comment"));
    } catch (refused) {
      this.tell(this.sentence(refused));
    }
    this.settle();
  }
  thread(found) {
    const comment = this.comment(found);
    comment.replies = make("ol", { class: "replies" });
    comment.after = make("div", { class: "after" });
    const node = make("li", null, comment.node, comment.replies, comment.after);
    this.answers(comment, found.first_replies || [], found.more_replies, found.replies);
    return node;
  }
  answers(comment, replies, cursor, all) {
    const shown = replies.filter((reply) => !this.comments.has(reply.id));
    const nodes = shown.map((reply) => make("li", null, this.comment(reply, comment).node));
    comment.replies.append(...nodes);
    const left = all - (comment.found.skipped || 0) - comment.replies.children.length;
    const label = () => this.words.of("more_replies", { count: this.words.numbers.format(Math.max(left, 1)) });
    const fetchMore = async () => {
      this.hold(innerHeight);
      try {
        const { turn } = this;
        const page = await ask(`${this.path}/comments/${part(comment.id)}/replies?${query({ after: cursor })}`);
        if (turn != this.turn) return;
        const first = this.answers(comment, page.replies, page.next, all);
        this.recognise();
        focusOn(first?.firstChild);
      } catch (refused) {
        this.tell(this.sentence(refused));
      }
      this.settle();
    };
    say(comment.after, cursor && button(label(), fetchMore));
    return nodes[0];
  }
  comment(found, root) {
    const comment = new Comment(this, found, root);
    this.comments.set(found.id, comment);
    return comment;
  }
  tallyUp() {
    say(this.tally, this.words.count(this.known));
    later?.then((parts) => parts.showCount(this.setting("article"), this.known), () => {});
    this.empty.hidden = this.comments.size > 0 || !this.article.open;
  }
  // To the page's own figures
  report(what, { article_id, id, parent_id, status, reason, comments }) {
    const detail = { article: article_id || this.setting("article"), id, parent: parent_id, status, reason, comments };
    this.dispatchEvent(new CustomEvent(`gavel:${what}`, { bubbles: true, detail }));
  }
  tell(text) {
    say(this.notice, text);
  }

  // ---- Where the reader writes
  get mayWrite() {
    return !!this.reader?.may_comment;
  }
  // The place keeps its height while the reader is not known yet, so that nothing below it moves
  ask_() {
    const { words, article, reader } = this;
    this.slot_.hidden = article.open && !hasReaders();
    if (!article.open) {
      const why = this.whyClosed(article.mode?.until);
      const isBegun = this.writing?.node.parentNode == this.slot_ && this.writing.field.value;
      return isBegun ? this.writing.tell(why, true) : say(this.slot_, this.card(why));
    }
    if (!hasReaders()) return;
    if (reader === null) return say(this.slot_, this.card(words.of("sign_in"), this.setting("signInUrl")));
    if (reader && !reader.may_comment) {
      // The message about a ban says that there is one. That about a suspension has the time of another clock
      const message = reader.message?.text;
      return say(this.slot_, this.card((!reader.until && message) || this.whySilent(reader.until), null, reader.until && message, this.statementLink(reader)));
    }
    const { field, submit } = this.rootWriting();
    this.writing.claim();
    this.writing.signature = [words.of({ slow: "slow_mode", everything_waits: "waiting" }[article.mode?.name]), reader?.name].join(" ");
    if (!this.writing.busy && !this.writing.said.classList.contains("problem")) this.writing.tell(this.writing.signature);
    // It may be from a time without words
    field.placeholder = words.of("placeholder");
    field.setAttribute("aria-label", field.placeholder);
    say(submit, words.of("post"));
    if (this.writing.node.parentNode != this.slot_) say(this.slot_, this.writing.node);
  }
  // Who is typing goes on typing
  put(typing) {
    say(this.root, this.frame);
    if (typing?.isConnected) typing.focus({ preventScroll: true });
  }
  rootWriting() {
    if (this.wroteFor == this.key) return this.writing;
    this.wroteFor = this.key;
    return this.writing = new Writing(this, { code: "post", label: this.words.of("placeholder"), name: this.key, send: (sent) => this.post(sent) });
  }
  card(text, address, message, more) {
    const said = address ? make("a", { href: address }, text) : text;
    return make("div", { class: "card" }, make("p", null, said), message && make("p", { dir: "auto" }, message), more);
  }
  // Of a decision on a comment, or of a measure: the page that has them has the form for an appeal
  statementLink(about) {
    return about?.statement_path && make("a", { href: behind(about.statement_path) }, this.words.of("appeal"));
  }
  whyClosed(until) {
    const { words } = this;
    return until ? words.of("closed_until_mode", { until: words.moment(until) }) : words.of(this.article?.aged ? "closed_aged" : "closed");
  }
  whySilent(until) {
    const { words } = this;
    return until ? words.of("suspended_until", { until: words.moment(until) }) : words.of("banned");
  }
  async post({ text, id, typed_s, about, parent }) {
    if (about.turn == this.turn) {
      if (this.failed) await this.load();
      if (this.failed) throw this.failed;
      // A reader who is not known yet would be without a name
      await this.meeting;
      if (this.reader === undefined) await this.meet();
    }
    // Its article is that of the press: the page may have turned to another one since
    const send = () => asReader("/comments", {
      method: "POST", prefer: "wait=3",
      body: { id, article_id: about.article, article_url: about.url, article_title: about.title, text, parent_id: parent?.id, typed_s },
    });
    const isHere = () => about.turn == this.turn;
    const sent = () => drafts.write(`${about.key} own`, { text: "1" });
    if (!isHere()) {
      this.report("posted", await send());
      sent();
      return about.key == this.key && this.meet();
    }
    const found = {
      id, text, author: { name: this.reader?.name, staff: this.reader?.staff }, parent_name: parent?.name,
      posted_at: new Date().toISOString(),
    };
    const comment = this.comments.get(id) || this.comment(found, parent?.root);
    comment.own = { status: "waiting", text, version: 1 };
    comment.isNew = true;
    comment.node.classList.add("mine", "sending");
    say(comment.actions);
    say(comment.state, "…");
    const place = this.place(comment, parent);
    this.empty.hidden = true;
    try {
      const own = await send();
      this.report("posted", own);
      sent();
      if (!isHere()) return;
      this.keepOwn(own, comment);
      comment.node.classList.remove("sending");
      focusOn(comment.node);
    } catch (refused) {
      place.remove();
      if (isHere()) this.comments.delete(id);
      this.tallyUp();
      throw refused;
    }
  }
  place(comment, parent) {
    const root = parent?.root;
    const node = make("li", null, comment.node);
    if (root) root.replies.append(node);
    else {
      comment.replies = make("ol", { class: "replies" });
      comment.after = make("div", { class: "after" });
      node.append(comment.replies, comment.after);
      this.list.prepend(node);
    }
    return node;
  }
  keepOwn(own, comment) {
    const before = this.owned.get(own.id);
    this.owned.set(own.id, own);
    if (before || comment.own) this.known += (own.status == "published") - (before?.status == "published");
    this.tallyUp();
    comment.belongs(own);
  }

  // ---- The reader
  meet() {
    const turn = this.turn;
    const mine = asReader("");
    const own = asReader(`/comments?${query({ article: this.setting("article") })}`);
    this.meeting = Promise.all([mine, own]).then(
      ([reader, { comments }]) => {
        if (turn != this.turn) return;
        this.reader = reader;
        this.owned = new Map(comments.map((one) => [one.id, one]));
      },
      (refused) => {
        if (turn == this.turn && refused.kind == "signed-out") this.reader = null;
      },
    );
    this.meeting.then(() => turn == this.turn && this.frame && !this.failed && this.recognise());
    return this.meeting;
  }
  // A token is over: perhaps somebody has logged out since, or may no longer comment, or may again
  async meetAgain() {
    const { turn } = this;
    const reader = await asReader("").catch(({ kind }) => (kind == "signed-out" ? null : this.reader));
    if (turn != this.turn) return;
    if (reader?.id != this.reader?.id) return this.begin();
    this.reader = reader;
    this.recognise();
  }
  // Marks the reader's own comments. Those that others do not see are added where nothing moves by it
  recognise(isFirst) {
    if (!this.frame || this.reader === undefined) return;
    this.ask_();
    for (const comment of this.comments.values()) {
      const own = this.owned.get(comment.id);
      if (own) comment.belongs(own);
      else comment.offer();
    }
    const hidden = [...this.owned.values()].filter((own) => !this.comments.has(own.id) && isTold(own));
    if (!hidden.length) return drafts.write(`${this.key} own`);
    const add = () => { hidden.forEach((own) => this.addOwn(own)); say(this.fresh); this.tallyUp(); };
    if (isFirst || this.getBoundingClientRect().top > innerHeight) return add();
    say(this.fresh, button(this.words.of("your_comments"), add));
  }
  addOwn(own) {
    const parent = this.comments.get(own.parent_id);
    const author = { name: this.reader.name, staff: this.reader.staff };
    const comment = this.comment({ ...own, author, parent_name: parent?.name }, parent?.root);
    this.place(comment, parent);
    comment.belongs(own);
  }

  // ---- What happens meanwhile
  async look() {
    if (document.hidden || !this.near || !this.frame || this.failed) return;
    const { turn } = this;
    const now = (this.lookedAt = Date.now());
    for (const comment of this.comments.values()) {
      const { own } = comment;
      if (!own?.editable_until || now < new Date(own.editable_until)) continue;
      own.editable_until = null;
      comment.belongs(own);
    }
    if (this.reader && now > new Date(this.reader.token_until)) this.meetAgain();
    try {
      const { version } = await ask(`${this.path}/version`, { cache: "no-cache" });
      if (turn != this.turn) return;
      if (this.reader === undefined && hasReaders()) this.meet();
      const hasChanged = version != this.version;
      const own = [...this.owned.values()];
      if (hasChanged ? own.length : own.some(({ status }) => SHOWN_MS[status] == Infinity)) await this.lookAtOwn(turn).catch(() => {});
      if (hasChanged) await this.catchUp(turn);
    } catch {
      // the next look may find it
    }
  }
  lookIfDue() {
    if (Date.now() - this.lookedAt > LOOK_AGAIN_MS) this.look();
  }
  async lookAtOwn(turn) {
    const { comments } = await asReader(`/comments?${query({ article: this.setting("article") })}`);
    if (turn != this.turn) return;
    for (const own of comments) {
      const comment = this.comments.get(own.id);
      const before = this.owned.get(own.id);
      if (comment && (!before || before.version != own.version)) this.keepOwn(own, comment);
    }
  }
  // What went is taken off, an edit shows, and what came is offered
  async catchUp(turn) {
    const shown = [...this.comments.values()].filter(({ own, found }) => !own && !found.gone);
    const ids = shown.map(({ id }) => id);
    const marks = {};
    let now;
    do {
      now = await ask(`${this.path}/shown?${query({ id: fitting("id", ids) })}`, { cache: "no-cache" });
      Object.assign(marks, now.shown);
    } while (ids.length);
    if (turn != this.turn) return;
    const { article } = this;
    const before = JSON.stringify([article.open, article.mode]);
    Object.assign(article, now.article);
    this.version = now.version;
    for (const comment of shown) {
      const { found, id } = comment;
      const mark = marks[id];
      if (!mark) {
        this.known -= 1;
        comment.go();
      } else if (mark.edited_at != found.edited_at || mark.featured != found.featured) this.reread(comment, turn);
    }
    if (before != JSON.stringify([article.open, article.mode])) {
      this.frame.classList.toggle("closed", !article.open);
      if (article.open) this.writing?.tell("");
      this.ask_();
      this.recognise();
    }
    const came = article.comments - this.known;
    if (came < 0) this.known = article.comments;
    this.tallyUp();
    say(this.fresh, came > 0 && button(this.words.of("new_comments", { count: this.words.numbers.format(came) }), () => {
      this.hold(0);
      this.order = "newest";
      this.reload("no-cache");
    }));
  }
  async reread(comment, turn) {
    const { comments: [root] } = await ask(`${this.path}/comments/${part(comment.id)}`, { cache: "no-cache" });
    const found = [root, ...root.first_replies].find(({ id }) => id == comment.id);
    if (turn == this.turn && found) comment.change(found);
  }
  show(id) {
    const comment = id && this.comments?.get(id);
    if (!comment) return;
    this.root.querySelector(".target")?.classList.remove("target");
    comment.node.classList.add("target");
    comment.node.scrollIntoView({ block: "center" });
    comment.node.focus({ preventScroll: true });
    this.shownAt = scrollY;
  }
  drawAway(refused) {
    if (refused.kind == "not-found") {
      console.warn("gavel: data-site is not known, or has no origins");
      return this.draw({ article: { open: false }, comments: [] });
    }
    const isStill = this.failed;
    const typing = this.root.activeElement;
    this.failed = refused;
    this.retry = setTimeout(() => this.load(), LOOK_AGAIN_MS * (1 + Math.random()));
    if (isStill) return;
    this.slot_ = make("div", { class: "slot" });
    // A form without words is none; what was begun comes with those of an earlier page
    if (hasReaders() && this.words.has("post")) this.slot_.append(this.rootWriting().node);
    this.frame = make(
      "section", { class: "box", lang: this.words.language, "aria-label": this.words.of("comments") || "…" },
      make("div", { class: "card", role: "alert" }, make("p", null, this.sentence(refused)), button(this.words.of("again"), () => this.load())),
      this.slot_, make("slot"),
    );
    this.put(typing);
    this.settle();
  }
  // Why something did not work, in words for the reader
  sentence({ kind, said, status }) {
    const { words } = this;
    if (said.errors?.some(({ field }) => field == "parent_id")) kind = "not-found"; // the comment that it answers
    if (kind == "author-suspended") return this.whySilent(said.author?.until);
    if (kind == "article-closed" && said.until) return this.whyClosed(said.until);
    if (kind == "author-rate-limited" && this.article?.mode) return words.of("slow_mode");
    const code = { offline: "offline", "signed-out": "sign_in" }[kind] || `problem_${String(kind).replaceAll("-", "_")}`;
    return words.of(code) || words.of(status && status < 503 ? "problem_unexpected" : "away");
  }

  // ---- Nothing moves under the reader's eyes
  // Reserves room below, in the moment of a press; lets it go when that moves nothing in view.
  hold(extra) {
    this.style.minHeight = `${this.offsetHeight + extra}px`;
  }
  settle() {
    if (!this.frame || !this.style.minHeight) return;
    const { top } = this.getBoundingClientRect();
    if (top + this.frame.offsetHeight >= innerHeight || top > innerHeight) this.style.minHeight = "";
  }
}
// Own comments that are shown beside those of the page: what waits; for three days what was refused; and what was
// published so lately that a proxy may not know it yet.
const SHOWN_MS = { waiting: Infinity, flagged: Infinity, rejected: 3 * 864e5, published: 120000 };
const isTold = (own) => Date.now() - new Date(own.updated_at) < (SHOWN_MS[own.status] || 0);
