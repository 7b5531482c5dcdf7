// The points over the picture: selected by click or Tab, dragged, moved by keys, placed and taken away.

import { DIRECTIONS } from "../shared/arrows.js"
import { element, vector } from "../shared/dom.js"
import { STILL_PX } from "../shared/zoom.js"
import { hundredths, nearest, rounded, short } from "./geometry.js"

/** @typedef {import("./geometry.js").Place} Place */
/** @typedef {import("./types.js").Cell} Cell */
/** @typedef {import("./types.js").Pair} Pair */

const MANY = 24 // more are drawn smaller

export class Points {
  /** @param {import("./stage.js").Stage} stage */
  constructor(stage) {
    this.stage = stage
    this.svg = vector("svg", "marks")
    this.hint = element("p", "hint")
    this.hint.hidden = true
    /** @type {string[]} */
    this.names = []
    /** @type {SVGGElement[]} */
    this.marks = []
    /** @type {Pair[]} */
    this.lines = []
    /** @type {SVGPathElement[]} */
    this.paths = []
    /** @type {SVGTextElement[]} */
    this.tips = []
    this.selected = /** @type {number | null} */ (null) // number of a point
    this.placing = /** @type {number | null} */ (null) // number of a missing one that the next click places
    this.hovered = /** @type {number | null} */ (null)
    this.held = /** @type {import("./types.js").Held | null} */ (null)
  }

  /** @param {import("./types.js").Targets} targets */
  show({ control, names, lines = [] }) {
    const shown = control === "points"
    const same = shown && names.length === this.names.length
    this.names = shown ? names : []
    this.lines = lines
    this.hovered = this.held = null
    this.place(null)
    if (!same) this.selected = null // the same point of the next picture stays selected
    this.svg.replaceChildren()
    this.svg.classList.toggle("fine", names.length > MANY)
    const joined = vector("g", "lines", this.svg)
    this.paths = ["halo", "ink"].map((name) => vector("path", name, joined))
    this.marks = this.names.map((_, index) => this.mark(index))
    this.tips = ["tip", "tip chosen"].map((name) => vector("text", name, this.svg))
  }

  /** @param {number} index */
  mark(index) {
    const mark = vector("g", "point", this.svg)
    mark.setAttribute("tabindex", "0")
    mark.setAttribute("role", "button")
    for (const part of ["halo", "ink"]) vector("circle", part, mark)
    mark.onfocus = () => this.select(index)
    return mark
  }

  /**
   * @param {number} index
   * @returns {Place | null} null where it is missing
   */
  point(index) {
    if (this.held?.index === index) return this.held.place
    const [x, y] = [this.stage.hooks.value(2 * index), this.stage.hooks.value(2 * index + 1)]
    return x === null || y === null || x === undefined ? null : [x, y]
  }

  draw() {
    if (!this.names.length || !this.stage.item) return
    const places = this.names.map((_, index) => this.point(index))
    const shown = places.map((place) => place && this.stage.onScreen(place).map((value) => value.toFixed(2)))
    this.marks.forEach((mark, index) => {
      const [place, at] = [places[index], shown[index]]
      mark.style.display = at ? "" : "none"
      if (!place || !at) return
      mark.setAttribute("transform", `translate(${at.join(" ")})`)
      mark.classList.toggle("chosen", index === this.selected)
      const radius = index === this.selected ? 7 : this.names.length > MANY ? 3 : 5
      for (const circle of mark.children) circle.setAttribute("r", `${radius}`)
      const [x, y] = place.map(rounded)
      mark.setAttribute("aria-label", `${this.names[index]}: x ${x}, y ${y} px`)
      mark.setAttribute("aria-pressed", `${index === this.selected}`)
    })
    const ends = this.lines.map((line) => line.map((index) => shown[index]))
    const path = ends.map(([one, other]) => (one && other ? `M${one.join(" ")}L${other.join(" ")}` : "")).join("")
    this.paths.forEach((one) => one.setAttribute("d", path))
    this.tip(this.tips[0], this.hovered === this.selected ? null : this.hovered)
    this.tip(this.tips[1], this.selected)
  }

  /**
   * @param {SVGTextElement} text
   * @param {number | null} index
   */
  tip(text, index) {
    const place = index === null ? null : this.point(index)
    text.textContent = place && index !== null ? short(this.names[index]) : ""
    if (!place) return
    const [x, y] = this.stage.onScreen(place)
    const right = x < this.stage.root.clientWidth / 2
    text.setAttribute("text-anchor", right ? "start" : "end")
    text.setAttribute("x", `${x + (right ? 12 : -12)}`)
    text.setAttribute("y", `${Math.max(14, y - 6)}`)
  }

  /** @param {Place} at */
  nearest(at) {
    const places = this.names.map((_, index) => this.point(index))
    return nearest(places.map((place) => place && this.stage.onScreen(place)), at, this.selected)
  }

  /** @param {Place | null} place */
  hover(place) {
    const under = place && this.placing === null ? this.nearest(place) : null
    this.stage.root.classList.toggle("over", under !== null)
    if (under === this.hovered) return
    this.hovered = under
    this.draw()
  }

  /** @param {number | null} index */
  select(index) {
    if (index === this.selected) return
    this.stage.hooks.flush()
    this.selected = index
    this.draw()
    this.stage.hooks.selected()
  }

  /**
   * A point at `from` to be dragged, or a missing one to be placed there; null where neither is.
   * @param {Place} from
   * @returns {import("../shared/zoom.js").Drag | null}
   */
  grab(from) {
    if (this.placing !== null) return this.placed(this.placing, from)
    const index = this.nearest(from)
    if (index === null) return null
    this.select(index)
    this.marks[index].focus({ preventScroll: true })
    const start = this.point(index)
    if (!start) return null
    return {
      to: ([x, y]) => {
        if (!this.held && Math.hypot(x - from[0], y - from[1]) < STILL_PX) return
        const { scale } = this.stage.view
        const by = [(x - from[0]) / scale, (y - from[1]) / scale].map(hundredths)
        const place = this.stage.clamped([start[0] + by[0], start[1] + by[1]])
        this.held = { index, place }
        this.draw()
        this.stage.hooks.selected()
      },
      drop: () => {
        const place = this.held?.place
        this.held = null
        if (place) this.put(index, place)
      },
      cancel: () => {
        this.held = null
        this.draw()
        this.stage.hooks.selected()
      },
    }
  }

  /**
   * @param {number} index
   * @param {Place} from
   */
  placed(index, from) {
    return {
      to: () => {},
      drop: () => {
        this.place(null)
        this.put(index, this.stage.inPicture(from))
        this.select(index)
        this.marks[index].focus({ preventScroll: true })
      },
    }
  }

  /**
   * @param {number} index
   * @param {Place | null} place
   */
  put(index, place, later = false) {
    const [x, y] = place ?? [null, null]
    this.stage.hooks.moved([[2 * index, x], [2 * index + 1, y]], later)
  }

  /**
   * The next click places point `index`; null: no more.
   * @param {number | null} index
   */
  place(index) {
    this.placing = index
    this.stage.root.classList.toggle("placing", index !== null)
    this.hint.hidden = index === null
    if (index === null) return
    this.hint.textContent = `Click where ${short(this.names[index])} is (Enter: in the middle, Esc: not at all).`
    this.stage.hooks.rest()
  }

  /**
   * The two exchange their places.
   * @param {Pair[]} pairs
   */
  swap(pairs) {
    const cells = pairs.flatMap(([one, other]) => {
      const [first, second] = [this.point(one) ?? [null, null], this.point(other) ?? [null, null]]
      /** @type {Cell[]} */
      const both = [[2 * one, second[0]], [2 * one + 1, second[1]], [2 * other, first[0]], [2 * other + 1, first[1]]]
      return both
    })
    this.stage.hooks.moved(cells, false)
  }

  cancel() {
    if (this.placing !== null) return this.place(null), true
    if (this.selected === null) return false
    this.select(null)
    this.stage.hooks.rest()
    return true
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.placing !== null && event.key === "Enter") {
      const { clientWidth, clientHeight } = this.stage.root
      this.placed(this.placing, [clientWidth / 2, clientHeight / 2]).drop()
      return true
    }
    const index = this.selected
    const place = index === null ? null : this.point(index)
    if (index === null || !place) return false
    if (event.key === "Delete" || event.key === "Backspace") {
      this.put(index, null)
      this.stage.hooks.rest() // it is not there any more to have the keys
      return true
    }
    if (!(event.key in DIRECTIONS)) return false
    const [x, y] = DIRECTIONS[event.key]
    const far = event.shiftKey ? 10 : 1
    const next = this.stage.clamped([place[0] + far * x, place[1] + far * y])
    this.put(index, [x ? next[0] : place[0], y ? next[1] : place[1]], true)
    return true
  }
}
