// By what the points of a map are colored: groups, or numbers on a scale; and the legend that says so.

import { element, vector } from "../shared/dom.js"
import { packed } from "./raster.js"

/** @typedef {{ name: string, color: string, shape: number }} Group */
/** @typedef {{ low: string, high: string, stops: [number, string][] }} Scale */
/**
 * @typedef {object} Head
 * @property {string} title by what is colored
 * @property {string} unit of the numbers on a scale
 * @property {Group[]} groups
 * @property {Scale | null} scale
 * @property {string} unknown what is said of those of which nothing is known
 */

const UNKNOWN = 255
const LAST = 254 // of the scale
const FAINT = 0.14 // of the text's color in that of what does not pass; of what is not known:
const PALE = 0.24

/**
 * @param {ArrayBuffer} buffer see lib/web/server/picture_maps.py
 * @param {number} n
 */
export function colorsOf(buffer, n) {
  const length = new DataView(buffer).getUint32(0, true)
  const head = /** @type {Head} */ (JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))))
  const codes = new Uint8Array(buffer, 4 + length, n)
  const passes = new Uint8Array(buffer, 4 + length + n, n)
  const values = head.scale ? new Float32Array(buffer.slice(4 + length + 2 * n, 4 + length + 6 * n)) : null
  return new Coloring(head, codes, passes, values)
}

export class Coloring {
  /**
   * @param {Head} head
   * @param {Uint8Array} codes numbers of groups, or positions on the scale
   * @param {Uint8Array} passes 1 for what passes the filters
   * @param {Float32Array | null} values
   */
  constructor(head, codes, passes, values) {
    this.head = head
    this.codes = codes
    this.passes = passes
    this.values = values
    this.counts = new Uint32Array(256) // of those that pass, by code
  }

  /**
   * What is drawn: below what does not pass, then what is not known, then the others, mixed so that none hides another.
   * @param {Float32Array} positions
   * @param {Uint8Array | null} within which are inside the lasso
   * @param {HTMLElement} root
   * @returns {import("./raster.js").Marks}
   */
  marks(positions, within, root) {
    const n = this.codes.length
    const [back, text] = [rgbOf(root, "--st-background-color"), rgbOf(root, "--st-text-color")]
    const faint = packed(mixed(back, text, FAINT))
    const table = this.table(packed(mixed(back, text, PALE)))
    const shape = this.head.groups.map((group) => group.shape)
    const [colors, shapes, ranks] = [new Int32Array(n), new Uint8Array(n), new Uint8Array(n)]
    const ends = [0, 0, 0]
    this.counts.fill(0)
    for (let at = 0; at < n; at++) {
      const code = this.codes[at]
      const isIn = this.passes[at] && (!within || within[at])
      if (isIn) this.counts[code]++
      ranks[at] = isIn ? (code === UNKNOWN ? 1 : 2) : 0
      ends[ranks[at]]++
      colors[at] = isIn ? table[code] : faint
      shapes[at] = isIn ? (shape[code] ?? 0) : 0
    }
    const next = [0, ends[0], ends[0] + ends[1]]
    const order = new Uint32Array(n)
    for (const at of shuffled(n)) order[next[ranks[at]]++] = at
    return { positions, order, colors, shapes }
  }

  /** @param {number} unknown */
  table(unknown) {
    const table = new Int32Array(256).fill(unknown)
    this.head.groups.forEach(({ color }, code) => (table[code] = packed(rgbOfHex(color))))
    const { scale } = this.head
    if (scale) for (let code = 0; code <= LAST; code++) table[code] = packed(between(scale.stops, code / LAST))
    return table
  }

  /** @param {number} at */
  wordsOf(at) {
    const { groups, title, unit, unknown } = this.head
    if (this.codes[at] === UNKNOWN) return unknown
    if (!this.values) return groups[this.codes[at]].name
    return `${title} ${Number(this.values[at].toPrecision(3))}${unit && ` ${unit}`}`
  }
}

/** @type {Map<number, Uint32Array>} */
const orders = new Map()

/** @param {number} n */
function shuffled(n) {
  const known = orders.get(n)
  if (known) return known
  const order = Uint32Array.from({ length: n }, (_, at) => at)
  let state = 12345
  for (let at = n - 1; at > 0; at--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const other = state % (at + 1)
    ;[order[at], order[other]] = [order[other], order[at]]
  }
  orders.clear()
  orders.set(n, order)
  return order
}

/**
 * @param {[number, string][]} stops
 * @param {number} share
 */
function between(stops, share) {
  const above = Math.max(1, stops.findIndex(([place]) => place >= share))
  const [[low, from], [high, to]] = [stops[above - 1], stops[above]]
  return mixed(rgbOfHex(from), rgbOfHex(to), (share - low) / (high - low))
}

/**
 * @param {number[]} one
 * @param {number[]} other
 * @param {number} share of the other
 */
const mixed = (one, other, share) => one.map((value, channel) => value + (other[channel] - value) * share)
/** @param {string} hex */
const rgbOfHex = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16))

/**
 * @param {HTMLElement} root
 * @param {string} name of a variable that holds a color
 */
function rgbOf(root, name) {
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"))
  pen.fillStyle = getComputedStyle(root).getPropertyValue(name).trim()
  return rgbOfHex(String(pen.fillStyle))
}

/**
 * @param {HTMLElement} where
 * @param {Coloring} coloring
 */
export function legend(where, { head, counts }) {
  const entries = head.groups.map(({ name, color, shape }, code) => entry(swatch(color, shape), name, counts[code]))
  if (head.scale) {
    const bar = element("span", "bar")
    bar.style.background = `linear-gradient(90deg, ${head.scale.stops.map(([place, color]) => `${color} ${100 * place}%`).join(", ")})`
    const scale = element("span", "entry")
    scale.append(element("span", "end", head.scale.low), bar, element("span", "end", `${head.scale.high}${head.unit && ` ${head.unit}`}`))
    entries.push(scale)
  }
  if (counts[UNKNOWN]) entries.push(entry(swatch("", 0), head.unknown, counts[UNKNOWN]))
  where.replaceChildren(element("span", "by", head.title), ...entries)
}

/**
 * @param {SVGElement} sign
 * @param {string} name
 * @param {number} count
 */
function entry(sign, name, count) {
  const one = element("span", "entry")
  const word = element("span", "name", name)
  word.title = name
  one.append(sign, word, element("span", "count", count.toLocaleString("en")))
  return one
}

/**
 * @param {string} color "" for what is not known
 * @param {number} shape
 */
function swatch(color, shape) {
  const svg = vector("svg", color ? "swatch" : "swatch unknown")
  svg.setAttribute("viewBox", "-6 -6 12 12")
  svg.setAttribute("aria-hidden", "true")
  const path = vector("path", undefined, svg)
  path.setAttribute("d", ["M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0", "M-4 -4H4V4H-4Z", "M0 -5.6L5.6 0L0 5.6L-5.6 0Z", "M0 -5.2L5.3 3.7H-5.3Z"][shape])
  if (color) path.style.fill = color
  return svg
}
