// Counts in sentences, as `lib/core/sentences.py` writes them.

/**
 * How many there are, with thousands apart, and of what.
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function countOf(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`
}
