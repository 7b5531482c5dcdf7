// Activations that are dragged, sigmoid and softmax of them side by side, and the loss step by step.

import { element } from "../shared/dom.js"
import { eachFrame } from "../shared/drag.js"
import { bce, bceCells, bceGradient, crossEntropy, crossEntropyGradient, fixed, knownOf, logSoftmax, oneClassWords, sigmoid, softmax, sum } from "./formulas.js"
import { LossBars } from "./loss_bars.js"
import { Numbers } from "./loss_numbers.js"
import { segments } from "./segments.js"
import { Table } from "./table.js"
import { UNKNOWN } from "./vectors.js"

/** @typedef {import("./types.js").Examples} Examples */
/** @typedef {import("./types.js").Figure} Figure */

const MOST = 5 // labels
const ONE = "one"
const SURE = 4 // activation of who is sure

/** @implements {Figure} */
export class Losses {
  /** @param {import("./types.js").Host} host */
  constructor({ root }) {
    this.kind = "any"
    /** @type {string[]} */
    this.names = []
    /** @type {number[]} */
    this.acts = []
    /** @type {number[]} */
    this.targs = []
    this.anyTargs = this.targs // those of “Any labels”, kept while “One class” has its own
    const kinds = segments(
      "What is predicted",
      [["any", "Any labels"], [ONE, "One class"], ["numbers", "Numbers"]],
      this.kind,
      (kind) => this.choose(kind),
    )
    this.later = eachFrame(() => this.draw())
    this.words = element("p", "words")
    this.labels = element("div", "labels")
    this.numbers = new Numbers()
    const figure = element("div", "bars")
    this.bars = new LossBars(figure, {
      onDrag: (at, act) => {
        this.acts[at] = act
        this.later()
      },
      onTarget: (at) => this.flip(at),
    })
    this.table = new Table("The loss, step by step")
    this.formula = element("p", "formula")
    this.presets = element("div", "acts")
    this.presets.append(
      this.preset("Sure of two", (at) => (at < 2 ? SURE : -SURE)),
      this.preset("Sure of none", () => -SURE),
      this.preset("Sure and right", (at) => [-SURE, SURE][this.targs[at]] ?? 0), // of what nobody knows there is no right
      this.preset("No idea", () => 0),
    )
    const steps = element("div", "steps")
    steps.append(this.formula, this.table.root, this.words, this.presets)
    this.labels.append(figure, steps)
    root.append(kinds, this.labels, this.numbers.root)
    this.choose(this.kind)
  }

  /**
   * @param {string} title
   * @param {(at: number) => number} act
   */
  preset(title, act) {
    const one = element("button", "act", title)
    one.type = "button"
    one.onclick = () => {
      this.acts = this.names.map((_, at) => act(at))
      this.draw()
    }
    return one
  }

  /** @param {Examples} examples */
  show({ names, targs }) {
    const row = targs[0]
    const present = names.filter((_, at) => row[at] === 1)
    const others = [0, UNKNOWN].flatMap((targ) => names.filter((_, at) => row[at] === targ)) // known ones first
    this.names = [...present.slice(0, MOST - 1), ...others].slice(0, MOST)
    this.targs = this.anyTargs = this.names.map((name) => row[names.indexOf(name)])
    this.acts = this.names.map((_, at) => [2, 0.5, -1, 1, -2][at])
    this.bars.name(this.names)
    this.choose(this.kind)
  }

  /** @param {string} kind */
  choose(kind) {
    if (this.kind !== ONE) this.anyTargs = this.targs
    this.kind = kind
    this.labels.hidden = kind === "numbers"
    this.numbers.root.hidden = kind !== "numbers"
    if (kind === ONE) this.only(Math.max(0, this.targs.indexOf(1)))
    else this.targs = this.anyTargs
    this.draw()
  }

  /** @param {number} at */
  only(at) {
    this.targs = this.names.map((_, number) => (number === at ? 1 : 0))
  }

  /** @param {number} at */
  flip(at) {
    if (this.kind === ONE) this.only(at)
    else this.targs[at] = this.targs[at] === 1 ? 0 : 1
    this.draw()
  }

  draw() {
    if (!this.names.length || this.kind === "numbers") return
    const one = this.kind === ONE
    const target = this.targs.indexOf(1)
    const gradient = one ? crossEntropyGradient(this.acts, target) : bceGradient(this.acts, this.targs)
    this.bars.show({ acts: this.acts, targs: this.targs, gradient, isOne: one })
    if (one) this.writeOne(target, gradient)
    else this.writeAny(gradient)
  }

  /**
   * @param {number} target
   * @param {number[]} gradient
   */
  writeOne(target, gradient) {
    const [logs, shares, powers] = [logSoftmax(this.acts), softmax(this.acts), this.acts.map(Math.exp)]
    const rows = this.names.map((name, at) => [
      name, fixed(this.acts[at], 2), fixed(powers[at], 3), fixed(shares[at]), fixed(logs[at]), fixed(gradient[at]),
    ])
    const loss = crossEntropy(this.acts, target)
    rows.push(["sum", "", fixed(sum(powers), 3), fixed(sum(shares)), "", ""], ["negative log likelihood", "", "", "", fixed(loss), ""])
    this.table.show(["label", "act", "exp(act)", "softmax", "log-softmax", "gradient"], rows, { total: true, marked: target })
    this.formula.textContent = `CrossEntropyLoss = negative log likelihood of log_softmax(acts) = −log_softmax(acts)[“${this.names[target]}”] = ${fixed(loss)}`
    this.words.textContent = oneClassWords(shares)
  }

  /** @param {number[]} gradient */
  writeAny(gradient) {
    const [cells, probs] = [bceCells(this.acts, this.targs), this.acts.map(sigmoid)]
    const rows = this.names.map((name, at) => [
      name, fixed(this.acts[at], 2), fixed(probs[at]),
      ...(this.targs[at] === UNKNOWN
        ? ["?", "", "left out", fixed(0)]
        : [`${this.targs[at]}`, fixed(this.targs[at] ? probs[at] : sigmoid(-this.acts[at])), fixed(cells[at]), fixed(gradient[at])]),
    ])
    const loss = bce(this.acts, this.targs)
    const known = knownOf(this.targs)
    rows.push([known < this.targs.length ? `mean of ${known} known` : "mean", "", "", "", "", fixed(loss), ""])
    this.table.show(["label", "act", "sigmoid", "target", "of truth", "−log", "gradient"], rows, { total: true })
    this.formula.textContent = `BCEWithLogitsLoss = mean of −log(probability of the truth) = ${fixed(loss)}`
    this.words.textContent =
      `Every cell is its own yes or no. The probabilities add up to ${fixed(sum(probs), 2)}, which may be 0 (“none”) or ` +
      `${this.names.length} (“all”): sigmoid looks at one activation only.`
  }

  remove() {
    this.later.cancel()
    this.bars.surface.remove()
    this.numbers.remove()
  }
}
