// What scripts say, in the page's language: English as it is written, others by what the page has.
//
// `make texts` collects what `text` and `plural` are called with: write it out there.

const language = document.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);
const relative = new Intl.RelativeTimeFormat(language);
/** @type {Record<string, string | Record<string, string>>} by English text, for pairs the one for many */
const known = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/**
 * @param {string} english with {names} of values
 * @param {Record<string, string | number>} [values]
 * @returns {string} the same in the page's language, with the values
 */
export function text(english, values = {}) {
  return fill(/** @type {string} */ (known[english] ?? english), values);
}

/**
 * @param {number} count the text's {count}
 * @param {string} one the English text for one @param {string} many and for others
 * @param {Record<string, string | number>} [values]
 * @returns {string} the text that goes with the number
 */
export function plural(count, one, many, values = {}) {
  const forms = /** @type {Record<string, string>} */ (known[many] ?? { one, other: many });
  const form = forms[plurals.select(count)] ?? forms.other ?? forms.few; // few: fractions in Russian
  return fill(form, { count: number(count), ...values });
}

/**
 * @param {number} value @param {number} [decimals]
 * @returns {string} a number as the language writes it
 */
export function number(value, decimals = 0) {
  return value.toLocaleString(language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/**
 * @param {string | number} digit
 * @returns {string} in English with its article, "an 8" or "a 7"; elsewhere the digit alone
 */
export function aDigit(digit) {
  if (language !== "en") return String(digit);
  return `${String(digit) === "8" ? "an" : "a"} ${digit}`;
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

/**
 * @param {string} moment as the server writes it @param {number} [now] in ms
 * @returns {string} as "3 days ago"
 */
export function ago(moment, now = Date.now()) {
  const seconds = (now - Date.parse(moment)) / 1000;
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return relative.format(-count, unit);
  }
  return text("just now");
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
