// The browser's own slider, with its title and its value in words.

import { element, write } from "../shared/dom.js"

/**
 * @typedef {object} Range
 * @property {string} title
 * @property {string} [label] what it is called where the title is too short for that
 * @property {number} min
 * @property {number} max
 * @property {number} step
 * @property {() => number} get
 * @property {(value: number) => void} set
 * @property {() => string} words the value, as it is written
 */

/**
 * @param {Range} range
 * @returns {{ root: HTMLElement, renew: () => void }} `renew` is called when the value has changed otherwise
 */
export function range({ title, label = title, min, max, step, get, set, words }) {
  const [root, text, input] = [element("label", "widget"), element("span"), element("input")]
  Object.assign(input, { type: "range", min: `${min}`, max: `${max}`, step: `${step}` })
  input.setAttribute("aria-label", label)
  const renew = () => {
    input.value = `${get()}`
    write(text, `${title} ${words()}`)
    input.setAttribute("aria-valuetext", words())
  }
  input.oninput = () => {
    set(Number(input.value))
    renew()
  }
  renew()
  root.append(text, input)
  return { root, renew }
}
