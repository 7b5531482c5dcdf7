// A point that is dragged on its picture, in pixels and from -1 to 1, on the square that the model sees, and mirrored.

import { DIRECTIONS } from "../shared/arrows.js"
import { element } from "../shared/dom.js"
import { eachFrame } from "../shared/drag.js"
import { cropped, mirrored, toPixels, toUnit } from "./coordinates.js"
import { fixed } from "./formulas.js"
import { Marks } from "./marks.js"
import { range } from "./range.js"
import { segments } from "./segments.js"
import { Table } from "./table.js"

/** @typedef {import("./coordinates.js").Point} Point */
/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {{ url: string, title: string, width: number, height: number, points: (Point | null)[] }} Picture */
/** @typedef {{ source: string, names: string[], order: number[] | null, pictures: Picture[] }} Content */

const SHOWN = 240 // side of the square on the page, in its own pixels for drawing

/** @implements {Figure} */
export class Points {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.size = 64
    this.how = "squish"
    this.mirror = false
    this.swaps = true
    this.at = 0
    this.point = 0
    /** @type {Content} */
    this.content = { source: "", names: [], order: null, pictures: [] }
    /** @type {Point[][]} */
    this.moved = []
    this.later = eachFrame(() => this.draw())
    this.image = element("img")
    this.image.onload = () => this.later()
    this.marks = new Marks(this.later)
    this.canvas = element("canvas")
    this.other = new Marks(this.later)
    this.other.size(SHOWN, SHOWN, SHOWN / 60)
    this.table = new Table("Where the point is")
    this.words = element("p", "words")
    this.controls = element("div", "choices-line")
    this.source = element("p", "soft source")
    const [stage, left, right, side] = ["stage", "original", "square", "side"].map((name) => element("div", name))
    left.append(this.image, this.marks.svg)
    right.append(this.canvas, this.other.svg)
    side.append(this.table.root, this.words)
    stage.append(left, right, side)
    root.append(this.controls, stage, this.source)
    this.left = left
    left.addEventListener("pointerdown", (event) => this.down(event))
    left.addEventListener("pointermove", (event) => this.move(event))
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) left.addEventListener(name, () => (this.dragging = false))
    left.style.touchAction = "none"
    this.handle = left
    left.tabIndex = 0
    left.setAttribute("role", "slider")
    left.addEventListener("keydown", (event) => this.key(event))
  }

  /** @param {Content} content */
  show(content) {
    this.content = content
    this.moved = content.pictures.map(({ points }) => points.map((point) => (point ? [...point] : [NaN, NaN])))
    this.build()
    this.choose(0)
  }

  build() {
    const { pictures, order, source } = this.content
    const size = range({
      title: "square",
      label: "Side of the square in pixels",
      min: 8,
      max: 224,
      step: 1,
      get: () => this.size,
      set: (size) => {
        this.size = size
        this.later()
      },
      words: () => `${this.size} px`,
    })
    const how = segments("How the picture becomes square", [["squish", "squish"], ["crop", "crop"]], this.how, (how) => {
      this.how = how
      this.later()
    })
    const [mirror, swap] = [this.check("mirror", this.mirror, (on) => (this.mirror = on)), this.check("swap pairs", this.swaps, (on) => (this.swaps = on))]
    const showSwap = () => (swap.hidden = !order || !this.mirror) // of no use before
    mirror.addEventListener("change", showSwap)
    showSwap()
    const next = element("button", "next", "Next picture")
    next.type = "button"
    next.hidden = pictures.length < 2
    next.onclick = () => this.choose((this.at + 1) % pictures.length)
    this.controls.replaceChildren(how, size.root, mirror, swap, next)
    this.source.textContent = `${source} Drag any point, or move it by the arrow keys; Page Up and Down choose another.`
  }

  /**
   * @param {string} title
   * @param {boolean} on
   * @param {(on: boolean) => void} set
   */
  check(title, on, set) {
    const [label, input] = [element("label", "check"), element("input")]
    Object.assign(input, { type: "checkbox", checked: on })
    input.onchange = () => {
      set(input.checked)
      this.draw()
    }
    label.append(input, element("span", "", title))
    return label
  }

  // Points that are only numbered are called so.
  get names() {
    return this.content.names.map((name) => (/^\d+$/.test(name) ? `point ${name}` : name))
  }

  get picture() {
    return this.content.pictures[this.at]
  }

  get points() {
    return this.moved[this.at]
  }

  /** @returns {Point} */
  get dimensions() {
    return [this.picture.width, this.picture.height]
  }

  /** @param {number} at */
  choose(at) {
    this.at = at
    const { url, title, width, height, points } = this.picture
    const there = (/** @type {number} */ one) => points[one] !== null
    if (!there(this.point)) this.point = points.findIndex((_, one) => there(one))
    this.image.src = url
    this.image.alt = title
    this.left.style.aspectRatio = `${width} / ${height}`
    this.left.style.maxWidth = `${Math.round((22 * width) / height)}rem`
    this.marks.size(width, height, Math.max(width, height) / 90)
    this.draw()
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  place(event) {
    const box = this.left.getBoundingClientRect()
    const [width, height] = this.dimensions
    return [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height]
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0) return
    const [x, y] = this.place(event)
    const far = this.points.map(([px, py]) => Math.hypot(px - x, py - y)).map((one) => (Number.isNaN(one) ? Infinity : one))
    this.point = far.indexOf(Math.min(...far))
    this.left.setPointerCapture(event.pointerId)
    this.dragging = true
    event.preventDefault()
    this.left.focus({ preventScroll: true })
    this.move(event)
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.dragging) return
    this.put(this.place(event))
  }

  /** @param {Point} place */
  put([x, y]) {
    const [width, height] = this.dimensions
    this.points[this.point] = [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))]
    this.later()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = DIRECTIONS[event.key]
    const other = { PageUp: -1, PageDown: 1 }[event.key]
    if (!by && !other) return
    event.preventDefault()
    event.stopPropagation()
    const step = event.shiftKey ? 10 : 1
    if (by) return this.put([this.points[this.point][0] + by[0] * step, this.points[this.point][1] + by[1] * step])
    const count = this.points.length
    do this.point = (this.point + /** @type {number} */ (other) + count) % count
    while (Number.isNaN(this.points[this.point][0]))
    this.later()
  }

  // The points of the square, from -1 to 1, before and after the mirror.
  get units() {
    const change = (/** @type {Point} */ point) => (this.how === "crop" ? cropped(point, this.dimensions) : toUnit(point, this.dimensions))
    const units = this.points.map(change)
    return { units, after: this.mirror ? mirrored(units, this.swaps ? this.content.order : null) : units }
  }

  draw() {
    if (!this.content.pictures.length) return
    const { names } = this
    const [width, height] = this.dimensions
    const { units, after } = this.units
    this.square()
    this.marks.show(this.points, this.point, names)
    const there = after.map(/** @returns {Point} */ (unit) => (isInside(unit) ? toPixels(unit, [SHOWN, SHOWN]) : [NaN, NaN]))
    this.other.show(there, this.point, names)
    const [point, unit, moved] = [this.points[this.point], units[this.point], after[this.point]]
    const row = (/** @type {string} */ name, /** @type {Point} */ [x, y], places = 4) => [name, fixed(x, places), fixed(y, places)]
    const rows = [
      row(`picture, ${width} × ${height} px`, point, 2),
      row("−1 to 1", unit),
      ...(this.mirror ? [row("mirrored", moved)] : []),
      row(`square, ${this.size} × ${this.size} px`, toPixels(moved, [this.size, this.size]), 2),
      ...(this.how === "squish" && !this.mirror ? [row("back in the picture", toPixels(moved, this.dimensions), 2)] : []),
    ]
    this.table.show([names[this.point], "x", "y"], rows, { marked: 1 })
    this.words.textContent = this.sentence(units, after)
    this.left.setAttribute("aria-label", `Point ${names[this.point]}`)
    this.left.setAttribute("aria-valuetext", `x ${fixed(point[0], 1)}, y ${fixed(point[1], 1)} pixels; ${fixed(unit[0], 3)}, ${fixed(unit[1], 3)} from −1 to 1`)
    this.left.setAttribute("aria-valuenow", fixed(point[0], 1))
  }

  square() {
    const context = this.canvas.getContext("2d")
    if (!context || !this.image.complete || !this.image.naturalWidth) return
    const { naturalWidth: wide, naturalHeight: high } = this.image
    this.canvas.width = this.canvas.height = this.size
    const side = Math.min(wide, high)
    const [x, y, w, h] = this.how === "crop" ? [(wide - side) / 2, (high - side) / 2, side, side] : [0, 0, wide, high]
    context.setTransform(this.mirror ? -1 : 1, 0, 0, 1, this.mirror ? this.size : 0, 0)
    context.drawImage(this.image, x, y, w, h, 0, 0, this.size, this.size)
  }

  /**
   * @param {Point[]} units
   * @param {Point[]} after
   */
  sentence(units, after) {
    const [names, { order }] = [this.names, this.content]
    if (this.mirror) {
      const partner = order ? order[this.point] : this.point
      if (!order) return "A mirror turns x round. No two points here are left and right of each other, so none change places."
      if (partner === this.point) return `A mirror turns x round: −x. “${names[this.point]}” has no partner and keeps its name.`
      if (this.swaps) return `−x, and “${names[this.point]}” changes places with “${names[partner]}”: each name is again where it belongs.`
      return `−x alone, as fastai's Flip does it: “${names[this.point]}” now sits where “${names[partner]}” belongs. Half of such a training teaches the opposite.`
    }
    if (this.how === "crop") {
      const lost = units.filter((unit) => !Number.isNaN(unit[0]) && !isInside(unit)).length
      return `A crop cuts the longer side: ${lost} of ${names.length} points lie outside now, and the way back needs to know what was cut.`
    }
    const far = Math.abs(toPixels(after[this.point], this.dimensions)[0] - this.points[this.point][0])
    return `2 · x / width − 1. The square may have any size: −1 to 1 stays the same, and the way back is exact (off by ${far < 1e-9 ? "0" : far.toExponential(0)} px).`
  }

  remove() {
    this.marks.remove()
    this.other.remove()
    this.later.cancel()
  }
}

/** @param {Point} unit */
function isInside([x, y]) {
  return Math.abs(x) <= 1 && Math.abs(y) <= 1
}
