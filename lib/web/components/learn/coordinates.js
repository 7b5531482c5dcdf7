// Points: pixels and the numbers from -1 to 1 that a model learns, `y_range`, and what a mirror does.
// `tests/js/learn_fastai.json` has fastai's own numbers; a test compares.

import { sigmoid } from "./formulas.js"

/** @typedef {[number, number]} Point (x, y), origin at the top left */

/**
 * fastai's `PointScaler`: pixels as numbers from -1 to 1.
 * @param {Point} point
 * @param {Point} size width and height of the picture that it is in
 * @returns {Point}
 */
export function toUnit([x, y], [width, height]) {
  return [(x * 2) / width - 1, (y * 2) / height - 1]
}

/**
 * @param {Point} unit
 * @param {Point} size
 * @returns {Point}
 */
export function toPixels([x, y], [width, height]) {
  return [((x + 1) / 2) * width, ((y + 1) / 2) * height]
}

/**
 * fastai's `sigmoid_range`: any number as one between `low` and `high`.
 * @param {number} act
 * @param {number} low
 * @param {number} high
 */
export function inRange(act, low, high) {
  return sigmoid(act) * (high - low) + low
}

/**
 * How much `inRange` moves when the activation moves by a little.
 * @param {number} act
 * @param {number} low
 * @param {number} high
 */
export function slopeOf(act, low, high) {
  const share = sigmoid(act)
  return share * (1 - share) * (high - low)
}

/**
 * The activation that `inRange` takes to `value`; infinite at its ends, not a number beyond them.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function actOf(value, low, high) {
  const share = (value - low) / (high - low)
  return Math.log(share / (1 - share))
}

/**
 * A mirrored picture's points: x turns round and, where pairs are known, left and right change places.
 * @param {Point[]} units from -1 to 1
 * @param {number[] | null} order which point stands at each place after a mirror; null as fastai's `Flip` leaves them
 * @returns {Point[]}
 */
export function mirrored(units, order) {
  const turned = units.map(/** @returns {Point} */ ([x, y]) => [0 - x, y])
  return order ? order.map((from) => turned[from]) : turned
}

/**
 * A point of a picture of which the middle is cut out as a square, from -1 to 1 of that square; farther out it is lost.
 * @param {Point} point
 * @param {Point} size
 * @returns {Point}
 */
export function cropped([x, y], [width, height]) {
  const side = Math.min(width, height)
  return toUnit([x - (width - side) / 2, y - (height - side) / 2], [side, side])
}
