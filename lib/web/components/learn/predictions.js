// What was predicted of each experiment, kept in this browser.

import { Kept } from "./kept.js"

export class Predictions {
  constructor() {
    this.kept = new Kept("manyhot-learn-predictions")
  }

  /**
   * The option that was predicted, null if none was.
   * @param {string} key
   * @returns {number | null}
   */
  of(key) {
    const option = this.kept.get(key)
    return typeof option === "number" && Number.isInteger(option) && option >= 0 ? option : null
  }

  /**
   * @param {string} key
   * @param {number} option
   */
  keep(key, option) {
    this.kept.set(key, option)
  }
}
