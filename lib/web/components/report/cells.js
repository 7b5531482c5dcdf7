// Every label of every image of one split: at which thresholds it is predicted, and whether it is true.

const UNKNOWN = 3 // in the place of the truth, which is 0 or 1

export class Cells {
  /**
   * @param {ArrayBuffer} buffer what `lib.export.report.drag.cells` packed: a number for each label of each image
   * @param {number} labels
   */
  constructor(buffer, labels) {
    this.cells = new Uint16Array(buffer)
    this.labels = labels
    this.images = labels ? this.cells.length / labels : 0
  }

  /**
   * Images of which every known label is right, among those with a known label: `n_right` of lib/metrics/sweep.py.
   * @param {number[]} indices of the thresholds, one a label
   */
  right(indices) {
    let count = 0
    for (let image = 0, at = 0; image < this.images; image++, at += this.labels) {
      let [known, right] = [false, true]
      for (let c = 0; c < this.labels; c++) {
        const cell = this.cells[at + c]
        const truth = cell & 3
        if (truth === UNKNOWN) continue
        known = true
        if (+(indices[c] < cell >> 2) !== truth) right = false
      }
      if (known && right) count++
    }
    return count
  }

  /**
   * Images of which a prediction is another one now than before, of one label or, where `label` is null, of any.
   * @param {number[]} before
   * @param {number[]} now
   * @param {number | null} label
   */
  changed(before, now, label) {
    const moved = now.map((_, c) => c).filter((c) => before[c] !== now[c] && (label === null || label === c))
    let count = 0
    for (let image = 0, at = 0; image < this.images; image++, at += this.labels) {
      if (moved.some((c) => (before[c] < this.cells[at + c] >> 2) !== (now[c] < this.cells[at + c] >> 2))) count++
    }
    return count
  }
}

/**
 * Bytes that were packed by gzip and written in base64.
 * @param {string} packed
 */
export async function unpacked(packed) {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer()
}
