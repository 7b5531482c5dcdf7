// Blocks of the matrix that were fetched; those used last are kept.

const BLOCK = 128 // rows, and columns
const MOST_BLOCKS = 80
const AGAIN_BLOCKS_MS = 3000 // after which what could not be fetched is asked for again

/** @typedef {{rows: number[], files: string[], splits: string[], labels: number[], unknown: number[]}} BlockHead */

export class Blocks {
  /**
   * @param {string} url
   * @param {number} rows
   * @param {number} columns
   * @param {() => void} arrived
   */
  constructor(url, rows, columns, arrived) {
    this.url = url
    this.rows = rows
    this.columns = columns
    this.arrived = arrived
    this.refusal = ""
    /** @type {Map<string, {head: BlockHead, cells: Int8Array, width: number}>} */
    this.kept = new Map() // "row block:column block" -> { head, cells, width }
    /** @type {Map<string, AbortController>} */
    this.asked = new Map() // the same -> AbortController
    /** @type {Set<string>} */
    this.wanted = new Set()
  }

  /**
   * Fetch what rows and columns (first, last) need, and nothing that is not needed any more.
   * @param {[number, number]} rows
   * @param {[number, number]} columns
   */
  want([top, bottom], [left, right]) {
    this.wanted.clear()
    for (let down = Math.floor(top / BLOCK); down * BLOCK <= bottom; down++) {
      for (let across = Math.floor(left / BLOCK); across * BLOCK <= right; across++) this.wanted.add(`${down}:${across}`)
    }
    for (const [name, controller] of this.asked) if (!this.wanted.has(name)) controller.abort()
    for (const name of this.wanted) if (!this.kept.has(name) && !this.asked.has(name)) this.fetch(name)
  }

  /** @param {string} name */
  async fetch(name) {
    const [down, across] = name.split(":").map(Number)
    const controller = new AbortController()
    this.asked.set(name, controller)
    try {
      const place = `&first=${down * BLOCK}&rows=${BLOCK}&left=${across * BLOCK}&columns=${BLOCK}`
      const answer = await fetch(this.url + place, { signal: controller.signal })
      if (!answer.ok) throw new Error(await answer.text())
      this.keep(name, await answer.arrayBuffer())
      this.refusal = ""
    } catch (error) {
      if (controller.signal.aborted) return
      this.refusal = `The matrix could not be loaded. ${/** @type {Error} */ (error).message}`
      setTimeout(() => this.asked.delete(name) && this.arrived(), AGAIN_BLOCKS_MS)
      return this.arrived()
    } finally {
      if (controller.signal.aborted || this.kept.has(name)) this.asked.delete(name)
    }
    this.arrived()
  }

  /**
   * @param {string} name
   * @param {ArrayBuffer} buffer the length of a head as JSON, the head, and the cells row by row
   */
  keep(name, buffer) {
    const length = new DataView(buffer).getUint32(0, true)
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
    const cells = new Int8Array(buffer, 4 + length)
    this.kept.set(name, { head, cells, width: head.rows.length ? cells.length / head.rows.length : 0 })
    for (const old of this.kept.keys()) {
      if (this.kept.size <= MOST_BLOCKS) break
      if (!this.wanted.has(old)) this.kept.delete(old)
    }
  }

  // Whether everything on the screen is there, or cannot be.
  settled() {
    return this.refusal !== "" || [...this.wanted].every((name) => this.kept.has(name))
  }

  /**
   * 1, 0, -1 (nobody knows), or undefined: not here yet.
   * @param {number} row
   * @param {number} column
   */
  cell(row, column) {
    const block = this.kept.get(`${Math.floor(row / BLOCK)}:${Math.floor(column / BLOCK)}`)
    return block?.cells[(row % BLOCK) * block.width + (column % BLOCK)]
  }

  /**
   * What is known of an image: its row in the dataset, file, split, and how many labels it has; undefined: not yet.
   * @param {number} place
   */
  row(place) {
    const [down, at] = [Math.floor(place / BLOCK), place % BLOCK]
    for (let across = 0; across * BLOCK < Math.max(1, this.columns); across++) {
      const head = this.kept.get(`${down}:${across}`)?.head
      if (!head) continue
      const [row, file, split] = [head.rows[at], head.files[at], head.splits[at]]
      return { row, file, split, labels: head.labels[at], unknown: head.unknown[at] }
    }
  }

  stop() {
    for (const controller of this.asked.values()) controller.abort()
  }
}
