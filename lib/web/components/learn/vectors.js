// Labels as text and as a one-hot vector; computes only.

export const UNKNOWN = -1

/** @type {Record<string, string>} what may stand between labels, and what it is called */
const DELIMITERS = { " ": "a space", ";": "a semicolon", "|": "a vertical bar", ",": "a comma", "/": "a slash", "~": "a tilde" }

/**
 * What stands between labels that are typed: a space, or the first character after it that no name has.
 * @param {string[]} names
 */
export function delimiterOf(names) {
  return Object.keys(DELIMITERS).find((one) => !names.some((name) => name.includes(one))) ?? ";"
}

/** @param {string[]} names */
export function delimiterWords(names) {
  return DELIMITERS[delimiterOf(names)]
}

/**
 * The vector of labels as a table has them, and the words that are in no vocabulary.
 * @param {string} text
 * @param {string[]} names
 * @param {number[]} [before] the vector before anything was typed: what is unknown there is so until it is named
 */
export function encode(text, names, before = []) {
  const words = text.split(delimiterOf(names)).map((word) => word.trim()).filter((word) => word)
  return { vector: names.map((name, at) => (words.includes(name) ? 1 : before[at] === UNKNOWN ? UNKNOWN : 0)), missing: words.filter((word) => !names.includes(word)) }
}

/**
 * @param {number[]} vector
 * @param {string[]} names
 */
export function decode(vector, names) {
  const between = delimiterOf(names)
  return names.filter((_, at) => vector[at] === 1).join(between === " " ? between : `${between} `)
}

/**
 * The vector as torch prints it.
 * @param {number[]} vector
 */
export function printed(vector) {
  return `tensor([${vector.map((cell) => (cell === UNKNOWN ? "nan" : `${cell}.`)).join(", ")}])`
}

/**
 * What a vector of the whole vocabulary says.
 * @param {number[]} vector
 * @param {string[]} missing words that were typed and are in no vocabulary
 */
export function vectorWords(vector, missing) {
  if (missing.length) {
    const quoted = missing.map((word) => `“${word}”`).join(", ")
    const [are, cells] = missing.length > 1 ? ["are", "they have no cells"] : ["is", "it has no cell"]
    return `${quoted} ${are} not in the vocabulary, so ${cells}: fastai stops with “Labels '${missing.join("', '")}' were not included in the training dataset”.`
  }
  const unknown = vector.filter((cell) => cell === UNKNOWN).length
  if (unknown) {
    return (
      `${unknown} unknown: not 0. Manyhot leaves such a cell out of the loss and of every metric. fastai alone does not: with NaN in a target its ` +
      "loss is NaN, and accuracy_multi counts the cell as a 1."
    )
  }
  const on = vector.filter((cell) => cell === 1).length
  if (!on) return "All zeros. That is a target like any other: “none of these”."
  const rest = on === 1 ? "A class index could say this too." : "No class index can say this: a vector can."
  return `${on} of ${vector.length} cells ${on === 1 ? "is" : "are"} 1. ${rest}`
}
