// Labels as text and as a one-hot vector; computes only.

export const UNKNOWN = -1

/**
 * What stands between labels in a table's cell: a space, unless names have some.
 * @param {string[]} names
 */
export function delimiterOf(names) {
  return names.some((name) => name.includes(" ")) ? ";" : " "
}

/**
 * The vector of labels as a table has them, and the words that are in no vocabulary.
 * @param {string} text
 * @param {string[]} names
 */
export function encode(text, names) {
  const words = text.split(delimiterOf(names)).map((word) => word.trim()).filter((word) => word)
  return { vector: names.map((name) => (words.includes(name) ? 1 : 0)), missing: words.filter((word) => !names.includes(word)) }
}

/**
 * @param {number[]} vector
 * @param {string[]} names
 */
export function decode(vector, names) {
  const between = delimiterOf(names)
  return names.filter((_, at) => vector[at] === 1).join(between === ";" ? "; " : between)
}

/**
 * The vector as torch prints it.
 * @param {number[]} vector
 */
export function printed(vector) {
  return `tensor([${vector.map((cell) => (cell === UNKNOWN ? "nan" : `${cell}.`)).join(", ")}])`
}
