// The targets beside the picture, each by its control: points by name, numbers as fields; labels and classes are in
// listed.js and lists.js.

import { button, element, rootOf } from "../shared/dom.js"
import { rounded, short } from "./geometry.js"
import { Listed } from "./listed.js"
import { Choice, Toggles } from "./lists.js"

/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./inspector.js").Inspector} Inspector */
/** @typedef {import("./listed.js").ListRow & { place: HTMLElement }} PointRow */
/** @typedef {import("./types.js").Targets} Targets */

/** @type {Record<string, [string, string][]>} */
export const KEYS = {
  toggles: [["Space", "present or absent"], ["?", "unknown"], [".", "the unknown ones are absent"], ["1 … 9", "the first nine as listed"]],
  choice: [["1 … 9", "the first nine as listed"]],
  points: [["Tab", "next point"], ["arrows", "move it by 1 px, with Shift 10"], ["Delete", "the point is missing"], ["Esc", "no point selected"], ["Page ↑ ↓", "previous and next image"]],
  numbers: [["Enter", "take the number"]],
  search: [["letters", "search; Enter takes the first"]],
  all: [["← →", "previous and next image"], ["+ − 0", "larger, smaller, whole image"], ["M", "images like this one"], ["Ctrl+Z, Y", "undo, redo"]],
}
/** @type {Record<Targets["control"], (targets: Targets, inspector: Inspector) => import("./types.js").Control>} */
export const CONTROLS = {
  toggles: (targets, inspector) => new Toggles(targets, inspector),
  choice: (targets, inspector) => new Choice(targets, inspector),
  points: (targets, inspector) => new PointList(targets, inspector),
  numbers: (targets, inspector) => new Numbers(targets, inspector),
}

/** @extends {Listed<PointRow>} */
class PointList extends Listed {
  /**
   * @param {Targets} targets
   * @param {Inspector} inspector
   */
  constructor(targets, inspector) {
    super(targets, inspector)
    this.drawn = this.scrolled = /** @type {number | null} */ (null)
  }

  above() {
    const { pairs = [] } = this.targets
    this.mirror = new Map(pairs.flatMap(([one, other]) => [[one, other], [other, one]]))
    const one = element("div", "selected")
    this.title = element("p", "name")
    const fields = ["x", "y"].map((axis, at) => {
      const field = element("label", "field")
      const input = numberField(() => this.typedPlace(at, input), `${axis} in pixels`)
      field.append(axis, input, "px")
      return { field, input }
    })
    this.inputs = fields.map(({ input }) => input)
    const row = element("div", "fields")
    row.append(...fields.map(({ field }) => field))
    this.gone = button("control wide", "", "", () => this.turn())
    this.swap = button("control wide", "", "", () => this.swapped())
    const ways = element("div", "ways")
    ways.append(this.gone, this.swap)
    one.append(this.title, row, ways)
    if (!pairs.length) return [one]
    const words = `Swap left and right of all ${pairs.length} pairs`
    const text = pairs.length > 1 ? `Swap all ${pairs.length} pairs` : "Swap left and right"
    return [one, button("control wide", text, words, () => this.points.swap(pairs))]
  }

  get points() {
    return this.inspector.stage.marks
  }

  /** @param {number} column */
  indexOf(column) {
    return column >> 1
  }

  /** @param {number} column */
  focus(column) {
    super.focus(column)
    const index = this.indexOf(column)
    if (this.points.point(index)) this.points.marks[index].focus({ preventScroll: true })
  }

  /** @param {number} index */
  row(index) {
    const one = element("li", "row")
    const main = element("button", "toggle")
    main.type = "button"
    const place = element("span", "where")
    main.append(element("span", "name", this.names[index]), place)
    main.title = this.names[index]
    main.onclick = () => this.chosen(index)
    return { one: (one.append(main), one), main, place }
  }

  /** @param {number} index */
  chosen(index) {
    if (this.points.point(index)) this.points.select(index)
    else this.points.place(index)
  }

  digit() {
    return false
  }

  along() {
    return false
  }

  turn() {
    const index = this.points.selected
    if (index === null) return
    if (this.points.point(index)) this.points.put(index, null)
    else this.points.place(index)
  }

  swapped() {
    const index = this.points.selected
    const other = index === null ? undefined : this.mirror?.get(index)
    if (index !== null && other !== undefined) this.points.swap([[index, other]])
  }

  /**
   * @param {number} axis 0 for x, 1 for y
   * @param {HTMLInputElement} input
   */
  typedPlace(axis, input) {
    const index = this.points.selected
    const before = index === null ? null : this.points.point(index)
    if (index === null || !before) return
    /** @type {Place} */
    const place = [...before]
    const { item } = this.inspector
    const most = [item.width, item.height][axis]
    const value = parsed(input)
    if (!(value >= 0 && value <= most)) {
      this.draw(true)
      return this.inspector.refuse(`${"xy"[axis]} is a number from 0 to ${most} px here: type one of these.`)
    }
    place[axis] = value
    this.points.put(index, place)
  }

  /** @param {EventTarget | null} input */
  revert(input) {
    super.revert(input)
    this.draw(true)
  }

  draw(all = false) {
    const index = this.points.selected
    const place = index === null ? null : this.points.point(index)
    const { title, gone, swap, mirror, inputs } = this
    if (!title || !gone || !swap || !mirror || !inputs) throw new Error("Points are drawn once their fields are there.")
    title.textContent = index === null ? "Click a point, or press Tab." : this.names[index]
    title.title = title.textContent
    const active = rootOf(this.root).activeElement
    inputs.forEach((input, axis) => {
      input.disabled = !place
      if (all || input !== active || this.drawn !== index) input.value = place ? rounded(place[axis]) : ""
    })
    this.drawn = index
    gone.disabled = index === null
    const missing = index !== null && !place
    gone.textContent = missing ? "Place" : "Missing"
    named(gone, missing ? "Show where this point is" : "This point is missing (Delete)")
    const other = index === null ? undefined : mirror.get(index)
    swap.hidden = other === undefined
    if (index !== null && other !== undefined) {
      swap.textContent = `Swap with ${short(this.names[other])}`
      named(swap, `Swap the places of ${this.names[index]} and ${this.names[other]}`)
    }
    for (const [at, { one, place: words }] of this.rows) {
      const there = this.points.point(at)
      const text = there ? `${rounded(there[0])}, ${rounded(there[1])}` : "missing: place"
      if (words.textContent !== text) words.textContent = text
      one.classList.toggle("is-missing", !there)
      one.classList.toggle("is-chosen", at === index)
    }
    if (index !== this.scrolled && index !== null) {
      const { one } = this.at(index)
      const [{ top, bottom }, held] = [one.getBoundingClientRect(), this.list.getBoundingClientRect()]
      if (top < held.top || bottom > held.bottom) this.list.scrollTop += top - held.top - held.height / 3
    }
    this.scrolled = index
  }
}

class Numbers {
  /**
   * @param {Targets} targets
   * @param {Inspector} inspector
   */
  constructor({ names, units = [] }, inspector) {
    this.inspector = inspector
    this.root = element("div", "targets numbers")
    this.inputs = names.map((name, column) => {
      const field = element("label", "number")
      const input = numberField(() => this.taken(column), units[column] ? `${name} in ${units[column]}` : name)
      const held = element("span", "held")
      held.append(input, element("span", "unit", units[column]))
      field.append(element("span", "name", name), held)
      this.root.append(field)
      return input
    })
  }

  /** @param {number} column */
  taken(column) {
    const value = parsed(this.inputs[column])
    if (Number.isFinite(value)) return this.inspector.set([[column, value]])
    this.draw(true)
    this.inspector.refuse("That is no number: type one like 12.5.")
  }

  /** @param {number} column */
  focus(column) {
    this.inputs[column]?.scrollIntoView({ block: "center" })
    this.inputs[column]?.closest(".number")?.classList.add("asked")
    this.inputs[column]?.select()
  }

  revert() {
    this.draw(true)
  }

  draw(all = false) {
    const active = rootOf(this.root).activeElement
    this.inputs.forEach((input, column) => {
      const value = this.inspector.value(column)
      if (all || input !== active || input.dataset.value !== String(value)) input.value = value === null ? "" : `${value}`
      input.dataset.value = `${value}`
    })
  }
}

/**
 * @param {() => void} taken
 * @param {string} label
 */
function numberField(taken, label) {
  const input = element("input", "typed")
  input.type = "text"
  input.inputMode = "decimal"
  input.autocomplete = "off"
  input.setAttribute("aria-label", label)
  input.onchange = taken
  return input
}

/** @param {HTMLInputElement} input */
function parsed(input) {
  const text = input.value.trim().replace("−", "-")
  return text ? Number(text) : NaN
}

/**
 * @param {HTMLElement} control
 * @param {string} words
 */
export function named(control, words) {
  control.title = words
  control.setAttribute("aria-label", words)
}
