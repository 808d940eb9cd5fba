// What few readers do, fetched when one of them does it. The box lends its ways.
export default ({ make, button, say, focusOn, asReader, behind, part, ask, query, fitting, wordsFor, settings, drafts, Writing }) => {
