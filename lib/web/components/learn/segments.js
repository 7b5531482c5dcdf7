// A choice of one of few, all in sight: a group of radio buttons that looks like one button with parts.

import { afterArrow } from "../shared/arrows.js"
import { element } from "../shared/dom.js"

/**
 * @param {string} label
 * @param {[string, string][]} options name and title of each
 * @param {string} chosen
 * @param {(name: string) => void} onChoose
 */
export function segments(label, options, chosen, onChoose) {
  const root = element("div", "segments")
  root.setAttribute("role", "radiogroup")
  root.setAttribute("aria-label", label)
  const buttons = options.map(([name, title]) => {
    const one = element("button", "segment", title)
    one.type = "button"
    one.setAttribute("role", "radio")
    one.onclick = () => choose(name)
    return one
  })
  const mark = (/** @type {string} */ chosen) => {
    options.forEach(([name], at) => {
      buttons[at].setAttribute("aria-checked", `${name === chosen}`)
      buttons[at].tabIndex = name === chosen ? 0 : -1
    })
  }
  const choose = (/** @type {string} */ name) => {
    mark(name)
    onChoose(name)
  }
  root.onkeydown = (event) => {
    const at = buttons.findIndex((one) => one.getAttribute("aria-checked") === "true")
    const next = afterArrow(event.key, at, options.length)
    if (next === null) return
    event.preventDefault()
    choose(options[next][0])
    buttons[next].focus()
  }
  mark(chosen)
  root.append(...buttons)
  return root
}
