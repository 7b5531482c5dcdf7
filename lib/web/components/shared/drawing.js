// What charts are drawn with: SVG elements with attributes, ticks, and paths through values.

import { vector as bare } from "./dom.js"

/**
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number>} attributes
 * @param {Element} [parent]
 * @param {string} [text]
 * @returns {SVGElementTagNameMap[T]}
 */
export function vector(tag, attributes, parent, text) {
  const node = bare(tag, undefined, parent)
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, `${value}`)
  if (text !== undefined) node.textContent = text
  return node
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} most
 */
export function ticks(low, high, most) {
  const raw = (high - low) / most
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = /** @type {number} */ ([1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw))
  const values = []
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + 1e-9; at += step) values.push(at)
  return { values, places: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) }
}

/**
 * A path through what is defined: gaps stay gaps.
 * @param {number[] | Float64Array} values
 * @param {(share: number) => number} x from 0 to 1 to pixels
 * @param {(value: number) => number} y to pixels
 */
export function path(values, x, y) {
  let commands = ""
  let pen = false
  values.forEach((value, t) => {
    if (Number.isNaN(value)) return void (pen = false)
    commands += `${pen ? "L" : "M"}${x(t / (values.length - 1)).toFixed(1)} ${y(value).toFixed(1)}`
    pen = true
  })
  return commands
}
