// The numbers of the threshold lab: counts at every threshold, and formulas of counts. Its twin is lib/metrics/sweep.py,
// which has the same formulas by the same names; a test compares the names: whoever changes one changes both.

const HEAD = 5 // labels, bins, images, images with a known label, images that the baseline has all right
/**
 * Counts of one label or of all together. `right` are the images with every label right, undefined where only the
 * server can count them, and `some` those with a known label; both only of all labels together.
 * @typedef {{tp: number, fp: number, fn: number, tn: number, n: number, right?: number, some?: number}} Counts
 */

/**
 * What can be drawn against the threshold, as lib/metrics/sweep.py declares it.
 * @typedef {object} Curve
 * @property {string} name of its formula
 * @property {string} title
 * @property {string} unit
 * @property {string} help
 * @property {boolean} of_one whether one label has it as well
 * @property {boolean} has_best
 * @property {boolean | null} larger_is_better
 */
/** @typedef {number[] | Float64Array} Values at every threshold; NaN where it is not defined */

/** @type {(part: number, whole: number) => number} */
const share = (part, whole) => (whole > 0 ? part / whole : NaN)
/** @type {Record<string, (counts: Counts) => number>} */
export const FORMULAS = {
  accuracy_multi: ({ tp, fp, fn, tn }) => share(tp + tn, tp + fp + fn + tn),
  hamming_loss: ({ tp, fp, fn, tn }) => share(fp + fn, tp + fp + fn + tn),
  precision: ({ tp, fp }) => share(tp, tp + fp),
  recall: ({ tp, fn }) => share(tp, tp + fn),
  f1: ({ tp, fp, fn }) => share(2 * tp, 2 * tp + fp + fn),
  predicted_per_image: ({ tp, fp, n }) => share(tp + fp, n),
  subset_accuracy: ({ right = NaN, some = NaN }) => share(right, some),
}

// Counts of one split. A threshold is its index in the grid of `steps`; `indices` has one for each label.
export class SplitCounts {
  /** @param {ArrayBuffer} buffer what `Sweep.to_bytes` of lib/metrics/sweep.py packed */
  constructor(buffer) {
    const packed = new Uint32Array(buffer)
    const [labels, bins, images, some, baseRight] = packed
    this.labels = labels
    this.images = images
    this.some = some
    this.baseRight = baseRight
    this.steps = bins - 1
    let at = HEAD
    /** @param {number} length */
    const next = (length) => packed.subarray(at, (at += length))
    const [positive, negative] = [next(labels * bins), next(labels * bins)]
    this.baseTp = next(labels)
    this.baseFp = next(labels)
    this.right = next(this.steps) // images with every label right, at one threshold for all
    this.positives = new Uint32Array(labels)
    this.negatives = new Uint32Array(labels)
    this.tp = this.above(positive, bins, this.positives)
    this.fp = this.above(negative, bins, this.negatives)
  }

  /**
   * Bin b holds what is above exactly b thresholds: what is above threshold t is in the bins after t.
   * @param {Uint32Array} bins
   * @param {number} count of the bins of one label
   * @param {Uint32Array} totals by label, filled
   */
  above(bins, count, totals) {
    const counts = new Uint32Array(this.labels * this.steps)
    for (let c = 0; c < this.labels; c++) {
      let sum = 0
      for (let t = this.steps - 1; t >= 0; t--) {
        sum += bins[c * count + t + 1]
        counts[c * this.steps + t] = sum
      }
      totals[c] = sum + bins[c * count]
    }
    return counts
  }

  /**
   * Of one label.
   * @param {number} c
   * @param {number} index
   */
  of(c, index) {
    const at = c * this.steps + index
    return this.complete(this.tp[at], this.fp[at], this.positives[c], this.negatives[c])
  }

  /**
   * @param {number} tp
   * @param {number} fp
   * @param {number} positives
   * @param {number} negatives
   * @returns {Counts}
   */
  complete(tp, fp, positives, negatives) {
    return { tp, fp, fn: positives - tp, tn: negatives - fp, n: this.images }
  }

  /**
   * Of all labels together; `right` is known where all have one threshold, or as the server counted it.
   * @param {ArrayLike<number>} indices
   * @param {number} [right]
   * @returns {Counts}
   */
  total(indices, right = undefined) {
    let [tp, fp, positives, negatives] = [0, 0, 0, 0]
    let same = true
    for (let c = 0; c < this.labels; c++) {
      const at = c * this.steps + indices[c]
      tp += this.tp[at]
      fp += this.fp[at]
      positives += this.positives[c]
      negatives += this.negatives[c]
      same &&= indices[c] === indices[0]
    }
    return { ...this.complete(tp, fp, positives, negatives), right: same ? this.right[indices[0]] : right, some: this.some }
  }

  /**
   * @param {number | null} label null for all together
   * @returns {Counts}
   */
  baseline(label) {
    if (label !== null) return this.complete(this.baseTp[label], this.baseFp[label], this.positives[label], this.negatives[label])
    /** @param {Uint32Array} values */
    const sum = (values) => values.reduce((a, b) => a + b, 0)
    const counts = this.complete(sum(this.baseTp), sum(this.baseFp), sum(this.positives), sum(this.negatives))
    return { ...counts, right: this.baseRight, some: this.some }
  }

  /**
   * The number called `name` at every threshold, of one label or, where `label` is null, of all.
   * @param {string} name
   * @param {number | null} label
   */
  curve(name, label) {
    const values = new Float64Array(this.steps)
    if (label === null) {
      const indices = new Uint16Array(this.labels)
      for (let t = 0; t < this.steps; t++) values[t] = FORMULAS[name](this.total(indices.fill(t)))
    } else for (let t = 0; t < this.steps; t++) values[t] = FORMULAS[name](this.of(label, t))
    return values
  }

  /**
   * What changes from thresholds `before` to `now`: predictions that come and go, and how many of them are true.
   * @param {ArrayLike<number>} before
   * @param {ArrayLike<number>} now
   * @param {number | null} label
   */
  flips(before, now, label) {
    const changes = { come: 0, comeRight: 0, go: 0, goRight: 0 }
    const labels = label === null ? Array.from({ length: this.labels }, (_, c) => c) : [label]
    for (const c of labels) {
      if (before[c] === now[c]) continue
      const [old, fresh] = [this.of(c, before[c]), this.of(c, now[c])]
      const [true_, false_] = [fresh.tp - old.tp, fresh.fp - old.fp]
      if (now[c] < before[c]) {
        changes.come += true_ + false_
        changes.comeRight += true_
      } else {
        changes.go -= true_ + false_
        changes.goRight -= true_
      }
    }
    return changes
  }
}

/** @param {number} value */
export function digits(value) {
  if (!Number.isFinite(value)) return "not defined"
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1)
  return Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3)
}

/**
 * The best value and where it is, null where none is defined.
 * @param {ArrayLike<number>} values
 * @param {boolean | null} better whether the larger is
 */
export function largest(values, better) {
  let at = -1
  for (let t = 0; t < values.length; t++) {
    if (!Number.isNaN(values[t]) && (at < 0 || (better ? values[t] > values[at] : values[t] < values[at]))) at = t
  }
  if (at < 0) return null
  let end = at // the middle of the plateau
  while (end + 1 < values.length && values[end + 1] === values[at]) end++
  return { at: (at + end) >> 1, value: values[at] }
}
