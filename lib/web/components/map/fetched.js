// What the addresses of a map answer.

/**
 * @typedef {object} Positions
 * @property {Uint32Array} rows of the dataset
 * @property {Float32Array} positions x and y of each in turn, from 0
 * @property {{ width: number, height: number }} size the farthest x and y
 */

const LEAST = 0.01 // of a side, also where all pictures stand at one place

/**
 * What an address answers, or why there is none: the server's own sentence, or that it cannot be reached.
 * @param {string} url
 * @returns {Promise<{ buffer?: ArrayBuffer, refusal?: string }>}
 */
export async function fetched(url) {
  const answer = await fetch(url).catch(() => null)
  if (!answer) return { refusal: "The server cannot be reached: reload the page." }
  return answer.ok ? { buffer: await answer.arrayBuffer() } : { refusal: (await answer.text()) || `Error ${answer.status}.` }
}

/**
 * @param {{ buffer?: ArrayBuffer, refusal?: string }} answer
 * @returns {{ all?: Positions, refusal?: string }}
 */
export function positionsOf({ buffer, refusal }) {
  if (!buffer) return { refusal }
  const n = new DataView(buffer).getUint32(0, true)
  const positions = new Float32Array(buffer, 4 + 4 * n, 2 * n)
  const size = { width: LEAST, height: LEAST }
  for (let at = 0; at < n; at++) {
    size.width = Math.max(size.width, positions[2 * at])
    size.height = Math.max(size.height, positions[2 * at + 1])
  }
  return { all: { rows: new Uint32Array(buffer, 4, n), positions, size } }
}
