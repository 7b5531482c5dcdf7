// The threshold lab in the browser: drag a threshold and every number follows, without asking the server.
// Names come from data sets that nobody checked, so text is only ever set with textContent.

import { eachFrame } from "../shared/drag.js"
import { KEY_STEPS } from "./chart.js"
import { Drawing, equal } from "./drawing.js"
import { fetched } from "./fetched.js"
import { Sweeps } from "./sweeps.js"

const SETTLE_MS = 350 // after the last key Python's side follows
const MOST_STEPS_BACK = 100
/** @typedef {import("./numbers.js").Curve} Curve */
/** @typedef {import("./types.js").Fixed} Fixed */
/** @typedef {import("./types.js").Chosen} Chosen */
/** @typedef {import("./types.js").Data} Data */

/** @type {WeakMap<HTMLElement, Lab>} */
const labs = new WeakMap() // by parentElement

/** @param {{ data: Data, parentElement: HTMLElement, setStateValue: (name: string, value: unknown) => void, ask?: typeof fetched }} component `ask` answers addresses */
export default function lab({ data, parentElement, setStateValue, ask = fetched }) {
  const lab = labs.get(parentElement) ?? new Lab(/** @type {HTMLElement} */ (parentElement.querySelector(".lab")), ask)
  labs.set(parentElement, lab)
  lab.send = (value) => setStateValue("chosen", value)
  lab.show(data)
  return () => {
    labs.get(parentElement)?.remove()
    labs.delete(parentElement)
  }
}

export class Lab {
  /**
   * @param {HTMLElement} root
   * @param {typeof fetched} ask
   */
  constructor(root, ask) {
    this.ask = ask
    /** @type {number[][]} */
    this.past = [] // thresholds to go back to
    /** @type {(value: unknown) => void} */
    this.send = () => {} // tells Python
    this.sent = 0 // number of the last choice that was told
    // `show` and `draw` set what is `unset` before it is needed.
    this.fixed = /** @type {Fixed} */ (unset)
    this.curve = /** @type {Curve} */ (unset)
    this.indices = /** @type {number[]} */ (unset)
    this.before = /** @type {number[]} */ (unset)
    this.rights = /** @type {{ indices: number[], of: number[] }} */ (unset)
    this.label = /** @type {number | null} */ (null)
    this.head = /** @type {string | undefined} */ (undefined)
    this.choice = /** @type {string | undefined} */ (undefined)
    this.from = /** @type {number[] | null} */ (null) // where the thresholds were before somebody dragged
    this.shown = 0 // the part whose numbers come first
    this.sweeps = /** @type {Sweeps} */ (unset)
    this.later = eachFrame(() => this.follow())
    this.timer = /** @type {number | undefined} */ (undefined)
    this.drawing = new Drawing(root, this)
  }

  // --- what Python says ------------------------------------------------------------------------------------

  /** @param {Data} data */
  show(data) {
    const [head, choice] = [JSON.stringify(data.fixed), JSON.stringify(data.chosen)]
    const late = data.heard < this.sent // the answer to a choice that another one followed: that one's answer comes
    if (head !== this.head) {
      this.head = head
      this.fixed = data.fixed
      this.past = []
      this.sent = data.heard
      this.adopt(data)
      this.load()
    } else if (late) return
    else if (choice !== this.choice && !this.from) this.adopt(data)
    this.choice = choice
    this.shown = data.shown
    this.drawing.pictures.show(data.beside)
    this.rights = { indices: data.chosen.indices, of: data.rights }
    this.draw()
  }

  /** @param {{ chosen: Chosen }} data */
  adopt({ chosen }) {
    clearTimeout(this.timer)
    if (this.indices?.length === chosen.indices.length && !equal(this.indices, chosen.indices)) this.remember([...this.indices])
    this.indices = [...chosen.indices]
    this.before = [...chosen.before]
    this.label = chosen.label
    this.curve = this.fixed.curves.find(({ name }) => name === chosen.curve) ?? this.fixed.curves[0]
    if (!this.curve.of_one && this.label !== null) this.curve = this.fixed.curves[0]
  }

  // The counts of the first part, null until they are here.
  get counts() {
    return this.sweeps.parts[0] ?? null
  }

  async load() {
    const sweeps = (this.sweeps = new Sweeps(this.fixed, this.ask))
    this.drawing.say("Counting …")
    const refusal = await sweeps.load()
    if (sweeps !== this.sweeps) return
    this.drawing.say(refusal)
    if (refusal) return
    this.drawing.begin(this)
    this.draw()
  }

  async band() {
    const sweeps = this.sweeps
    const refusal = await sweeps.loadBand(this.label)
    if (sweeps !== this.sweeps || refusal === null) return
    this.drawing.say(refusal)
    if (!refusal) this.draw()
  }

  // --- what people do --------------------------------------------------------------------------------------

  /**
   * @param {number | null} label
   * @param {number} index
   */
  drag(label, index) {
    this.change(() => (label === null ? this.indices.fill(index) : (this.indices[label] = index)))
  }

  /** @param {() => void} move */
  change(move) {
    const first = !this.from
    this.from ??= [...this.indices]
    move()
    first ? this.draw() : this.later() // the line where it came from is drawn once
  }

  drop() {
    const from = this.from
    this.from = null
    if (!from || equal(from, this.indices)) return this.draw()
    this.before = from
    this.sendChoice()
    this.remember(from)
    requestAnimationFrame(() => this.draw()) // the server works meanwhile
  }

  cancel() {
    clearTimeout(this.timer)
    if (this.from) this.indices = this.from
    this.from = null
    this.draw()
  }

  /** @param {number[]} indices */
  remember(indices) {
    this.past.push(indices)
    if (this.past.length > MOST_STEPS_BACK) this.past.shift()
    this.drawing.bar.settle(this)
  }

  back() {
    if (this.from) { // not released yet: what is undone is just that
      this.drawing.chart.end()
      return this.cancel()
    }
    const last = this.past.pop()
    if (!last) return
    this.before = [...this.indices]
    this.indices = last
    this.drawing.bar.settle(this)
    this.sendChoice()
    this.draw()
  }

  /** @param {{ label?: number | null, curve?: Curve }} choice */
  choose({ label = this.label, curve = this.curve }) {
    if (label !== null && !curve.of_one) curve = this.fixed.curves[0]
    this.label = label
    this.curve = curve
    this.sendChoice()
    this.drawing.bar.draw(this)
    this.draw()
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.from) {
      this.drawing.chart.end()
      return this.cancel()
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "z") {
      event.preventDefault()
      return this.back()
    }
    const last = (this.counts?.steps ?? 1) - 1
    const now = this.label === null ? this.indices[0] : this.indices[this.label]
    const step = event.shiftKey ? Math.sign(KEY_STEPS[event.key]) : KEY_STEPS[event.key]
    const wanted = /** @type {Record<string, number>} */ ({ Home: 0, End: last })[event.key] ?? now + step
    if (!Number.isFinite(wanted) || !last) return
    event.preventDefault()
    event.stopPropagation()
    /** @param {number} index */
    const within = (index) => Math.min(last, Math.max(0, index))
    // Where labels have different thresholds a step moves all of them; one for all would be a surprise.
    if (Number.isFinite(step) && this.label === null && !equal(this.indices, this.indices.map(() => now))) {
      this.change(() => (this.indices = this.indices.map((index) => within(index + step))))
    } else this.drag(this.label, within(wanted))
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.drop(), SETTLE_MS)
  }

  sendChoice() {
    this.sent += 1
    this.send({ indices: [...this.indices], label: this.label, curve: this.curve.name, number: this.sent })
  }

  // --- what is drawn ---------------------------------------------------------------------------------------

  draw() {
    this.drawing.draw(this)
  }

  follow() {
    this.drawing.follow(this)
  }

  remove() {
    clearTimeout(this.timer)
    this.later.cancel()
    this.drawing.remove()
  }
}

/** @type {any} */
const unset = undefined // a field that has no value yet
