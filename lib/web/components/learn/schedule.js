// What fastai's `fine_tune` does batch by batch: which groups of layers learn, at which rates and momentum.
// `tests/js/learn_fastai.json` has fastai's own numbers; a test compares.

/**
 * One of the two fits of `fine_tune`.
 * @typedef {{ name: "frozen" | "unfrozen", epochs: number, rates: number[], peak: number, div: number, learns: boolean[] }} Fit
 */
/** @typedef {{ epochs: number, freezeEpochs: number, baseLr: number, lrMult: number, groups: number }} Choices */
/** @typedef {{ fit: Fit, epoch: number, batch: number, share: number, rates: number[], mom: number }} Moment */

const MOMS = [0.95, 0.85, 0.95]
const DIV_FINAL = 1e5

/**
 * fastai's `sched_cos`.
 * @param {number} start
 * @param {number} end
 * @param {number} share of the way, from 0 to 1
 */
export function cosine(start, end, share) {
  return start + ((1 + Math.cos(Math.PI * (1 - share))) * (end - start)) / 2
}

/**
 * fastai's `combined_cos`: up (or down) to the middle, then to the end.
 * @param {number} peak share of the way at which the middle is reached
 * @param {number} start
 * @param {number} middle
 * @param {number} end
 * @param {number} share
 */
export function combinedCosine(peak, start, middle, end, share) {
  return share < peak ? cosine(start, middle, share / peak) : cosine(middle, end, (share - peak) / (1 - peak))
}

/**
 * fastai's `even_mults`: every rate is the one before times the same number.
 * @param {number} first
 * @param {number} last
 * @param {number} count
 */
export function evenRates(first, last, count) {
  if (count === 1) return [last]
  const step = (last / first) ** (1 / (count - 1))
  return Array.from({ length: count }, (_, at) => first * step ** at)
}

/**
 * The fits of `fine_tune(epochs, base_lr, freeze_epochs, lr_mult)`; one without epochs is left out.
 * @param {Choices} choices
 * @returns {Fit[]}
 */
export function fits({ epochs, freezeEpochs, baseLr, lrMult, groups }) {
  const half = baseLr / 2
  const below = Array(groups - 1).fill(baseLr / 10) // of the frozen groups, in which batch norm goes on learning
  const both = [
    { name: /** @type {const} */ ("frozen"), epochs: freezeEpochs, rates: [...below, baseLr], peak: 0.99, div: 25, learns: [...below.map(() => false), true] },
    { name: /** @type {const} */ ("unfrozen"), epochs, rates: evenRates(half / lrMult, half, groups), peak: 0.3, div: 5, learns: Array(groups).fill(true) },
  ]
  return both.filter((fit) => fit.epochs > 0)
}

/**
 * Rates and momentum of one-cycle.
 * @param {Fit} fit
 * @param {number} share of the fit that is done, from 0 to 1
 */
export function oneCycle({ rates, peak, div }, share) {
  return {
    rates: rates.map((rate) => combinedCosine(peak, rate / div, rate, rate / DIV_FINAL, share)),
    mom: combinedCosine(peak, MOMS[0], MOMS[1], MOMS[2], share),
  }
}

/**
 * @param {Fit[]} all
 * @param {number} batches an epoch
 */
export function stepsOf(all, batches) {
  return all.reduce((sum, fit) => sum + fit.epochs * batches, 0)
}

/**
 * What happens at a step, counted from 0 over both fits.
 * @param {Fit[]} all
 * @param {number} batches an epoch
 * @param {number} step
 * @returns {Moment}
 */
export function moment(all, batches, step) {
  let first = 0
  for (const fit of all) {
    const count = fit.epochs * batches
    if (step < first + count || fit === all[all.length - 1]) {
      const done = Math.min(step - first, count - 1)
      const share = done / count
      return { fit, epoch: Math.floor(done / batches), batch: done % batches, share, ...oneCycle(fit, share) }
    }
    first += count
  }
  throw new Error("no epochs")
}
