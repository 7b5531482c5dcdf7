// How rates are written: three digits, without a row of zeros.

/** @param {number} rate */
export function rateWords(rate) {
  if (!rate) return "0"
  if (rate >= 0.001) return `${Number(rate.toPrecision(3))}`
  const [digits, power] = rate.toExponential(2).split("e")
  return `${Number(digits)}e${power}`
}
