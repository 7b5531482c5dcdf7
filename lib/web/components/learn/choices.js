// The choices of `fine_tune`, typed or dragged, and those of the book and of one's own run to begin with.

import { element } from "../shared/dom.js"
import { range } from "./range.js"
import { rateWords } from "./rates.js"
import { segments } from "./segments.js"

/** @typedef {import("./fine_tuning.js").Recipe} Recipe */
/** @typedef {"epochs" | "freezeEpochs" | "baseLr" | "lrMult"} Name */

const MOST_EPOCHS = 12
/** @type {[Name, string, number, number][]} from and to; of rates and their ratio the powers of ten */
const WIDGETS = [["freezeEpochs", "freeze_epochs", 0, MOST_EPOCHS], ["epochs", "epochs", 1, MOST_EPOCHS], ["baseLr", "base_lr", -5, -1], ["lrMult", "lr_mult", 0, 3]]

/**
 * Ends of a slider that reach what it begins with: a run may have more epochs than the book.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function reach(value, low, high) {
  return [Math.min(low, value), Math.max(high, value)]
}

export class Choices {
  /** @param {(recipe: Recipe) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange
    this.root = element("div", "choices-line")
    /** @type {Recipe | null} */
    this.recipe = null
  }

  /** @param {Recipe[]} recipes */
  show(recipes) {
    const titles = recipes.map(({ title }, at) => /** @type {[string, string]} */ ([`${at}`, title]))
    const widgets = element("div", "widgets")
    const take = (/** @type {number} */ at) => {
      this.recipe = { ...recipes[at] }
      widgets.replaceChildren(...WIDGETS.map(([name, title, low, high]) => this.widget(name, title, low, high)))
      this.onChange(this.recipe)
    }
    const from = recipes.length > 1 ? [segments("Whose choices", titles, "0", (at) => take(Number(at)))] : []
    this.root.replaceChildren(...from, widgets)
    take(0)
  }

  /**
   * @param {Name} name
   * @param {string} title
   * @param {number} low
   * @param {number} high
   */
  widget(name, title, low, high) {
    const recipe = /** @type {Recipe} */ (this.recipe)
    const isPower = name === "baseLr" || name === "lrMult"
    const get = () => (isPower ? Math.log10(recipe[name]) : recipe[name])
    const set = (/** @type {number} */ value) => {
      recipe[name] = isPower ? Number((10 ** value).toPrecision(3)) : value
      this.onChange(recipe)
    }
    const [min, max] = reach(get(), low, high)
    return range({ title, min, max, step: isPower ? 0.05 : 1, get, set, words: () => rateWords(recipe[name]) }).root
  }
}
