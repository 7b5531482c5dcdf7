// What the server counted for the threshold lab: the counts of every split, and how sure the curves of the first are.

import { SplitCounts } from "./numbers.js"

/** @typedef {import("./types.js").Band} Band */
/** @typedef {import("./types.js").Fixed} Fixed */

const AGAIN_MS = 5000 // after which what the server refused is asked for again

export class Sweeps {
  /**
   * @param {Fixed} fixed
   * @param {typeof import("./fetched.js").fetched} ask answers the addresses in it
   */
  constructor(fixed, ask) {
    this.fixed = fixed
    this.ask = ask
    /** @type {SplitCounts[]} */
    this.parts = [] // until they are here
    /** @type {Record<string, Record<string, Band> | null>} */
    this.bands = {} // by label, null where it was asked for
  }

  /** Fetches the counts; returns why they cannot be had, "" where they are here. */
  async load() {
    const answers = await Promise.all(this.fixed.parts.map(({ url }) => this.ask(url)))
    const refused = answers.find(({ refusal }) => refusal)
    if (refused) return `The counts could not be loaded. ${refused.refusal}`
    this.parts = answers.map(({ buffer }) => new SplitCounts(/** @type {ArrayBuffer} */ (buffer)))
    return ""
  }

  /**
   * The bands of one label's curves or, where `label` is null, of all together's; null where they are not here yet.
   * @param {number | null} label
   */
  band(label) {
    return this.bands[label ?? "all"] ?? null
  }

  /**
   * Fetches the bands; returns why they cannot be had, "" where they are here, null where they were asked for before.
   * @param {number | null} label
   */
  async loadBand(label) {
    const key = `${label ?? "all"}`
    if (key in this.bands) return null
    this.bands[key] = null
    const { buffer, refusal } = await this.ask(this.fixed.band + (label === null ? "" : `&label=${label}`))
    if (refusal) {
      setTimeout(() => delete this.bands[key], AGAIN_MS) // the curve stands without it
      return `How sure the curve is could not be worked out. ${refusal}`
    }
    this.bands[key] = JSON.parse(new TextDecoder().decode(buffer))
    return ""
  }
}
