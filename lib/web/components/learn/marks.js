// Points over a picture, the chosen one larger and with its name; they are moved, and made only once.

import { vector } from "../shared/drawing.js"

/** @typedef {import("./coordinates.js").Point} Point */

export class Marks {
  constructor() {
    this.svg = vector("svg", { class: "marks" })
    /** @type {SVGElement[]} */
    this.dots = []
    this.name = vector("text", { class: "mark-name" })
    this.width = this.radius = 1
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} radius of a point
   */
  size(width, height, radius) {
    this.width = width
    this.radius = radius
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.name.setAttribute("style", `font-size: ${radius * 4}px; stroke-width: ${radius}px`)
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
      dot.setAttribute("r", `${at === chosen ? this.radius * 1.7 : this.radius}`)
      if (Number.isNaN(x)) return
      dot.setAttribute("cx", `${x}`)
      dot.setAttribute("cy", `${y}`)
    })
    const [x, y] = points[chosen]
    const isRight = x > this.width * 0.6
    this.name.textContent = Number.isNaN(x) ? "" : names[chosen]
    if (Number.isNaN(x)) return
    this.name.setAttribute("x", `${x + (isRight ? -3 : 3) * this.radius}`)
    this.name.setAttribute("y", `${y - this.radius * 2.2}`)
    this.name.setAttribute("text-anchor", isRight ? "end" : "start")
  }
}
