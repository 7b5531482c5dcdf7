// Activations, losses and their gradients, as torch has them; computes only, in 64 bits. Targets are 1, 0, or a number.

/** @param {number} act */
export function sigmoid(act) {
  return act >= 0 ? 1 / (1 + Math.exp(-act)) : Math.exp(act) / (1 + Math.exp(act))
}

/**
 * log(1 + exp(act)), also where that is large.
 * @param {number} act
 */
export function softplus(act) {
  return Math.max(act, 0) + Math.log1p(Math.exp(-Math.abs(act)))
}

/** @param {number[]} acts */
export function logSoftmax(acts) {
  const most = Math.max(...acts)
  const log = most + Math.log(sum(acts.map((act) => Math.exp(act - most))))
  return acts.map((act) => act - log)
}

/** @param {number[]} acts */
export function softmax(acts) {
  return logSoftmax(acts).map(Math.exp)
}

/**
 * Negative log likelihood of class number `target`, of one picture.
 * @param {number[]} logProbs
 * @param {number} target
 */
export function nll(logProbs, target) {
  return -logProbs[target]
}

/**
 * @param {number[]} acts
 * @param {number} target
 */
export function crossEntropy(acts, target) {
  return nll(logSoftmax(acts), target)
}

/**
 * @param {number[]} acts
 * @param {number} target
 */
export function crossEntropyGradient(acts, target) {
  return softmax(acts).map((share, at) => share - (at === target ? 1 : 0))
}

/**
 * Binary cross-entropy of each activation: minus the log of the probability that the truth was given; 0 where the
 * target is unknown.
 * @param {number[]} acts
 * @param {number[]} targs 1, 0, or below 0 where nobody knows
 */
export function bceCells(acts, targs) {
  return acts.map((act, at) => (targs[at] < 0 ? 0 : softplus(targs[at] === 1 ? -act : act)))
}

/**
 * The mean of the known cells, 0 where there is none.
 * @param {number[]} acts
 * @param {number[]} targs
 */
export function bce(acts, targs) {
  return sum(bceCells(acts, targs)) / (knownOf(targs) || 1)
}

/**
 * @param {number[]} acts
 * @param {number[]} targs
 */
export function bceGradient(acts, targs) {
  return acts.map((act, at) => (targs[at] < 0 ? 0 : (sigmoid(act) - targs[at]) / knownOf(targs)))
}

/** @param {number[]} targs */
export function knownOf(targs) {
  return targs.filter((targ) => targ >= 0).length
}

/**
 * The same with the two branches of `where` swapped, as the article printed it.
 * @param {number[]} acts
 * @param {number[]} targs
 */
export function swappedCells(acts, targs) {
  return acts.map((act, at) => softplus(targs[at] === 1 ? act : -act))
}

/**
 * @param {number[]} acts
 * @param {number[]} targs
 */
export function swapped(acts, targs) {
  return mean(swappedCells(acts, targs))
}

/**
 * @param {number[]} preds
 * @param {number[]} targs
 */
export function mse(preds, targs) {
  return mean(preds.map((pred, at) => (pred - targs[at]) ** 2))
}

/**
 * @param {number[]} preds
 * @param {number[]} targs
 */
export function mseGradient(preds, targs) {
  return preds.map((pred, at) => (2 * (pred - targs[at])) / preds.length)
}

/**
 * The share of cells that are right: predicted where the probability is above the threshold, strictly, in 32 bits.
 * @param {number[]} probs
 * @param {number[]} targs
 * @param {number} thresh
 */
export function accuracyMulti(probs, targs, thresh) {
  const right = probs.filter((prob, at) => isAbove(prob, thresh) === (targs[at] === 1))
  return right.length / probs.length
}

/**
 * @param {number} prob
 * @param {number} thresh
 */
export function isAbove(prob, thresh) {
  return Math.fround(prob) > Math.fround(thresh)
}

/** @param {number[]} values */
export function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}

/** @param {number[]} values */
export function mean(values) {
  return sum(values) / values.length
}

/**
 * A number with so many digits after the point, and a minus sign that is as wide as a plus.
 * @param {number} value
 * @param {number} [places]
 */
export function fixed(value, places = 4) {
  return value.toFixed(places).replace("-", "\u2212").replace(/^\u2212(0\.?0*)$/, "$1")
}

/**
 * A number with so many digits after the point, or with as many more as tell it from another one that it is compared with.
 * @param {number} value
 * @param {number} other
 * @param {number} places
 */
export function apart(value, other, places) {
  while (places < 8 && value !== other && fixed(value, places) === fixed(other, places)) places++
  return fixed(value, places)
}

/**
 * What softmax can say and what it cannot.
 * @param {number[]} shares of each class
 */
export function oneClassWords(shares) {
  const most = [...shares].sort((a, b) => b - a)
  if (most.length === 1) {
    return "softmax splits exactly 1 among the classes: a single class gets all of it, whatever its activation. The loss is always 0, and nothing is learned."
  }
  return (
    `softmax splits exactly 1 among the classes: “both” would be two numbers near 1, here ${most[0].toFixed(2)} and ${most[1].toFixed(2)}; ` +
    `“none” would be all near 0. Add the same to every activation and nothing changes. The loss is one cell's: the true class's.`
  )
}
