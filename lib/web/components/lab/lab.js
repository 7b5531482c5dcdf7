// The threshold lab in the browser: drag a threshold and every number follows, without asking the server.
// Names come from data sets that nobody checked, so text is only ever set with textContent.

import { element, write } from "../shared/dom.js"
import { KEY_STEPS, SweepChart } from "./chart.js"
import { fetched } from "./fetched.js"
import { FORMULAS, digits, largest, SplitCounts } from "./numbers.js"
import { Tiles } from "./tiles.js"
import { flipWords, Readout, Strip, Toolbar } from "./words.js"

const SETTLE_MS = 350 // after the last key Python's side follows
const AGAIN_MS = 5000 // after which what the server refused is asked for again
const MOST_STEPS_BACK = 100
/** @typedef {import("./numbers.js").Curve} Curve */
/** @typedef {import("./numbers.js").Counts} Counts */
/** @typedef {import("./types.js").Band} Band */
/** @typedef {import("./types.js").Fixed} Fixed */
/** @typedef {import("./types.js").Chosen} Chosen */
/** @typedef {import("./types.js").Data} Data */

/** @type {WeakMap<HTMLElement, Lab>} */
const labs = new WeakMap() // by parentElement

/** @param {{ data: Data, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void }} component */
export default function lab({ data, parentElement, setStateValue }) {
  const lab = labs.get(parentElement) ?? new Lab(/** @type {HTMLElement} */ (parentElement.querySelector(".lab")))
  labs.set(parentElement, lab)
  lab.send = (value) => setStateValue("chosen", value)
  lab.show(data)
  return () => {
    labs.get(parentElement)?.remove()
    labs.delete(parentElement)
  }
}

export class Lab {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    /** @type {number[][]} */
    this.past = [] // thresholds to go back to
    /** @type {(value: unknown) => void} */
    this.send = () => {} // tells Python
    this.sent = 0 // number of the last choice that was told
    // `show` and `draw` set what is `unset` before it is needed.
    this.fixed = /** @type {Fixed} */ (unset)
    this.curve = /** @type {Curve} */ (unset)
    this.cuts = /** @type {number[]} */ (unset)
    this.before = /** @type {number[]} */ (unset)
    this.rights = /** @type {{ cuts: number[], of: number[] }} */ (unset)
    this.label = /** @type {number | null} */ (null)
    this.head = /** @type {string | undefined} */ (undefined)
    this.choice = /** @type {string | undefined} */ (undefined)
    this.from = /** @type {number[] | null} */ (null) // where the thresholds were before somebody dragged
    /** @type {SplitCounts[]} */
    this.parts = []
    this.counts = /** @type {SplitCounts | null} */ (null) // those of the first part, once they are here
    /** @type {Record<string, Record<string, Band> | null>} */
    this.bands = {}
    this.frame = /** @type {number | null} */ (null)
    this.timer = /** @type {number | undefined} */ (undefined)
    this.drawn = /** @type {string | undefined} */ (undefined)
    this.best = /** @type {ReturnType<typeof largest>} */ (null)
    this.content = /** @type {Omit<import("./types.js").Content, "before">} */ (unset)
    this.bar = new Toolbar(this)
    const plot = element("div", "large")
    this.readout = new Readout()
    this.flipped = element("p", "flips")
    this.strip = new Strip()
    const tiles = element("div", "multiples")
    this.message = element("p", "message", "Counting …")
    root.replaceChildren(this.bar.root, this.message, plot, this.flipped, this.strip.root, this.readout.root, tiles)
    this.chart = new SweepChart(plot, {
      onDrag: (cut) => this.drag(this.label, cut),
      onDrop: () => this.drop(),
      onCancel: () => this.cancel(),
      onKey: (event) => this.key(event),
    })
    this.tiles = new Tiles(tiles, {
      onDrag: (label, cut) => this.drag(label, cut),
      onDrop: () => this.drop(),
      onCancel: () => this.cancel(),
      onShow: (label) => this.choose({ label: label === this.label ? null : label }),
    })
    this.plot = plot
    this.sizes = new ResizeObserver(() => this.draw())
    this.sizes.observe(plot)
  }

  // --- what Python says ------------------------------------------------------------------------------------

  /** @param {Data} data */
  show(data) {
    const [head, choice] = [JSON.stringify(data.fixed), JSON.stringify(data.chosen)]
    const late = data.heard < this.sent // the answer to a choice that another one followed: that one's answer comes
    if (head !== this.head) {
      this.head = head
      this.fixed = data.fixed
      this.counts = null
      this.bands = {}
      this.past = []
      this.sent = data.heard
      this.adopt(data)
      this.load()
    } else if (late) return
    else if (choice !== this.choice && !this.from) this.adopt(data)
    this.choice = choice
    this.strip.show(data.strip)
    this.rights = { cuts: data.chosen.cuts, of: data.rights }
    this.draw()
  }

  /** @param {{ chosen: Chosen }} data */
  adopt({ chosen }) {
    clearTimeout(this.timer)
    if (this.cuts?.length === chosen.cuts.length && !equal(this.cuts, chosen.cuts)) this.remember([...this.cuts])
    this.cuts = [...chosen.cuts]
    this.before = [...chosen.before]
    this.label = chosen.label
    this.curve = this.fixed.curves.find(({ name }) => name === chosen.curve) ?? this.fixed.curves[0]
    if (!this.curve.of_one && this.label !== null) this.curve = this.fixed.curves[0]
  }

  async load() {
    const head = this.head
    this.message.hidden = false
    this.message.textContent = "Counting …"
    const answers = await Promise.all(this.fixed.parts.map(({ url }) => fetched(url)))
    if (head !== this.head) return
    const refused = answers.find(({ refusal }) => refusal)
    if (refused) return void (this.message.textContent = `The counts could not be loaded. ${refused.refusal}`)
    this.parts = answers.map(({ buffer }) => new SplitCounts(/** @type {ArrayBuffer} */ (buffer)))
    this.counts = this.parts[0]
    this.message.hidden = true
    this.bar.draw(this)
    const { names, noun } = this.fixed
    this.tiles.build({ names, noun, counts: this.counts })
    this.draw()
  }

  async band() {
    const key = `${this.label ?? "all"}`
    if (key in this.bands) return this.bands[key]
    this.bands[key] = null
    const [head, url] = [this.head, this.fixed.band + (this.label === null ? "" : `&label=${this.label}`)]
    const { buffer, refusal } = await fetched(url)
    if (head !== this.head) return null
    this.message.hidden = !refusal
    if (refusal) {
      this.message.textContent = `How sure the curve is could not be worked out. ${refusal}`
      setTimeout(() => delete this.bands[key], AGAIN_MS) // the curve stands without it; it is asked for again
      return null
    }
    this.bands[key] = JSON.parse(new TextDecoder().decode(buffer))
    this.draw()
    return null
  }

  // --- what people do --------------------------------------------------------------------------------------

  /**
   * @param {number | null} label
   * @param {number} cut
   */
  drag(label, cut) {
    this.change(() => (label === null ? this.cuts.fill(cut) : (this.cuts[label] = cut)))
  }

  /** @param {() => void} move */
  change(move) {
    const first = !this.from
    this.from ??= [...this.cuts]
    move()
    first ? this.draw() : this.later() // the line where it came from is drawn once
  }

  drop() {
    const from = this.from
    this.from = null
    if (!from || equal(from, this.cuts)) return this.draw()
    this.before = from
    this.sendChoice()
    this.remember(from)
    requestAnimationFrame(() => this.draw()) // the server works meanwhile
  }

  cancel() {
    clearTimeout(this.timer)
    if (this.from) this.cuts = this.from
    this.from = null
    this.draw()
  }

  /** @param {number[]} cuts */
  remember(cuts) {
    this.past.push(cuts)
    if (this.past.length > MOST_STEPS_BACK) this.past.shift()
    this.bar.settle(this)
  }

  back() {
    if (this.from) { // not released yet: what is undone is just that
      this.chart.end()
      return this.cancel()
    }
    const last = this.past.pop()
    if (!last) return
    this.before = [...this.cuts]
    this.cuts = last
    this.bar.settle(this)
    this.sendChoice()
    this.draw()
  }

  /** @param {{ label?: number | null, curve?: Curve }} choice */
  choose({ label = this.label, curve = this.curve }) {
    if (label !== null && !curve.of_one) curve = this.fixed.curves[0]
    this.label = label
    this.curve = curve
    this.sendChoice()
    this.bar.draw(this)
    this.draw()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.from) {
      this.chart.end()
      return this.cancel()
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault()
      return this.back()
    }
    const last = this.counts ? this.counts.steps - 1 : 0
    const now = this.label === null ? this.cuts[0] : this.cuts[this.label]
    const step = event.shiftKey ? Math.sign(KEY_STEPS[event.key]) : KEY_STEPS[event.key]
    const wanted = /** @type {Record<string, number>} */ ({ Home: 0, End: last })[event.key] ?? now + step
    if (!Number.isFinite(wanted) || !last) return
    event.preventDefault()
    event.stopPropagation()
    /** @param {number} cut */
    const within = (cut) => Math.min(last, Math.max(0, cut))
    // Where labels have different thresholds a step moves all of them; one for all would be a surprise.
    if (Number.isFinite(step) && this.label === null && !equal(this.cuts, this.cuts.map(() => now))) {
      this.change(() => (this.cuts = this.cuts.map((cut) => within(cut + step))))
    } else this.drag(this.label, within(wanted))
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.drop(), SETTLE_MS)
  }

  sendChoice() {
    this.sent += 1
    this.send({ cuts: [...this.cuts], label: this.label, curve: this.curve.name, number: this.sent })
  }

  // --- what is drawn ---------------------------------------------------------------------------------------

  later() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      this.follow()
    })
  }

  draw() {
    const width = this.plot.clientWidth
    if (!this.counts || !width) return
    const { label, curve, fixed } = this
    const key = JSON.stringify([this.head, width, label, curve.name, this.bands[label ?? "all"] ? 1 : 0])
    if (key !== this.drawn) {
      this.drawn = key
      const [values, ...others] = this.parts.map((part) => part.curve(curve.name, label))
      this.best = curve.has_best ? largest(values, curve.larger_is_better) : null
      this.content = {
        curve, values, label, noun: fixed.noun, steps: this.counts.steps,
        title: fixed.parts[0].title, whose: label === null ? "Threshold" : `Threshold of ${fixed.names[label]}`,
        others: others.map((values, index) => ({ values, title: fixed.parts[index + 1].title })),
        band: this.bands[label ?? "all"]?.[curve.name],
        baseline: FORMULAS[curve.name](this.counts.baseline(label)),
        baselineTitle: fixed.baseline,
      }
      this.tiles.draw({ curve, cuts: this.cuts, label })
      this.readout.build(fixed, label)
      this.bar.draw(this)
      this.band()
    }
    this.chart.draw(width, { ...this.content, before: this.came() })
    this.follow()
  }

  // Where the line was before, null where that is no one place or where it still is.
  came() {
    const before = this.from ?? this.before
    if (this.label !== null) return before[this.label] === this.cuts[this.label] ? null : before[this.label]
    return before.every((cut) => cut === before[0]) && before[0] !== this.cuts[0] ? before[0] : null
  }

  // Everything that changes while the pointer moves, and nothing else.
  follow() {
    if (!this.counts || !this.readout.rows) return
    const { label, cuts, curve, fixed } = this
    const from = this.from ?? this.before
    const counted = equal(cuts, this.rights.cuts) // the server counted whole images at just these thresholds
    /** @type {(part: SplitCounts, which: number[], right?: number) => Counts} */
    const at = (part, which, right) => (label === null ? part.total(which, right) : part.of(label, which[label]))
    const counts = this.parts.map((part, index) => at(part, cuts, counted ? this.rights.of[index] : undefined))
    const before = at(this.counts, from)
    const base = this.counts.baseline(label)
    this.readout.write(counts, before, base, fixed)
    const mixed = label === null && cuts.some((cut) => cut !== cuts[0])
    const cut = label === null ? cuts[0] : cuts[label]
    const value = FORMULAS[curve.name](counts[0])
    const thresh = (cut / (this.counts.steps - 1)).toFixed(3)
    const spoken = `${mixed ? "each label its own" : thresh}: ${curve.title} ${digits(value)}, ${fixed.baseline} ${digits(FORMULAS[curve.name](base))}`
    this.chart.place(cut, value, spoken, mixed)
    this.tiles.place(cuts, label)
    this.bar.write(mixed ? null : thresh)
    write(this.flipped, flipWords(this.counts.flips(from, cuts, label), this.best, curve, this.counts.steps))
  }

  remove() {
    clearTimeout(this.timer)
    cancelAnimationFrame(this.frame ?? 0)
    this.sizes.disconnect()
    this.tiles.remove()
  }
}

/** @type {any} */
const unset = undefined // a field that has no value yet

/** @type {(a: number[], b: number[]) => boolean} */
const equal = (a, b) => a.every((value, index) => value === b[index])
