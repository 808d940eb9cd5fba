// What a moderator whom the site's server has signed decides here: as at the desk, and about the text as it is now.
const moderate = async (comment) => {
  const { box } = comment;
  const { words } = box;
  const path = `/moderated/${part(comment.id)}`;
  const said = make("p", { class: "said", role: "status" });
  const decide = async (action, reason) => {
    try {
      await asReader(path, { method: "POST", body: { action, version: seen.version, reason } });
      close(comment);
      focusOn(comment.node);
      box.look();
    } catch (refused) {
      say(said, box.sentence(refused));
    }
  };
  let seen;
  try {
    seen = await asReader(`${path}?${query({ language: words.language })}`);
  } catch (refused) {
    return box.tell(box.sentence(refused));
  }
  comment.write(seen.text);
  const choice = make(
    "select", { "aria-label": words.of("moderate_reason") },
    seen.reasons.map(({ name, wording }) => make("option", { value: name }, wording)),
  );
  const [action, code] = seen.featured ? ["unfeature", "moderate_unpick"] : ["feature", "moderate_pick"];
  const cancel = button(words.of("cancel"), () => close(comment));
  open(comment, make(
    "div", null,
    make("div", { class: "row" }, choice, button(words.of("moderate_reject"), () => decide("reject", choice.value), { class: "danger" })),
    make("div", { class: "row" },
      said, make("a", { href: behind(seen.desk_path) }, words.of("moderate_desk")), cancel, button(words.of(code), () => decide(action)),
    ),
  ), choice);
};
