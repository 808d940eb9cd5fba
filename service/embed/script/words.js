// The words of a box, in the page's language, or the spare ones on a day on which Gavel gives none.
const spareWords = (language) => {
  const spoken = language.slice(0, 2).toLowerCase();
  return new Words(SPARE[spoken] || SPARE.en, SPARE[spoken] ? language : "en");
};
const asked = {};
const askedOnce = (address) => {
  asked[address] = asked[address] || ask(address);
  asked[address].catch(() => delete asked[address]);
  return asked[address];
};
const wordsFor = async (site, language) => {
  const address = (part_) => `v1/pages/${part(site)}/texts?${query({ language, part: part_ })}`;
  const name = `texts ${site} ${language}`;
  const found = await askedOnce(address("first")).catch((refused) => {
    const kept = drafts.read(name); // from an earlier page in this tab
    if (kept.texts) return kept;
    throw refused;
  });
  drafts.keep(name, found);
  // Numbers and dates as the page's country writes them, if it speaks that language
  return new Words(found.texts, language.startsWith(found.language) ? language : found.language, address("later"));
};
class Words {
  constructor(texts, language, later) {
    Object.assign(this, { texts, language, later });
    try {
      this.moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
      this.numbers = new Intl.NumberFormat(language);
      this.plurals = new Intl.PluralRules(language);
    } catch {
      if (language) Object.assign(this, new Words(texts, undefined, later));
    }
  }
  // The words that few readers need: of refusals, reports and advice. A second one asks no more
  async rest() {
    const found = this.later && await askedOnce(this.later).catch(() => null);
    if (found) this.texts = { ...found.texts, ...this.texts };
  }
  // A text that is missing is left out: no reader sees a code.
  of(code, values) {
    const text = this.texts[code] || "";
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
