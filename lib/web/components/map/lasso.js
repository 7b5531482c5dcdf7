// The lasso: a line or a box that is drawn around points, and stays on the map as what is chosen.

import { element, vector } from "../shared/dom.js"
import { written } from "./geometry.js"

/** @typedef {import("./geometry.js").Place} Place */
/**
 * @typedef {object} Hooks
 * @property {(at: Place) => Place} place on the map, of pixels of the stage
 * @property {(place: Place) => Place} pixels the other way round
 * @property {(text: string) => void} chosen is called with what was drawn, as it stands in the address
 */

const BESIDE_PX = 1.5 // so far a corner may be left out beside the line
const STEP_PX = 2 // so far the pointer moves from corner to corner

export class Lasso {
  /**
   * @param {HTMLElement} stage
   * @param {Hooks} hooks
   */
  constructor(stage, hooks) {
    this.stage = stage
    this.hooks = hooks
    this.mode = /** @type {"move" | "lasso" | "box"} */ ("move")
    this.held = false // whether Shift is: then a lasso is drawn in any mode
    /** @type {Place[]} */
    this.corners = [] // of what is chosen, on the map
    /** @type {Place[]} */
    this.line = [] // what is being drawn, in pixels of the stage
    this.root = element("div", "lasso")
    this.svg = vector("svg")
    this.chosen = vector("polygon", "chosen", this.svg)
    this.drawn = vector("polygon", "drawn", this.svg)
    this.root.append(this.svg)
  }

  /** @param {boolean} shift */
  hold(shift) {
    this.held = shift
  }

  get draws() {
    return this.mode !== "move" || this.held
  }

  /** @param {Place[]} corners */
  show(corners) {
    this.corners = corners
    this.draw()
  }

  draw() {
    this.chosen.setAttribute("points", pointsOf(this.corners.map((corner) => this.hooks.pixels(corner))))
  }

  /**
   * @param {Place} from
   * @returns {import("../shared/zoom.js").Drag}
   */
  begin(from) {
    this.line = [from]
    const draw = () => this.drawn.setAttribute("points", pointsOf(this.line))
    const end = () => {
      this.line = []
      this.held = false
      draw()
    }
    return {
      to: (at) => {
        const [x, y] = this.line[this.line.length - 1]
        if (this.mode === "box") this.line = [from, [at[0], from[1]], at, [from[0], at[1]]]
        else if (Math.hypot(at[0] - x, at[1] - y) >= STEP_PX) this.line.push(at)
        draw()
      },
      drop: () => {
        const [origin, next] = [this.hooks.place([0, 0]), this.hooks.place([1, 0])]
        const text = written(this.line.map((at) => this.hooks.place(at)), BESIDE_PX * Math.abs(next[0] - origin[0]))
        end()
        if (text) this.hooks.chosen(text)
      },
      cancel: end,
    }
  }
}

/** @param {Place[]} positions */
const pointsOf = (positions) => positions.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")
