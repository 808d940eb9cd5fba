// A reader's report, and a notice of illegal content.
// What the law asks of a notice of illegal content (Regulation (EU) 2022/2065, Article 16)
const noticeOfIllegal = (words, choose) => {
  const field = (code, tag, properties) =>
    make("label", { class: "asked" }, words.of(code), make(tag, { required: true, ...properties }));
  const contact = make(
    "fieldset", null,
    field("notice_name", "input", { name: "name", autocomplete: "name", maxlength: 200 }),
    field("notice_email", "input", { name: "email", autocomplete: "email", maxlength: 254, type: "email", pattern: ".+@.+\\..+" }),
  );
  const child = choose("notice_child", {
    type: "checkbox", name: "child_sexual_abuse", required: null,
    onchange: (event) => { contact.hidden = contact.disabled = event.target.checked; },
  });
  return make(
    "fieldset", { hidden: true, disabled: true },
    field("notice_why", "textarea", { name: "explanation", maxlength: 2000, dir: "auto" }),
    child, contact,
    choose("notice_faith", { type: "checkbox", name: "good_faith" }),
  );
};
const report = (comment) => {
  const { words, article, mayWrite } = comment.box; // who may not comment may still give notice
  const choose = (code, properties) => make("label", null, make("input", { required: true, ...properties }), words.of(code));
  const reasons = article.report_reasons.filter((reason) => words.has(`report_${reason}`) && (mayWrite || reason == "illegal")).map((reason) =>
    choose(`report_${reason}`, { type: "radio", name: "reason", value: reason }));
  const notice = noticeOfIllegal(words, choose);
  const said = make("p", { class: "said", role: "status" });
  const form = make(
    "form",
    {
      class: "report-form",
      onchange: () => { notice.hidden = notice.disabled = form.elements.reason.value != "illegal"; },
      onsubmit: async (event) => {
        event.preventDefault();
        const { reason, ...given } = Object.fromEntries(new FormData(form));
        // Of what a form sends, the law's yes or no must be one in JSON, too
        const notice = given.good_faith && { ...given, good_faith: true, child_sexual_abuse: "child_sexual_abuse" in given, language: words.language };
        try {
          const body = { comment_id: comment.id, reason, notice };
          const answer = await asReader("/reports", { method: "POST", body });
          close(comment);
          say(comment.state, `${words.of("reported")} `, answer.notice && make("a", { href: behind(answer.notice.path) }, words.of("receipt")));
          comment.reported = true;
          comment.box.report("reported", { id: comment.id, reason });
          comment.offer();
          focusOn(comment.node);
          comment.box.look();
        } catch (refused) {
          say(said, comment.box.sentence(refused));
        }
      },
    },
    make("fieldset", null, make("legend", null, words.of("report")), reasons),
    notice,
    make("div", { class: "row" }, said, button(words.of("cancel"), () => close(comment)), make("button", { class: "main" }, words.of("report"))),
  );
  open(comment, form, form.querySelector("input"));
};
