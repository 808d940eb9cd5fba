// A field to write in: for a comment, a reply or an edit. Its text stays until it is sent.
class Writing {
  constructor(box, { code, label, name, begun = "", send, cancel, signature = "" }) {
    Object.assign(this, { box, name, send, signature });
    this.draft = name ? drafts.read(name) : {};
    const words = box.words;
    this.field = make("textarea", {
      rows: 3, "aria-label": label, placeholder: code == "post" ? words.of("placeholder") : null, dir: "auto",
      oninput: () => this.typed(),
    });
    this.begun = begun;
    this.field.value = this.draft.text || begun;
    this.claim();
    this.said = make("p", { class: "said", role: "status" }, signature);
    this.submit = make("button", { class: "main" }, words.of(code));
    this.node = make(
      "form",
      { class: "writing", onsubmit: (event) => { event.preventDefault(); this.press(); } },
      this.field,
      make("div", { class: "row" }, this.said, cancel && button(words.of("cancel"), cancel), this.submit),
    );
  }
  typed() {
    const now = Date.now();
    this.began = this.began || now;
    this.last = now;
    this.keep();
  }
  // What one reader has begun is not shown to the next one in this tab
  claim() {
    const by = this.box.reader?.id;
    if (by && this.draft.by && this.draft.by != by) {
      this.draft = {};
      this.field.value = this.begun;
      this.keep();
    }
    if (by) this.draft.by = by;
  }
  keep() {
    this.claim();
    this.draft.text = this.field.value;
    if (this.name) drafts.write(this.name, this.draft);
  }
  tell(text, isProblem, more) {
    this.said.classList.toggle("problem", !!isProblem);
    say(this.said, text, more && " ", more);
  }
  async press() {
    const text = this.field.value.trim();
    if (this.busy) return;
    if (!text) return focusOn(this.field);
    const { article, words } = this.box;
    const { articleUrl: url = location.href.split("#")[0], articleTitle: title } = this.box.dataset;
    const about = { article: this.box.setting("article"), key: this.box.key, turn: this.box.turn, url, title };
    if (article && text.length > article.longest) {
      await words.rest();
      return this.tell(words.of("too_long", { longest: words.numbers.format(article.longest) }), true);
    }
    // The same text keeps its id, so that a second try makes no second comment
    if (this.draft.sent != text) Object.assign(this.draft, { id: uuid(), sent: text });
    this.keep();
    this.working(true);
    try {
      // Advice never blocks
      if (settings.adviceKey && (await laterParts().then((later) => later.thinksAgain(this, text, about)).catch(() => {}))) return;
      const typed_s = this.began ? Math.max(0, this.last - this.began) / 1000 : undefined;
      await this.send({ text, id: this.draft.id, typed_s, about });
      this.field.value = "";
      this.began = 0;
      this.draft = {};
      this.keep();
      this.tell(this.signature);
    } catch (refused) {
      this.tell(this.box.sentence(refused), true, this.box.statementLink(refused.said.author));
    } finally {
      this.working(false);
    }
  }
  working(busy) {
    this.busy = busy;
    this.submit.setAttribute("aria-disabled", busy);
    if (busy) this.tell("…");
  }
}
