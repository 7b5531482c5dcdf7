// Points over a picture, the chosen one larger and with its name; they are moved, and made only once.

import { write } from "../shared/dom.js"
import { vector } from "../shared/drawing.js"
import { placeOfName } from "./name_place.js"

/** @typedef {import("./coordinates.js").Point} Point */

const CHOSEN = 1.7 // radius of the chosen point, in those of others
const LETTERS = 12 // size in pixels of the page, however large the picture is shown

export class Marks {
  /** @param {() => void} draw called where the picture is shown at another size */
  constructor(draw) {
    this.svg = vector("svg", { class: "marks" })
    /** @type {SVGElement[]} */
    this.dots = []
    this.name = vector("text", { class: "mark-name", "text-anchor": "middle" })
    /** @type {Map<string, number>} */
    this.widths = new Map() // in sizes of the letters
    this.shown = 0
    this.sizes = new ResizeObserver(([{ contentRect }]) => {
      this.shown = contentRect.width
      draw()
    })
    this.sizes.observe(this.svg)
    /** @type {Point} */
    this.whole = [1, 1]
    this.radius = 1
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} radius of a point
   */
  size(width, height, radius) {
    this.whole = [width, height]
    this.radius = radius
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.dots = []
  }

  /**
   * @param {Point[]} points those that are nowhere are not numbers
   * @param {number} chosen
   * @param {string[]} names
   */
  show(points, chosen, names) {
    if (this.dots.length !== points.length) {
      this.dots = points.map(() => vector("circle", {}))
      this.svg.replaceChildren(...this.dots, this.name)
    }
    points.forEach(([x, y], at) => {
      const dot = this.dots[at]
      dot.setAttribute("class", Number.isNaN(x) ? "nowhere" : at === chosen ? "mark chosen" : "mark")
      dot.setAttribute("r", `${at === chosen ? this.radius * CHOSEN : this.radius}`)
      if (Number.isNaN(x)) return
      dot.setAttribute("cx", `${x}`)
      dot.setAttribute("cy", `${y}`)
    })
    const isNowhere = Number.isNaN(points[chosen][0])
    write(this.name, isNowhere ? "" : names[chosen])
    if (isNowhere || !this.shown) return
    const letters = (LETTERS * this.whole[0]) / this.shown
    const style = `font-size: ${letters}px; stroke-width: ${letters / 4}px`
    if (this.name.getAttribute("style") !== style) this.name.setAttribute("style", style)
    const width = (this.widthOf(names[chosen], letters) + 0.25) * letters
    const [x, y] = placeOfName(points, chosen, this.whole, [width, letters], [this.radius * CHOSEN, this.radius])
    this.name.setAttribute("x", x.toFixed(2))
    this.name.setAttribute("y", (y + letters * 0.3).toFixed(2)) // from the middle of the letters to their base line
  }

  /**
   * @param {string} name what is written
   * @param {number} letters their size
   */
  widthOf(name, letters) {
    const width = this.widths.get(name) ?? /** @type {SVGTextElement} */ (this.name).getComputedTextLength() / letters
    if (width) this.widths.set(name, width) // to measure it costs a layout
    return width
  }

  remove() {
    this.sizes.disconnect()
  }
}
