// What readers write below others' comments, and do with their own.
const reply = (comment) => {
  const { box, name: author } = comment;
  const name = `${box.key} ${comment.id}`;
  const writing = new Writing(box, {
    code: "post", label: `${box.words.of("reply")}: ${author}`, name, cancel: () => { drafts.write(name); close(comment); },
    send: async (sent) => {
      step(comment, writing, true);
      try {
        await box.post({ ...sent, parent: comment });
      } catch (refused) {
        step(comment, writing, false);
        throw refused;
      }
      close(comment);
    },
  });
  open(comment, writing.node, writing.field);
};
const edit = (comment) => {
  const { words } = comment.box;
  const before = comment.own.text;
  const name = `${comment.box.key} edit ${comment.id}`;
  const writing = new Writing(comment.box, {
    code: "edit", label: words.of("edit"), begun: before, name, cancel: () => { drafts.write(name); close(comment); },
    signature: words.of("edit_until", { until: words.moment(comment.own.editable_until) }),
    send: async ({ text }) => {
      const { version } = comment.own;
      comment.write(text);
      step(comment, writing, true);
      try {
        const own = await asReader(`/comments/${part(comment.id)}`, { method: "PATCH", body: { text, version }, prefer: "wait=3" });
        comment.wasEdited = true;
        comment.box.keepOwn(own, comment);
        comment.box.report("edited", own);
        close(comment);
      } catch (refused) {
        comment.write(before);
        step(comment, writing, false);
        comment.text.hidden = comment.state.hidden = true;
        throw refused;
      }
    },
  });
  comment.text.hidden = comment.state.hidden = true;
  open(comment, writing.node, writing.field);
};
// Two presses: it cannot be taken back
const withdraw = (comment) => {
  const { words } = comment.box;
  const keep = button(words.of("cancel"), () => close(comment));
  const go = button(words.of("withdraw"), async () => {
    try {
      const own = await asReader(`/comments/${part(comment.id)}`, { method: "DELETE" });
      comment.box.keepOwn(own, comment);
      comment.box.report("withdrawn", own);
      close(comment);
      focusOn(comment.node);
    } catch (refused) {
      comment.box.tell(comment.box.sentence(refused));
    }
  }, { class: "danger" });
  open(comment, make("div", { class: "row" }, go, keep), keep);
};
