// What the threshold lab's chart is made of: its scale, bands around curves, and a place for a text.

/** @typedef {import("./numbers.js").Values} Values */
/** @typedef {import("./types.js").Band} Band */
/** @typedef {import("./types.js").Scale} Scale */

const PLACES = 20 // that are tried for a text
const SHOWN = 0.1 // so much of a share is shown unsqueezed, at least
const SQUEEZED = 0.2 // share of the room

/**
 * Where the scale of a curve is broken so that its shape near the baseline shows, null where it shows anyway: what is
 * far worse than the baseline would take most of the room.
 * @param {number} low
 * @param {number} high
 * @param {number} baseline NaN where there is none
 * @param {boolean | null} better whether the larger is
 */
export function brokenAt(low, high, baseline, better) {
  if (better === null || !Number.isFinite(baseline)) return null
  const gain = Math.abs((better ? high : low) - baseline)
  const room = Math.max(gain / 2, SHOWN - gain)
  const at = better ? Math.floor((baseline - room) * 100) / 100 : Math.ceil((baseline + room) * 100) / 100 // as it is told
  const far = better ? at - low : high - at
  return far > (high - low) / 2 ? at : null
}

/**
 * A scale from `low` at `bottom` to `high` at `top` pixels; beyond `broken` a fifth of the room holds the rest.
 * @param {{ low: number, high: number, broken: number | null, upwards: boolean }} range `upwards`: the rest is below
 * @param {number} bottom
 * @param {number} top
 * @returns {Scale}
 */
export function squeezing({ low, high, broken, upwards }, bottom, top) {
  /** @type {(from: number, to: number, start: number, end: number) => Scale} */
  const linear = (from, to, start, end) => (value) => start + ((value - from) / (to - from)) * (end - start)
  if (broken === null) return linear(low, high, bottom, top)
  const bend = bottom + (top - bottom) * (upwards ? SQUEEZED : 1 - SQUEEZED)
  const [under, over] = [linear(low, broken, bottom, bend), linear(broken, high, bend, top)]
  return (value) => (value < broken ? under(value) : over(value))
}

/**
 * @param {Band} band
 * @param {Scale} x
 * @param {Scale} y
 */
export function bandPath(band, x, y) {
  let commands = ""
  /** @type {number[]} */
  let run = []
  const flush = () => {
    if (run.length > 1) {
      const back = [...run].reverse()
      /** @type {(side: "low" | "high") => (i: number) => string} */
      const point = (side) => (i) => `${x(band.thresh[i]).toFixed(1)} ${y(/** @type {number} */ (band[side][i])).toFixed(1)}`
      commands += `M${run.map(point("high")).join("L")}L${back.map(point("low")).join("L")}Z`
    }
    run = []
  }
  band.thresh.forEach((_, i) => (band.low[i] === null || band.high[i] === null ? flush() : run.push(i)))
  flush()
  return commands
}

/**
 * Where along a level a text is farthest from all curves: its left end, as a share of the chart.
 * @param {Values[]} curves
 * @param {number} level
 * @param {number} length of the text, as a share of the chart
 */
export function clearest(curves, level, length) {
  let best = { at: 0, gap: -1 }
  for (let place = PLACES; place >= 0; place--) { // of equal ones the rightmost
    const at = (Math.max(0, 1 - length) * place) / PLACES
    let gap = Infinity
    for (const values of curves) {
      const [from, to] = [at, at + length].map((share) => Math.round(Math.min(1, share) * (values.length - 1)))
      for (let t = from; t <= to; t++) if (Math.abs(values[t] - level) < gap) gap = Math.abs(values[t] - level)
    }
    if (gap > best.gap) best = { at, gap }
  }
  return best.at
}
