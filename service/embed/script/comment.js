// One comment, and what its reader may do with it.
class Comment {
  constructor(box, found, root) {
    Object.assign(this, { box, id: found.id, root: root || this, label: newId() });
    this.header = make("header");
    this.text = make("div", { class: "text" });
    this.state = make("span", { class: "state", role: "status" });
    this.actions = make("div", { class: "actions" });
    this.below = make("div", { class: "below" });
    this.node = make(
      "article", { class: "comment", tabindex: -1, "aria-labelledby": this.label, id: `c-${found.id}` },
      this.header, this.text, this.actions, this.below,
    );
    this.draw(found);
  }
  draw(found) {
    const { words } = this.box;
    this.found = found;
    say(
      this.header,
      make("strong", { id: this.label, dir: "auto" }, this.name),
      found.author.staff && make("span", { class: "badge" }, words.of("staff")),
      found.parent_name && make("span", { class: "to" }, words.of("answering", { name: `\u2068${found.parent_name}\u2069` })),
      make("a", { class: "when", href: `#gavel-${part(found.id)}`, title: words.of("link") },
        make("time", { datetime: found.posted_at }, words.moment(found.posted_at))),
      found.featured && make("span", { class: "badge pick" }, words.of("pick")),
      this.state,
    );
    this.write(found.gone ? words.of("gone") : found.text);
    this.node.classList.toggle("gone", !!found.gone);
    this.node.classList.toggle("featured", !!found.featured);
    if (!this.reported) say(this.state, found.edited_at && words.of("edited"));
    this.offer();
  }
  write(text) {
    say(this.text, ...written(text, this.box.article.links));
  }
  // While it is on the page: nothing below it moves up
  change(found) {
    this.node.style.minHeight = `${this.node.getBoundingClientRect().height}px`;
    this.draw(found);
  }
  go() {
    this.change({ ...this.found, gone: true, author: {}, parent_name: null, featured: false });
    for (const { found, node } of this.box.comments.values()) if (found.parent_id == this.id) node.querySelector(".to")?.remove();
  }
  get name() {
    return this.found.author.name || this.box.words.of("no_name");
  }
  // Buttons for what is allowed now
  offer() {
    const { words, article } = this.box;
    const own = this.own;
    const isPublic = !own || own.status == "published";
    const named = (code) => ({ "aria-label": `${words.of(code)}: ${this.name}`, class: code });
    const offered = [];
    const focused = this.actions.contains(this.box.root.activeElement) && this.box.root.activeElement.className;
    if (this.found.gone || own?.status == "withdrawn") return say(this.actions);
    if (isPublic && article.open && this.box.mayWrite) offered.push(["reply", () => this.later("reply")]);
    if (own?.editable_until && this.box.mayWrite && new Date(own.editable_until) > Date.now()) offered.push(["edit", () => this.later("edit")]);
    if (own) offered.push(["withdraw", () => this.later("withdraw")]);
    else if (this.box.reader && !this.reported) offered.push(["report", () => this.later("report")]);
    if (isPublic && this.box.reader?.moderates) offered.push(["moderate", () => this.later("moderate")]);
    say(
      this.actions,
      ...offered.map(([code, act]) => button(words.of(code), act, named(code))),
      this.box.statementLink(own),
      // Whoever is not signed in gives notice on a page of its own
      !own && !this.box.reader && make("a", { href: `${base}embed/v1/notice/${settings.site}?${query({ comment: this.id, language: words.language })}`, ...named("report") }, words.of("report")),
    );
    focusOn(focused && this.actions.querySelector(`.${focused}`));
  }
  // The reader's own: with its state, as the reader alone sees it
  belongs(own) {
    const { words } = this.box;
    this.own = own;
    const codes = { waiting: "waiting", flagged: "waiting", rejected: "refused", withdrawn: "withdrawn" };
    const code = codes[own.status];
    this.node.classList.toggle("pending", !!code);
    this.write(own.status == "withdrawn" ? "" : own.text);
    say(this.state, code ? words.of(code) : this.wasEdited || this.found.edited_at ? words.of("edited") : this.until());
    this.offer();
    return this;
  }
  until() {
    const { words } = this.box;
    const { editable_until } = this.own;
    return this.isNew && editable_until ? words.of("edit_until", { until: words.moment(editable_until) }) : null;
  }
  // These parts come when somebody asks for them
  async later(what) {
    await this.box.words.rest();
    try {
      (await laterParts())[what](this);
    } catch {
      // Gavel is away, or a newer one than this script's
      const isThere = ask(`${this.box.path}/version`, { cache: "no-cache" });
      this.box.tell(await isThere.then(() => this.box.words.of("problem_bad_request"), (refused) => this.box.sentence(refused)));
    }
  }
}
