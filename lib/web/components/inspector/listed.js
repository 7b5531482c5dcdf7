// A list of names beside the picture: searched by typing, walked through and chosen from by keys.

import { element, rootOf } from "../shared/dom.js"

/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {import("./types.js").Targets} Targets */

const SEARCHED = 20 // from more names on there is a search box, and what is present stands first

/**
 * What a list keeps of a name: its place in the list, what has the focus, and what is written anew.
 * @typedef {{ one: HTMLElement, main: HTMLElement, digit?: HTMLElement }} ListRow
 */
/** @typedef {ListRow & { sign: HTMLElement, digit: HTMLElement }} ChoiceRow */

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
   * A row that is one button.
   * @param {number} index
   * @param {"checkbox" | "radio"} role
   * @returns {ChoiceRow}
   */
  toggle(index, role) {
    const [one, main] = [element("li", "row"), element("button", "toggle")]
    main.type = "button"
    main.setAttribute("role", role)
    const [sign, name, digit] = [element("span", "sign"), element("span", "name", this.names[index]), element("span", "digit")]
    main.append(sign, name, digit)
    main.title = this.names[index]
    main.onclick = () => this.chosen(index)
    one.append(main)
    return { one, main, sign, digit }
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
