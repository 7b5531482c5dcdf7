// A drawing as wide as its place: drawn anew where that changes, so that letters keep their size.

import { vector } from "../shared/drawing.js"

export class Surface {
  /**
   * @param {HTMLElement} parent
   * @param {number} height in pixels
   * @param {string} words what it shows, for those who do not see it
   * @param {(width: number) => void} draw
   */
  constructor(parent, height, words, draw) {
    this.width = 0
    this.svg = vector("svg", { height, role: "group", "aria-label": words })
    this.back = vector("g", {}, this.svg) // what is drawn anew
    this.front = vector("g", {}, this.svg) // what stays, such as handles
    parent.append(this.svg)
    this.sizes = new ResizeObserver(() => {
      const width = Math.round(parent.clientWidth)
      if (!width || width === this.width) return
      this.width = width
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
      draw(width)
    })
    this.sizes.observe(parent)
  }

  /**
   * Where the pointer is, in pixels of the drawing.
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  at(event) {
    const box = this.svg.getBoundingClientRect()
    const scale = this.width / (box.width || 1)
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]
  }

  remove() {
    this.sizes.disconnect()
  }
}

/**
 * An arrow from one place to another; nothing where it would be shorter than its head.
 * @param {Element} parent
 * @param {[number, number]} from
 * @param {[number, number]} to
 */
export function arrow(parent, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const length = Math.hypot(dx, dy)
  if (length < 4) return
  const [ux, uy] = [dx / length, dy / length]
  const head = Math.min(9, length)
  const [bx, by] = [to[0] - ux * head, to[1] - uy * head]
  vector("line", { class: "arrow", x1: from[0], y1: from[1], x2: bx, y2: by }, parent)
  const corners = [to, [bx - uy * 5, by + ux * 5], [bx + uy * 5, by - ux * 5]]
  vector("path", { class: "arrow-head", d: `M${corners.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z` }, parent)
}
