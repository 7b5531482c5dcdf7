// What was predicted of each experiment, kept in this browser.

const KEPT = "manyhot-learn-predictions"

export class Predictions {
  /** @param {Pick<Storage, "getItem" | "setItem"> | null} [storage] */
  constructor(storage = usual()) {
    this.storage = storage
    /** @type {Record<string, unknown>} */
    this.kept = {}
    try {
      const kept = JSON.parse(storage?.getItem(KEPT) ?? "{}")
      if (kept && typeof kept === "object" && !Array.isArray(kept)) this.kept = kept
    } catch {
      this.kept = {} // of another program, or cut off
    }
  }

  /**
   * The option that was predicted, null if none was.
   * @param {string} key
   * @returns {number | null}
   */
  of(key) {
    const kept = Object.hasOwn(this.kept, key) ? this.kept[key] : null
    return typeof kept === "number" && Number.isInteger(kept) && kept >= 0 ? kept : null
  }

  /**
   * @param {string} key
   * @param {number} option
   */
  keep(key, option) {
    this.kept[key] = option
    try {
      this.storage?.setItem(KEPT, JSON.stringify(this.kept))
    } catch {
      this.storage = null // full or forbidden: it is kept as long as the page is
    }
  }
}

function usual() {
  try {
    return window.localStorage
  } catch {
    return null // forbidden by the browser's settings
  }
}
