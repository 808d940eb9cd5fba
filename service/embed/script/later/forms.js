// A form below a comment, in place of its buttons.
const open = (comment, node, first) => {
  comment.opened = comment.box.root.activeElement;
  say(comment.below, node);
  comment.actions.hidden = true;
  focusOn(first);
};
// Back to how it will look, in the moment of the press: what comes later moves nothing
const step = (comment, writing, sent) => {
  writing.node.hidden = sent;
  comment.actions.hidden = !sent;
  comment.text.hidden = comment.state.hidden = false;
};
const close = (comment) => {
  say(comment.below);
  comment.actions.hidden = comment.text.hidden = comment.state.hidden = false;
  focusOn(comment.opened?.isConnected ? comment.opened : comment.node);
};
