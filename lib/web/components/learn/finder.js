// The learning-rate finder: a rate that grows with every batch, a loss that is smoothed, and where the curve is read.
// `tests/js/learn_fastai.json` has fastai's own numbers; a test compares.

const [FIRST, LAST, BETA] = [1e-7, 10, 0.98]
const STOP = 4 // times the lowest smoothed loss

/**
 * Rate of a batch, counted from 0: each is the one before times the same number.
 * @param {number} batch
 * @param {number} count
 */
export function rateAt(batch, count) {
  return FIRST * (LAST / FIRST) ** (batch / count)
}

/**
 * The losses as fastai smooths them: new ones come in slowly, and the start is made up for.
 * @param {number[]} losses of the batches
 */
export function smoothed(losses) {
  let mean = 0
  return losses.map((loss, at) => {
    mean = loss + BETA * (mean - loss)
    return mean / (1 - BETA ** (at + 1))
  })
}

/**
 * The batch at which the finder stops as the loss explodes; null if it goes on to the end.
 * @param {number[]} smooth
 */
export function explodesAt(smooth) {
  let best = Infinity
  for (const [at, loss] of smooth.entries()) {
    best = Math.min(best, loss)
    if (loss > STOP * best) return at
  }
  return null
}

/**
 * What fastai looks at: without the first tenth and the last five.
 * @template T
 * @param {T[]} values
 * @param {number} count of batches that were wanted
 */
export function seen(values, count) {
  return values.slice(Math.floor(count / 10), -5)
}

/**
 * fastai's `valley`: the longest stretch of ever lower losses, and where half of it from its first third is.
 * @param {number[]} losses
 * @returns {{ from: number, to: number, at: number }} indices into `losses`
 */
export function valley(losses) {
  const lengths = losses.map(() => 1)
  let [from, to] = [0, 0]
  for (let one = 1; one < losses.length; one++) {
    for (let before = 0; before < one; before++) {
      if (losses[one] < losses[before] && lengths[one] < lengths[before] + 1) lengths[one] = lengths[before] + 1
      if (lengths[to] < lengths[one]) {
        to = one
        from = to - lengths[to]
      }
    }
  }
  const third = (to - from) / 3
  const at = from + Math.trunc(third) + Math.trunc(third / 2)
  // fastai begins one before the stretch: before the first loss if it falls from there on. Its -1 is the last rate.
  return { from: Math.max(0, from), to, at: at < 0 ? at + losses.length : at }
}

/**
 * fastai's `minimum`: where the loss is lowest; a tenth of its rate is suggested.
 * @param {number[]} losses
 */
export function lowest(losses) {
  return losses.indexOf(Math.min(...losses))
}

/**
 * fastai's `steep`: where the loss falls most, by the logarithm of the rate.
 * @param {number[]} rates
 * @param {number[]} losses
 */
export function steepest(rates, losses) {
  const slopes = rates.slice(1).map((rate, at) => (losses[at + 1] - losses[at]) / (Math.log(rate) - Math.log(rates[at])))
  return lowest(slopes)
}

/**
 * fastai's `slide`: from the end, until two batches 15 apart slope alike; the rate of the earlier of them.
 * @param {number[]} rates
 * @param {number[]} losses
 */
export function slide(rates, losses) {
  const count = losses.length
  const slopes = losses.map((_, at) => {
    const [from, to] = [Math.max(0, at - 1), Math.min(count - 1, at + 1)]
    return (losses[to] - losses[from]) / (to - from)
  })
  let [right, left] = [count - 1, count - 16]
  let rate = rates[left]
  while (left >= 0 && Math.abs(slopes[right] - slopes[left]) > 0.005) {
    rate = rates[left]
    right -= 1
    left -= 1
  }
  return rate
}
