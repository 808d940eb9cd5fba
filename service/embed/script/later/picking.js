// The editor's picks of the article alone, wherever in its threads they are.
const pickedAlone = async (box) => {
  const { path } = box;
  try {
    const { picks } = await ask(`${path}/picks`);
    if (path != box.path) return;
    box.comments = new Map();
    const lines = picks.map((pick) => {
      const comment = box.comment(pick);
      Object.assign(comment, { replies: make("ol", { class: "replies" }), after: make("div", { class: "after" }) });
      return make("li", null, comment.node, comment.replies, comment.after);
    });
    say(box.list, ...lines);
    [box.more, box.linked].forEach((node) => say(node));
  } catch (refused) {
    box.tell(box.sentence(refused));
  }
};
