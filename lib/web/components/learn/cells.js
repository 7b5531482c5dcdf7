// Ten cells of a few pictures, and how they are counted; computes only.

import { accuracyMulti, isAbove, sigmoid } from "./formulas.js"

export const CELLS = 10
const PRESENT = [0.92, 0.61, 0.34, 0.78, 0.57, 0.83, 0.45, 0.7, 0.95, 0.52]
const ABSENT = [0.08, 0.55, 0.27, 0.12, 0.45, 0.03, 0.18, 0.33, 0.05, 0.22]
export const NEARLY = 0.02 // of 0 and of 1

/**
 * Which pictures and labels make up the ten cells: three of them true, if there are such pictures.
 * @param {number[][]} targs rows of labels, 1, 0 or -1 where nobody knows
 * @returns {{ columns: number[], rows: number[] }}
 */
export function chosen(targs) {
  const width = Math.min(5, targs[0].length)
  const frequency = targs[0].map((_, at) => targs.filter((row) => row[at] === 1).length)
  const columns = frequency.map((_, at) => at).sort((one, other) => frequency[other] - frequency[one]).slice(0, width).sort((a, b) => a - b)
  const count = Math.ceil(CELLS / width)
  const known = targs.map((_, at) => at).filter((at) => columns.every((column) => targs[at][column] >= 0))
  const trueOf = (/** @type {number} */ at) => columns.filter((column) => targs[at][column] === 1).length
  if (count === 2) {
    for (const one of known) {
      const other = known.find((at) => at > one && trueOf(at) + trueOf(one) === 3)
      if (other !== undefined) return { columns, rows: [one, other] }
    }
  }
  return { columns, rows: known.slice(0, count) }
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
