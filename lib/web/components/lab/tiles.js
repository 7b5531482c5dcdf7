// The small multiples of the threshold lab: every label's own curve and threshold, each to be dragged.

import { element } from "../shared/dom.js"
import { FORMULAS, digits } from "./numbers.js"
import { path, vector } from "../shared/drawing.js"

/** @typedef {import("./numbers.js").Curve} Curve */
/** @typedef {import("./numbers.js").SplitCounts} SplitCounts */
/**
 * @typedef {object} Handlers
 * @property {(label: number, index: number) => void} onDrag
 * @property {() => void} onDrop
 * @property {() => void} onCancel
 * @property {(label: number) => void} onShow
 */

const TILE = { width: 168, height: 52, points: 168 }
const CLICK_PX = 3 // a pointer that moved less was a click
const FEW = 20 // positives, as lib/thresholds/rules.py has it
const FILTER_FROM = 12 // labels

const ORDERS = {
  given: "as in the data",
  positives: "most positives first",
  value: "worst value first",
}

// `lab` answers what is chosen; `onDrag(label, index)`, `onDrop()`, `onCancel()`, `onShow(label)` are told what is done.
export class Tiles {
  /**
   * @param {HTMLElement} root
   * @param {Handlers} handlers
   */
  constructor(root, handlers) {
    this.root = root
    this.handlers = handlers
    /** @type {ReturnType<Tiles["tile"]>[]} */
    this.tiles = []
    /** @type {Set<number>} */
    this.seen = new Set()
    this.order = "given"
    /** @type {string[]} */
    this.names = []
    this.noun = ""
    this.curve = ""
    this.isShare = this.smallerIsBetter = false
    this.range = [0, 1]
    /** @type {SplitCounts | null} */
    this.built = null
    /** @type {{ indices: number[], label: number | null } | null} */
    this.now = null
    /** @type {Set<number> | null} those whose curve is drawn */
    this.painted = null
    this.list = element("ul", "tiles")
    this.none = element("p", "hint")
    this.watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const c = Number(/** @type {HTMLElement} */ (target).dataset.label)
        isIntersecting ? this.seen.add(c) : this.seen.delete(c)
        if (isIntersecting) this.paint(c)
        if (isIntersecting && this.now) this.placeOne(c) // its line may have moved where nobody saw it
      }
    }, { rootMargin: "150px" })
  }

  /** @param {{ names: string[], noun: string, counts: SplitCounts, of: string }} what `of` is what its images are called, "" where there are no others */
  build({ names, noun, counts, of }) {
    this.names = names
    this.noun = noun
    this.built = counts
    this.now = null
    const head = element("div", "tiles-head")
    head.append(element("span", "hint", `Every ${noun} has its own threshold: drag the line in its plot, click its name to see it large.${of && ` Numbers are of the ${of} images.`}`))
    const order = element("select")
    order.setAttribute("aria-label", "Order")
    for (const [value, text] of Object.entries(ORDERS)) order.append(new Option(text, value))
    order.onchange = () => this.arrange(order.value)
    const filter = element("input")
    filter.type = "search"
    filter.placeholder = `Find one of ${names.length}`
    filter.setAttribute("aria-label", `Find a ${noun}`)
    filter.oninput = () => this.filter(filter.value)
    head.append(...(names.length > FILTER_FROM ? [filter] : []), order)
    this.list = element("ul", "tiles")
    this.tiles = names.map((name, c) => this.tile(name, c))
    this.none = element("p", "hint", `No ${noun} is called so: clear the field to see all.`)
    this.none.hidden = true
    this.list.append(...this.tiles.map(({ one }) => one))
    this.root.replaceChildren(head, this.none, this.list)
    this.tiles.forEach(({ one }) => this.watch.observe(one))
  }

  get counts() {
    return /** @type {SplitCounts} */ (this.built)
  }

  /**
   * @param {string} name
   * @param {number} c
   */
  tile(name, c) {
    const one = element("li", "tile")
    one.dataset.label = `${c}`
    const show = element("button", "name", name)
    show.type = "button"
    show.title = name
    show.onclick = () => this.handlers.onShow(c)
    const plot = element("div", "plot")
    // Not a canvas: each would be a layer of its own, which makes every frame of the page dear.
    const svg = vector("svg", { viewBox: `0 0 ${TILE.width} ${TILE.height}`, preserveAspectRatio: "none", "aria-hidden": "true" }, plot)
    const base = vector("path", { class: "baseline" }, svg)
    const curve = vector("path", { class: "curve" }, svg)
    const line = element("div", "mark")
    plot.append(line)
    const words = element("div", "words")
    const few = this.counts.positives[c] < FEW
    const count = element("span", few ? "count few" : "count", `${this.counts.positives[c]} pos.`)
    count.title = few ? "So few positives say little about a threshold." : `Images with this ${this.noun}.`
    const [thresh, value] = [element("span", "thresh"), element("span", "value")]
    words.append(thresh, value, count)
    one.append(show, plot, words)
    this.listen(plot, c)
    return { one, show, base, curve, line, thresh, value, key: "" }
  }

  /**
   * @param {HTMLElement} plot
   * @param {number} c
   */
  listen(plot, c) {
    /** @type {number | null} */
    let from = null
    let moved = false
    /** @param {PointerEvent} event */
    const cutAt = (event) => {
      const box = plot.getBoundingClientRect()
      return Math.round(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (this.counts.steps - 1))
    }
    plot.onpointerdown = (event) => {
      if (event.button !== 0) return
      plot.setPointerCapture(event.pointerId)
      ;[from, moved] = [event.clientX, false]
      event.preventDefault()
    }
    plot.onpointermove = (event) => {
      if (from === null) return
      moved ||= Math.abs(event.clientX - from) >= CLICK_PX
      if (moved) this.handlers.onDrag(c, cutAt(event))
    }
    plot.onpointerup = () => {
      if (from === null) return
      from = null
      moved ? this.handlers.onDrop() : this.handlers.onShow(c)
    }
    plot.onpointercancel = () => {
      from = null
      this.handlers.onCancel()
    }
  }

  /**
   * Draws the curves anew: of another number.
   * @param {{ curve: Curve, indices: number[], label: number | null }} what
   */
  draw({ curve, indices, label }) {
    this.curve = curve.of_one ? curve.name : "accuracy_multi"
    this.isShare = curve.unit.startsWith("share")
    this.smallerIsBetter = curve.of_one && curve.larger_is_better === false
    this.painted = new Set()
    this.range = this.spread()
    this.place(indices, label, true)
    this.seen.forEach((c) => this.paint(c))
    if (this.order === "value") this.arrange("value")
  }

  // One scale for all, from a few thresholds of each: pictures side by side must compare.
  spread() {
    if (this.isShare && this.curve !== "accuracy_multi" && this.curve !== "hamming_loss") return [0, 1]
    let [low, high] = [Infinity, -Infinity]
    for (let c = 0; c < this.tiles.length; c++) {
      for (let t = 0; t < this.counts.steps; t += 50) {
        const value = FORMULAS[this.curve](this.counts.of(c, t))
        if (value < low) low = value
        if (value > high) high = value
      }
    }
    return high > low ? [low, high] : [low - 0.5, low + 0.5]
  }

  /** @param {number} c */
  paint(c) {
    if (!this.painted || this.painted.has(c)) return
    this.painted.add(c)
    const tile = this.tiles[c]
    const [low, high] = this.range
    /** @param {number} share */
    const x = (share) => share * TILE.width
    /** @param {number} value */
    const y = (value) => TILE.height - 3 - ((value - low) / (high - low)) * (TILE.height - 6)
    const base = FORMULAS[this.curve](this.counts.baseline(c))
    tile.base.setAttribute("d", Number.isFinite(base) ? path([base, base], x, y) : "")
    const values = Array.from({ length: TILE.points + 1 }, (_, i) => {
      const at = Math.round((i / TILE.points) * (this.counts.steps - 1))
      return FORMULAS[this.curve](this.counts.of(c, at))
    })
    tile.curve.setAttribute("d", path(values, x, y))
  }

  /**
   * Moves the lines, of what is on the screen only; `all` writes the rest as well.
   * @param {number[]} indices
   * @param {number | null} label
   */
  place(indices, label, all = false) {
    this.now = { indices, label }
    const which = all ? this.tiles.keys() : this.seen
    for (const c of which) this.placeOne(c)
  }

  /** @param {number} c */
  placeOne(c) {
    if (!this.now) return
    const { indices, label } = this.now
    const tile = this.tiles[c]
    const key = `${indices[c]} ${label === c} ${this.curve}`
    if (tile.key === key) return
    tile.key = key
    tile.line.style.setProperty("--at", `${indices[c] / (this.counts.steps - 1)}`)
    tile.thresh.textContent = (indices[c] / (this.counts.steps - 1)).toFixed(3)
    tile.value.textContent = digits(FORMULAS[this.curve](this.counts.of(c, indices[c])))
    tile.one.classList.toggle("chosen", label === c)
    tile.show.setAttribute("aria-pressed", `${label === c}`)
  }

  /** @param {string} order */
  arrange(order) {
    this.order = order
    /** @type {Record<string, (c: number) => number>} */
    const orders = {
      given: (c) => c,
      positives: (c) => -this.counts.positives[c],
      value: (c) => {
        const { indices } = /** @type {NonNullable<Tiles["now"]>} */ (this.now)
        const value = FORMULAS[this.curve](this.counts.of(c, indices[c]))
        return Number.isNaN(value) ? Infinity : this.smallerIsBetter ? -value : value
      },
    }
    const keys = this.tiles.map((_, c) => orders[order](c))
    const places = this.tiles.map((_, c) => c).sort((a, b) => keys[a] - keys[b] || a - b)
    this.list.append(...places.map((c) => this.tiles[c].one))
  }

  /** @param {string} text */
  filter(text) {
    const wanted = text.trim().toLowerCase()
    this.tiles.forEach(({ one }, c) => (one.hidden = !this.names[c].toLowerCase().includes(wanted)))
    this.none.hidden = this.tiles.some(({ one }) => !one.hidden)
  }

  remove() {
    this.watch.disconnect()
  }
}
