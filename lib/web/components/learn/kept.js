// What a browser keeps of the Learn page, by name; without a storage as long as the page is.

export class Kept {
  /**
   * @param {string} key in the storage
   * @param {Pick<Storage, "getItem" | "setItem"> | null} [storage]
   */
  constructor(key, storage = usual()) {
    this.key = key
    this.storage = storage
    /** @type {Record<string, unknown>} */
    this.values = {}
    try {
      const values = JSON.parse(storage?.getItem(key) ?? "{}")
      if (values && typeof values === "object" && !Array.isArray(values)) this.values = values
    } catch {
      this.values = {} // of another program, or cut off
    }
  }

  /** @param {string} name */
  get(name) {
    return Object.hasOwn(this.values, name) ? this.values[name] : null
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    this.values[name] = value
    try {
      this.storage?.setItem(this.key, JSON.stringify(this.values))
    } catch {
      this.storage = null // full or forbidden
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
