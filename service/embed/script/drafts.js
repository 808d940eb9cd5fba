// What a reader has begun to write, kept in this tab until it is sent: also over a reload, and while Gavel is away.
const drafts = {
  read(name) {
    try {
      return JSON.parse(sessionStorage.getItem(`gavel ${name}`)) || {};
    } catch {
      return {};
    }
  },
  write(name, draft) {
    try {
      if (draft?.text) sessionStorage.setItem(`gavel ${name}`, JSON.stringify(draft));
      else sessionStorage.removeItem(`gavel ${name}`);
    } catch {
      // a browser that keeps nothing: the text is still in the field
    }
  },
};
