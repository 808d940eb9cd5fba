// The words of a box, in the page's language, or the spare ones on a day on which Gavel gives none.
const asked = {};
const wordsFor = (site, language) => {
  const address = `v1/pages/${part(site)}/texts?${query({ language })}`;
  asked[address] = asked[address] || ask(address).then(
    // Numbers and dates as the page's country writes them, if it speaks that language
    (found) => new Words(found.texts, language.startsWith(found.language) ? language : found.language),
  );
  asked[address].catch(() => delete asked[address]);
  return asked[address];
};
class Words {
  constructor(texts, language) {
    this.texts = texts;
    this.language = language;
    try {
      this.moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
      this.numbers = new Intl.NumberFormat(language);
      this.plurals = new Intl.PluralRules(language);
    } catch {
      if (language) Object.assign(this, new Words(texts));
    }
  }
  // A text that is missing is left out: no reader sees a code.
  of(code, values) {
    const text = this.texts[code] || SPARE[code] || "";
    return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
  }
  has(code) {
    return !!this.texts[code];
  }
  moment(stamp) {
    return this.moments.format(new Date(stamp));
  }
  count(count) {
    if (!count) return this.of("count_none");
    const rule = `count_${this.plurals.select(count)}`;
    return this.of(this.has(rule) ? rule : "count_many", { count: this.numbers.format(count) });
  }
}
