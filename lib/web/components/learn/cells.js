// Ten cells of a few pictures, and how they are counted; computes only.

import { accuracyMulti, fixed, isAbove, sigmoid } from "./formulas.js"

export const CELLS = 10
const PRESENT = [0.92, 0.61, 0.34, 0.78, 0.57, 0.83, 0.45, 0.7, 0.95, 0.52]
const ABSENT = [0.08, 0.55, 0.27, 0.12, 0.45, 0.03, 0.18, 0.33, 0.05, 0.22]
export const NEARLY = 0.02 // of 0 and of 1

/**
 * Which pictures, and which known labels of each, make up the ten cells: three of them true, if there are such pictures.
 * @param {number[][]} targs rows of labels, 1, 0 or -1 where nobody knows
 * @returns {{ row: number, columns: number[] }[]} none where no cell is known
 */
export function chosen(targs) {
  const width = Math.min(5, targs[0].length)
  const frequency = targs[0].map((_, at) => targs.filter((row) => row[at] === 1).length)
  const knowing = targs[0].map((_, at) => targs.filter((row) => row[at] >= 0).length)
  const order = (/** @type {number} */ one, /** @type {number} */ other) => frequency[other] - frequency[one] || knowing[other] - knowing[one]
  const columns = frequency.map((_, at) => at).sort(order).slice(0, width).sort((a, b) => a - b)
  const knownOf = (/** @type {number} */ at) => columns.filter((column) => targs[at][column] >= 0)
  const known = targs.map((_, at) => at).sort((one, other) => knownOf(other).length - knownOf(one).length)
  const complete = known.filter((at) => knownOf(at).length === width)
  const trueOf = (/** @type {number} */ at) => columns.filter((column) => targs[at][column] === 1).length
  if (2 * width === CELLS) {
    for (const one of complete) {
      const other = complete.find((at) => at > one && trueOf(at) + trueOf(one) === 3)
      if (other !== undefined) return [one, other].map((row) => ({ row, columns }))
    }
  }
  let room = CELLS
  const cells = known.map((row) => {
    const of = knownOf(row).slice(0, room)
    room -= of.length
    return { row, columns: of }
  })
  return cells.filter((one) => one.columns.length)
}

/**
 * Probabilities to begin with: some right, some wrong.
 * @param {number[]} targs
 */
export function begun(targs) {
  let [present, absent] = [0, 0]
  return targs.map((targ) => (targ === 1 ? PRESENT[present++ % PRESENT.length] : ABSENT[absent++ % ABSENT.length]))
}

/** @param {number[]} targs */
export function nearlyPerfect(targs) {
  return targs.map((targ) => (targ === 1 ? 1 - NEARLY : NEARLY))
}

/**
 * What is compared with the threshold: the probabilities, or what a second sigmoid makes of them.
 * @param {number[]} probs
 * @param {boolean} twice
 */
export function compared(probs, twice) {
  return twice ? probs.map(sigmoid) : probs
}

/**
 * accuracy_multi at every threshold at which it changes, as steps: from each threshold on it has the value beside it.
 * @param {number[]} probs
 * @param {number[]} targs
 * @returns {[number, number][]}
 */
export function steps(probs, targs) {
  const threshs = [...new Set([0, ...probs])].sort((a, b) => a - b)
  return threshs.map((thresh) => [thresh, accuracyMulti(probs, targs, thresh)])
}

/**
 * @param {number[]} probs
 * @param {number[]} targs
 * @param {number} thresh
 */
export function counted(probs, targs, thresh) {
  const right = probs.map((prob, at) => isAbove(prob, thresh) === (targs[at] === 1))
  return { right, count: right.filter(Boolean).length }
}

/**
 * The one of evenly spaced thresholds from 0 to 1 that is nearest.
 * @param {number} thresh
 * @param {number} count how many there are
 */
export function nearestOf(thresh, count) {
  return Math.round(thresh * (count - 1))
}

/**
 * What a second sigmoid does.
 * @param {number} share of the cells that are true
 */
export function twiceWords(share) {
  return (
    "sigmoid of a probability lies between 0.50 and 0.73: above 0.5 for every cell whose probability is not as good as 0. At that threshold " +
    `nearly perfect predictions score ${fixed(share, 2)} here, the share of true cells, instead of 1.0; where half of them are true, 0.5.`
  )
}
