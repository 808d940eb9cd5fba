// What readers do with their own comments.
const edit = (comment) => {
  const { words } = comment.box;
  const before = comment.own.text;
  const name = `${comment.box.key} edit ${comment.id}`;
  const writing = new Writing(comment.box, {
    code: "edit", label: words.of("edit"), begun: before, name, cancel: () => { drafts.write(name); comment.close(); },
    signature: words.of("edit_until", { until: words.moment(comment.own.editable_until) }),
    send: async ({ text }) => {
      const { version } = comment.own;
      comment.write(text);
      comment.step(writing, true);
      try {
        const own = await asReader(`/comments/${part(comment.id)}`, { method: "PATCH", body: { text, version }, prefer: "wait=3" });
        comment.wasEdited = true;
        comment.box.keepOwn(own, comment);
        comment.box.report("edited", own);
        comment.close();
      } catch (refused) {
        comment.write(before);
        comment.step(writing, false);
        comment.text.hidden = comment.state.hidden = true;
        throw refused;
      }
    },
  });
  comment.text.hidden = comment.state.hidden = true;
  comment.open(writing.node, writing.field);
};
// Two presses: it cannot be taken back
const withdraw = (comment) => {
  const { words } = comment.box;
  const keep = button(words.of("cancel"), () => comment.close());
  const go = button(words.of("withdraw"), async () => {
    try {
      const own = await asReader(`/comments/${part(comment.id)}`, { method: "DELETE" });
      comment.box.keepOwn(own, comment);
      comment.box.report("withdrawn", own);
      comment.close();
      focusOn(comment.node);
    } catch (refused) {
      comment.box.tell(comment.box.sentence(refused));
    }
  }, { class: "danger" });
  comment.open(make("div", { class: "row" }, go, keep), keep);
};
