// Lists beside the picture: labels as toggles of three states, one class of several; searched by typing.

import { button, element, rootOf } from "../shared/dom.js"
import { short } from "./geometry.js"

/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {import("./types.js").Targets} Targets */

const SEARCHED = 20 // from more names on there is a search box, and what is present stands first
// By value: sign, word (the class ``is-…`` of inspector.css too), aria-checked.
/** @type {Record<string, [string, string, string]>} */
const STATES = { 1: ["✓", "present", "true"], 0: ["", "absent", "false"], "-1": ["?", "unknown", "mixed"] }

/**
 * What a list keeps of a name: its place in the list, what has the focus, and what is written anew.
 * @typedef {{ one: HTMLElement, main: HTMLElement, digit?: HTMLElement }} ListRow
 */
/** @typedef {ListRow & { sign: HTMLElement, digit: HTMLElement }} ChoiceRow */
/** @typedef {ChoiceRow & { unknown: HTMLElement }} ToggleRow */

// What the lists share: rows in an order that stays while the picture does, a search box, keys. Each list says itself
// what a `row` is, which names stand `first`, and what happens when one is `chosen`.
/** @template {ListRow} [Row=ListRow] */
export class Listed {
  /**
   * @param {Targets} targets
   * @param {Inspector} inspector
   */
  constructor(targets, inspector) {
    this.targets = targets
    this.inspector = inspector
    this.names = targets.names
    this.root = element("div", `targets ${targets.control}`)
    this.list = element("ul", "rows")
    this.nothing = element("p", "note", "No name has that in it.")
    this.nothing.hidden = true
    this.search = /** @type {HTMLInputElement | undefined} */ (undefined)
    this.order = this.ordered()
    this.rows = new Map(this.order.map((index) => [index, this.row(index)]))
    this.list.append(...this.order.map((index) => this.at(index).one))
    this.root.append(...this.above(), ...(this.searched() ? [this.finder()] : []), this.list, this.nothing)
    this.number()
  }

  /**
   * @param {number} _index
   * @returns {Row}
   */
  row(_index) {
    throw new Error("Each list makes its own rows.")
  }

  /**
   * @param {number} _index
   * @returns {boolean}
   */
  first(_index) {
    return false // without a search box the order is the data's
  }

  /** @param {number} _index */
  chosen(_index) {
    throw new Error("Each list says what it does with the one chosen.")
  }

  /** @param {number} index */
  at(index) {
    return /** @type {Row} */ (this.rows.get(index))
  }

  /** @returns {HTMLElement[]} */
  above() {
    return []
  }

  searched() {
    return this.names.length > SEARCHED
  }

  ordered() {
    const all = this.names.map((_, index) => index)
    if (!this.searched()) return all
    return [...all.filter((index) => this.first(index)), ...all.filter((index) => !this.first(index))]
  }

  finder() {
    const search = (this.search = element("input", "search"))
    search.type = "search"
    search.placeholder = `Search ${this.names.length} names`
    search.setAttribute("aria-label", "Search names")
    search.oninput = () => this.filter()
    return search
  }

  filter() {
    const wanted = this.search?.value.trim().toLowerCase() ?? ""
    for (const [index, { one }] of this.rows) one.hidden = Boolean(wanted) && !this.names[index].toLowerCase().includes(wanted)
    this.nothing.hidden = this.shown().length > 0
    this.number()
  }

  shown() {
    return this.order.filter((index) => !this.at(index).one.hidden)
  }

  // The first nine can be chosen by a digit.
  number() {
    this.rows.forEach(({ digit }) => digit && (digit.textContent = ""))
    this.shown().slice(0, 9).forEach((index, at) => {
      const { digit } = this.at(index)
      if (digit) digit.textContent = `${at + 1}`
    })
  }

  /** @param {number} column */
  focus(column) {
    const row = this.rows.get(this.indexOf(column))
    if (!row) return this.inspector.dialog.focus()
    const { one, main } = row
    one.classList.add("asked")
    one.scrollIntoView({ block: "center" })
    main.focus({ preventScroll: true })
  }

  /** @param {number} column */
  indexOf(column) {
    return column
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key meant something
   */
  key(event) {
    const { key } = event
    if (/^[1-9]$/.test(key)) return this.digit(this.shown()[Number(key) - 1])
    if (key === "ArrowDown" || key === "ArrowUp") return this.along(key === "ArrowDown" ? 1 : -1)
    if (this.search && (key === "/" || /^\p{L}$/u.test(key))) {
      this.search.focus()
      if (key === "/") return true
      this.search.value = key
      this.filter()
      return true
    }
    return false
  }

  /** @param {number} by */
  along(by) {
    const [shown, now] = [this.shown(), this.focused()]
    const next = now === null ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, shown.indexOf(now) + by))
    this.rows.get(shown[next])?.main.focus()
    return true
  }

  focused() {
    const active = rootOf(this.root).activeElement
    return this.order.find((index) => this.at(index).one.contains(active)) ?? null
  }

  /**
   * @param {number | undefined} index
   * @returns {boolean}
   */
  digit(index) {
    if (index !== undefined) this.chosen(index)
    return index !== undefined
  }

  /** @param {KeyboardEvent} event */
  typed({ key, target }) {
    if (!this.search || target !== this.search) return false
    if (key === "ArrowDown") return this.along(1)
    if (key !== "Enter" || !this.shown().length) return false
    const wanted = this.search.value.trim().toLowerCase()
    const exact = this.shown().find((index) => this.names[index].toLowerCase() === wanted)
    this.chosen(exact ?? this.shown()[0])
    this.search.select()
    return true
  }

  /** @param {EventTarget | null} input */
  revert(input) {
    if (!this.search || input !== this.search) return
    this.search.value = ""
    this.filter()
  }
}

/** @extends {Listed<ToggleRow>} */
export class Toggles extends Listed {
  /** @param {number} index */
  first(index) {
    return this.inspector.value(index) === 1
  }

  /** @param {number} index */
  row(index) {
    const one = element("li", "row")
    const main = element("button", "toggle")
    main.type = "button"
    main.setAttribute("role", "checkbox")
    const [sign, name, digit] = [element("span", "sign"), element("span", "name", this.names[index]), element("span", "digit")]
    main.append(sign, name, digit)
    main.title = this.names[index]
    main.onclick = () => this.chosen(index)
    const unknown = button("unknown", "?", `Nobody knows whether ${short(this.names[index])} is there`, () => this.doubt(index))
    one.append(main, unknown)
    return { one, main, sign, digit, unknown }
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
    const one = element("li", "row")
    const main = element("button", "toggle")
    main.type = "button"
    main.setAttribute("role", "radio")
    const [sign, name, digit] = [element("span", "sign"), element("span", "name", this.names[index]), element("span", "digit")]
    main.append(sign, name, digit)
    main.title = this.names[index]
    main.onclick = () => this.chosen(index)
    one.append(main)
    return { one, main, sign, digit }
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
