// Lists beside the picture: labels as toggles of three states, one class of several.

import { button } from "../shared/dom.js"
import { short } from "./geometry.js"
import { Listed } from "./listed.js"

// By value: sign, word (the class ``is-…`` of inspector.css too), aria-checked.
/** @type {Record<string, [string, string, string]>} */
const STATES = { 1: ["✓", "present", "true"], 0: ["", "absent", "false"], "-1": ["?", "unknown", "mixed"] }

/** @typedef {import("./listed.js").ChoiceRow} ChoiceRow */
/** @typedef {ChoiceRow & { unknown: HTMLElement }} ToggleRow */

/** @extends {Listed<ToggleRow>} */
export class Toggles extends Listed {
  /** @param {number} index */
  first(index) {
    return this.inspector.value(index) === 1
  }

  /** @param {number} index */
  row(index) {
    const row = this.toggle(index, "checkbox")
    const unknown = button("unknown", "?", `Nobody knows whether ${short(this.names[index])} is there`, () => this.doubt(index))
    row.one.append(unknown)
    return { ...row, unknown }
  }

  /** @param {number} index */
  chosen(index) {
    this.inspector.set([[index, this.inspector.value(index) === 1 ? 0 : 1]])
  }

  /** @param {number} index */
  doubt(index) {
    this.inspector.set([[index, this.inspector.value(index) === -1 ? 0 : -1]])
  }

  above() {
    this.rest = button("control wide", "The others absent", "Every label that nobody knows is absent ( . )", () => this.settle())
    return [this.rest]
  }

  unknowns() {
    return this.order.filter((index) => this.inspector.value(index) === -1)
  }

  // What is left unknown after the present labels were chosen is absent.
  settle() {
    const unknowns = this.unknowns()
    if (unknowns.length) this.inspector.set(unknowns.map((index) => [index, 0]))
    return true
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === ".") return this.settle()
    const now = this.focused()
    if (event.key !== "?" || now === null) return super.key(event)
    this.doubt(now)
    return true
  }

  draw() {
    if (this.rest) this.rest.hidden = !this.unknowns().length
    for (const [index, { one, main, sign, unknown }] of this.rows) {
      const value = String(this.inspector.value(index))
      if (main.dataset.value === value) continue
      main.dataset.value = value
      const [shape, words, checked] = STATES[value]
      sign.textContent = shape
      main.setAttribute("aria-checked", checked)
      main.setAttribute("aria-label", `${this.names[index]}: ${words}`)
      main.title = `${this.names[index]}: ${words}`
      unknown.setAttribute("aria-pressed", `${value === "-1"}`)
      one.className = `${one.className.replace(/ ?(is-\w+)/g, "")} is-${words}`
    }
  }
}

/** @extends {Listed<ChoiceRow>} */
export class Choice extends Listed {
  /** @param {number} index */
  first(index) {
    return this.inspector.value(0) === index
  }

  /** @param {number} index */
  row(index) {
    return this.toggle(index, "radio")
  }

  searched() {
    return this.names.length > 9
  }

  /** @param {number} index */
  chosen(index) {
    this.inspector.set([[0, index]])
  }

  draw() {
    this.list.setAttribute("role", "radiogroup")
    for (const [index, { one, main, sign }] of this.rows) {
      const chosen = this.inspector.value(0) === index
      one.classList.toggle("is-present", chosen)
      sign.textContent = chosen ? "●" : ""
      main.setAttribute("aria-checked", `${chosen}`)
    }
  }
}
