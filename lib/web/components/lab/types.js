// What Python sends to the threshold lab; lib/web/components/lab/__init__.py makes it; and what its chart draws.

/** @typedef {import("./numbers.js").Curve} Curve */
/** @typedef {import("./numbers.js").Values} Values */
/** @typedef {{ title: string, split: string, url: string }} Part a split */
/** @typedef {{ count: number, whose: string, flips: { url: string, title: string, words: string }[] }} Flipped */
/** @typedef {{ cuts: number[], before: number[], label: number | null, curve: string }} Chosen */
/**
 * @typedef {object} Fixed what stays while thresholds move
 * @property {Part[]} parts
 * @property {string} band address
 * @property {string[]} names
 * @property {string} noun
 * @property {string} title
 * @property {Curve[]} curves
 * @property {string} baseline
 */
/** @typedef {{ fixed: Fixed, chosen: Chosen, heard: number, rights: number[], strip: Flipped }} Data */

/** @typedef {{ thresh: number[], low: (number | null)[], high: (number | null)[] }} Band how sure a curve is, at some thresholds */
/** @typedef {{ values: Values, title: string }} Other a curve of another split */
/** @typedef {(value: number) => number} Scale from a number to pixels */
/**
 * @typedef {object} Content what does not move
 * @property {Curve} curve
 * @property {string} title
 * @property {string} whose
 * @property {Values} values
 * @property {Other[]} others
 * @property {Band | undefined} band
 * @property {number} baseline
 * @property {string} baselineTitle
 * @property {number | null} before place of the threshold before
 * @property {string} noun
 * @property {number | null} label
 * @property {number} steps
 */

export {}
