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
    this.keep(name, draft?.text && draft);
  },
  keep(name, value) {
    try {
      if (value) sessionStorage.setItem(`gavel ${name}`, JSON.stringify(value));
      else sessionStorage.removeItem(`gavel ${name}`);
    } catch {
      // a browser that keeps nothing: the text is still in the field
    }
  },
};
