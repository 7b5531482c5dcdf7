// `fine_tune` batch by batch: which layers learn, each group's rate, and the momentum, along a line of time.

import { element, write } from "../shared/dom.js"
import { vector } from "../shared/drawing.js"
import { eachFrame, slider } from "../shared/drag.js"
import { Choices } from "./choices.js"
import { Player } from "./player.js"
import { fits, moment, oneCycle, stepsOf } from "./schedule.js"
import { Surface } from "./surface.js"
import { rateWords } from "./rates.js"

/** @typedef {{ title: string, layers: string[] }} Group */
/** @typedef {{ title: string, epochs: number, freezeEpochs: number, baseLr: number, lrMult: number, batches: number, groups: Group[], norms: string[] | null }} Recipe `norms` learn while the body is frozen; null if not known */
/** @typedef {{ recipes: Recipe[] }} Content */
/** @typedef {import("./types.js").Figure} Figure */

const HEIGHT = 430
const NET = { left: 34, top: 26, height: 62, gap: 14 } // the layers, and what lies between their groups
const BARS = { top: 114, bottom: 200 } // a bar for each layer's rate, on a scale of powers of ten
const NORM = 16 // height of the strip for batch norm
const [LOWEST, HIGHEST] = [-8, -1] // powers of ten
const TIME = { top: 248, middle: 338, bottom: 398, left: 46, right: 10 } // rate, then momentum
const SECONDS = 9 // that playing takes

/** @implements {Figure} */
export class FineTuning {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    /** @type {Content} */
    this.content = { recipes: [] }
    this.step = 0
    this.follow = eachFrame(() => this.place())
    this.choices = new Choices((values) => this.change(values))
    this.player = new Player(SECONDS, () => (this.last ? this.step / this.last : 1), (share) => this.go(Math.round(share * this.last)))
    this.words = element("p", "words")
    this.words.setAttribute("aria-live", "off") // the slider says the same
    const line = element("div", "line")
    line.append(this.player.button, this.words)
    const place = element("div", "stage")
    root.append(this.choices.root, place, line)
    this.surface = new Surface(place, HEIGHT, "The network's layers, their rates, and the course of the training", () => this.draw())
    this.cursor = vector("g", { class: "handle cursor" }, this.surface.front)
    vector("rect", { class: "reach", x: -13, y: TIME.top - 16, width: 26, height: TIME.bottom - TIME.top + 20, rx: 6 }, this.cursor)
    vector("line", { class: "now", y1: TIME.top - 8, y2: TIME.bottom }, this.cursor)
    vector("circle", { class: "knob", r: 8, cy: TIME.top - 8 }, this.cursor)
    this.tell = () => {}
  }

  /** @param {Content} content */
  show(content) {
    this.content = content
    this.choices.show(content.recipes)
  }

  /** @param {Recipe} recipe */
  change(recipe) {
    this.player.pause()
    this.recipe = recipe
    this.fits = fits({ ...recipe, groups: recipe.groups.length })
    this.steps = stepsOf(this.fits, recipe.batches)
    this.step = Math.min(this.step, this.steps - 1)
    this.draw()
  }

  get last() {
    return Math.max(0, (this.steps ?? 1) - 1)
  }

  /** @param {number} step */
  go(step) {
    this.step = step
    this.follow()
  }

  // What does not move: layers, curves, epochs.
  draw() {
    const { width } = this.surface
    if (!width || !this.fits || !this.recipe) return
    const back = this.surface.back
    back.replaceChildren()
    this.network(back, width, this.recipe)
    const left = TIME.left
    this.x = (/** @type {number} */ step) => left + ((width - left - TIME.right) * step) / Math.max(1, this.steps ?? 1)
    this.timeline(back, width, this.fits, this.recipe.batches)
    if (!this.listens) this.listen()
    this.cursor.setAttribute("aria-valuemax", `${this.last}`)
    this.place()
  }

  listen() {
    this.listens = true
    const last = () => this.last
    this.tell = slider(this.cursor, {
      min: 0,
      get max() {
        return last()
      },
      step: 1,
      get: () => this.step,
      set: (step) => {
        this.player.pause()
        this.go(Math.round(step))
      },
      at: (event) => {
        const [x] = this.surface.at(event)
        return ((x - TIME.left) / (this.surface.width - TIME.left - TIME.right)) * (this.steps ?? 1)
      },
      label: "Batch of the training",
      words: () => this.sentence(),
    })
  }

  /**
   * @param {Element} back
   * @param {number} width
   * @param {Recipe} recipe
   */
  network(back, width, { groups, norms }) {
    const count = groups.reduce((sum, { layers }) => sum + layers.length, 0)
    const each = (width - NET.left - NET.gap * (groups.length - 1)) / count
    const y = (/** @type {number} */ power) => BARS.bottom - ((power - LOWEST) / (HIGHEST - LOWEST)) * (BARS.bottom - BARS.top)
    /** @type {{ layers: SVGElement[], bars: SVGElement[], rate: SVGElement }[]} */
    this.drawn = []
    this.y = y
    let x = NET.left
    for (const power of [LOWEST, -6, -4, -2]) {
      vector("line", { class: "rule", x1: NET.left, x2: width, y1: y(power), y2: y(power) }, back)
      if (power > LOWEST) vector("text", { class: "tick soft", x: NET.left - 5, y: y(power) + 4, "text-anchor": "end" }, back, `1e${power}`)
    }
    vector("text", { class: "axis", x: 0, y: BARS.top - 6 }, back, "rate of each layer, a hundred times as high at each line")
    for (const [number, { title, layers }] of groups.entries()) {
      const free = number < groups.length - 1 && norms ? norms.join(", ") : "" // all of the head learns, at any time
      const wide = each * layers.length
      vector("text", { class: "group", x: x + wide / 2, y: 14, "text-anchor": "middle" }, back, title)
      const boxes = layers.map((layer, at) => {
        const left = x + at * each
        const box = vector("g", { class: "layer" }, back)
        vector("rect", { class: "box", x: left + 2, y: NET.top, width: each - 4, height: NET.height, rx: 5 }, box)
        if (free) vector("rect", { class: "norm", x: left + 2, y: NET.top + NET.height - NORM, width: each - 4, height: NORM, rx: 3 }, box)
        if (each > 20 + 6 * free.length) vector("text", { class: "norm-name", x: left + each / 2, y: NET.top + NET.height - 4, "text-anchor": "middle" }, box, free)
        vector("text", { class: "name", x: left + each / 2, y: NET.top + 28, "text-anchor": "middle" }, box, layer)
        const bar = vector("rect", { class: "bar", x: left + 6, width: each - 12, rx: 2 }, back)
        return { box, bar }
      })
      const rate = vector("text", { class: "rate", x: x + wide / 2, y: BARS.bottom + 17, "text-anchor": "middle" }, back)
      this.drawn.push({ layers: boxes.map(({ box }) => box), bars: boxes.map(({ bar }) => bar), rate })
      x += wide + NET.gap
    }
  }

  /**
   * @param {Element} back
   * @param {number} width
   * @param {import("./schedule.js").Fit[]} all
   * @param {number} batches
   */
  timeline(back, width, all, batches) {
    const [x, right] = [/** @type {(step: number) => number} */ (this.x), width - TIME.right]
    const top = Math.max(...all.map(({ rates }) => rates[rates.length - 1]))
    const yRate = (/** @type {number} */ rate) => TIME.middle - (rate / top) * (TIME.middle - TIME.top)
    const yMom = (/** @type {number} */ mom) => TIME.bottom - ((mom - 0.84) / 0.12) * (TIME.bottom - TIME.middle - 14)
    let first = 0
    for (const fit of all) {
      const count = fit.epochs * batches
      vector("rect", { class: `phase ${fit.name}`, x: x(first), y: TIME.top - 8, width: x(first + count) - x(first), height: TIME.bottom - TIME.top + 8 }, back)
      const name = fit.name === "frozen" ? "body frozen" : "all layers"
      if (x(first + count) - x(first) > 70) vector("text", { class: "soft", x: x(first) + 5, y: TIME.top + 6 }, back, name)
      for (let epoch = 0; epoch < fit.epochs; epoch++) {
        const at = x(first + epoch * batches)
        vector("line", { class: "rule", x1: at, x2: at, y1: TIME.bottom, y2: TIME.bottom + 5 }, back)
        if (x(batches) - x(0) > 13) vector("text", { class: "tick", x: (at + x(first + (epoch + 1) * batches)) / 2, y: TIME.bottom + 15, "text-anchor": "middle" }, back, `${epoch + 1}`)
      }
      const points = Array.from({ length: 101 }, (_, at) => ({ at: x(first + (count * at) / 100), ...oneCycle(fit, at / 100) }))
      const path = (/** @type {(one: typeof points[0]) => number} */ y) => `M${points.map((one) => `${one.at.toFixed(1)} ${y(one).toFixed(1)}`).join("L")}`
      vector("path", { class: "curve", d: path(({ rates }) => yRate(rates[rates.length - 1])) }, back)
      vector("path", { class: "curve mom", d: path(({ mom }) => yMom(mom)) }, back)
      first += count
    }
    vector("line", { class: "rule", x1: TIME.left, x2: right, y1: TIME.bottom, y2: TIME.bottom }, back)
    vector("line", { class: "rule", x1: TIME.left, x2: right, y1: TIME.middle, y2: TIME.middle }, back)
    for (const [value, at] of [[top, TIME.top + 4], [0, TIME.middle]]) vector("text", { class: "tick", x: TIME.left - 5, y: at + 3, "text-anchor": "end" }, back, rateWords(value))
    for (const mom of [0.95, 0.85]) vector("text", { class: "tick", x: TIME.left - 5, y: yMom(mom) + 4, "text-anchor": "end" }, back, `${mom}`)
    vector("text", { class: "axis", x: 0, y: TIME.top - 18 }, back, "rate of the head")
    vector("text", { class: "axis", x: TIME.left + 5, y: TIME.bottom - 6 }, back, "momentum")
    vector("text", { class: "axis", x: right, y: TIME.bottom + 30, "text-anchor": "end" }, back, "epochs")
  }

  // What moves with the cursor.
  place() {
    if (!this.fits || !this.recipe || !this.drawn || !this.x || !this.y) return
    const now = moment(this.fits, this.recipe.batches, this.step)
    this.cursor.setAttribute("transform", `translate(${this.x(this.step).toFixed(1)} 0)`)
    for (const [at, { layers, bars, rate }] of this.drawn.entries()) {
      const learns = now.fit.learns[at]
      const y = this.y(Math.max(LOWEST + 0.1, Math.log10(now.rates[at])))
      for (const layer of layers) layer.setAttribute("class", `layer ${learns ? "lit" : "frozen"}`)
      for (const bar of bars) {
        bar.setAttribute("class", `bar ${learns ? "lit" : "frozen"}`)
        bar.setAttribute("y", y.toFixed(1))
        bar.setAttribute("height", (BARS.bottom - y).toFixed(1))
      }
      write(rate, rateWords(now.rates[at]))
    }
    write(this.words, this.sentence())
    this.tell()
  }

  sentence() {
    if (!this.fits || !this.recipe) return ""
    const { fit, epoch, batch, rates, mom } = moment(this.fits, this.recipe.batches, this.step)
    const head = rateWords(rates[rates.length - 1])
    const where = `${fit.name === "frozen" ? "Frozen" : "Unfrozen"} epoch ${epoch + 1} of ${fit.epochs}, batch ${batch + 1} of ${this.recipe.batches}`
    const what =
      fit.name === "frozen"
        ? `only the head learns, at ${head}. ${ofBody(this.recipe.norms, rateWords(rates[0]))}`
        : `all layers learn, the first at ${rateWords(rates[0])}, the head at ${head}.`
    return `${where}: ${what} Momentum ${mom.toFixed(3)}.`
  }

  remove() {
    this.player.pause()
    this.follow.cancel()
    this.surface.remove()
  }
}

/**
 * What of the body learns while it is frozen.
 * @param {string[] | null} norms
 * @param {string} rate
 */
export function ofBody(norms, rate) {
  if (!norms) return `Of the body only batch, instance and layer norm do (train_bn), where it has any, at ${rate}.`
  if (!norms.length) return "Of the body nothing does: it has no batch, instance or layer norm."
  return `Of the body only ${norms.join(" and ")} ${norms.length > 1 ? "do" : "does"} (train_bn), at ${rate}.`
}
