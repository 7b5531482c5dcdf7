// Descriptions of a cell, a column and a row; numbers as people write them.

import { element } from "../shared/dom.js"
import { countOf } from "../shared/words.js"

/**
 * A label's number, name, and on how many of the images shown it is, of how many unknown; then the same of all images.
 * @typedef {[number, string, number, number, number, number]} Column
 * @typedef {{rows: number, all: number, columns: Column[], noun: string, nouns: string, largest?: number}} MatrixData
 * @typedef {{dataset: string, pictures: string, url: string, csv: string, order: string, by: [number, boolean] | null}} Addresses
 * @typedef {MatrixData & Addresses} Shown what Python sends; `by` is the label and whether it is sorted downwards
 */

/** @type {Record<string, string>} */
const VALUES = { 1: "present", 0: "absent", "-1": "unknown" }
const SEGMENTER = new Intl.Segmenter() // letters as people see them: an emoji may be seven code units
const TAIL_LETTERS = 7 // the end tells names apart: numbers, file types

/** @param {number} number */
export const whole = (number) => number.toLocaleString("en")
/** @param {string} text */
export const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1)

/**
 * 987, 12.3k, 1.2M: as wide as a column.
 * @param {number} number
 */
export function short(number) {
  if (number < 1000) return `${number}`
  /** @type {[number, string]} */
  const [value, unit] = number < 999_500 ? [number / 1000, "k"] : [number / 1e6, "M"]
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)}${unit}`
}

/**
 * @param {number} part
 * @param {number} all
 */
export function percent(part, all) {
  return all > 0 ? `${Number(((100 * part) / all).toPrecision(3))} %` : "not defined"
}

/**
 * Two spans: where there is no room the first one's end is left out.
 * @param {string} text
 */
export function cutInTheMiddle(text) {
  const letters = [...SEGMENTER.segment(text)].map(({ segment }) => segment)
  const cut = Math.max(0, letters.length - TAIL_LETTERS)
  return [element("span", "start", letters.slice(0, cut).join("")), element("span", "end", letters.slice(cut).join(""))]
}

/**
 * @param {Pick<MatrixData, "rows" | "all">} data
 * @param {Column} column
 */
export function columnWords(data, [, , present, unknown, allPresent, allUnknown]) {
  /** @type {(count: number, rows: number, missing: number) => string} */
  const words = (count, rows, missing) =>
    `${whole(count)} of ${whole(rows)} (${percent(count, rows - missing)}${missing ? ` of those known, ${whole(missing)} unknown` : ""})`
  const sentences = [`Images shown with it: ${words(present, data.rows, unknown)}`]
  if (data.rows !== data.all) sentences.push(`in all not excluded: ${whole(allPresent)}${allUnknown ? `, ${whole(allUnknown)} unknown` : ""}`)
  return sentences
}

/**
 * @param {{labels: number, unknown: number}} image
 * @param {Pick<MatrixData, "noun" | "nouns">} data
 */
export function sumWords({ labels, unknown }, data) {
  return `${countOf(labels, data.noun, data.nouns)}${unknown ? `, ${unknown} unknown` : ""}`
}

/**
 * @param {MatrixData} data
 * @param {import("./blocks.js").Blocks} blocks
 * @param {number} row -1 is the head
 * @param {number} column -1 is the file name
 */
export function cellWords(data, blocks, row, column) {
  const place = `row ${whole(row + 1)} of ${whole(data.rows)}`
  const name = column >= 0 ? data.columns[column][1] : null
  if (row < 0) return name === null ? "" : [name, ...columnWords(data, data.columns[column])].join(" · ")
  const image = blocks.row(row)
  if (!image) return `loading, ${place}`
  const who = `${image.file} (${image.split})`
  if (name === null) return `${who} · ${sumWords(image, data)} · ${place}`
  return `${name}: ${VALUES[`${blocks.cell(row, column)}`] ?? "loading"} · ${who} · ${place}`
}

/** @param {Pick<MatrixData, "noun">} data */
export function restWords(data) {
  return `Click a cell to open its image, a ${data.noun} to sort or filter by it. Keys: arrows, Page up and down, Home, End, Enter.`
}

/**
 * Of the images shown, the share that has the label, as far as anybody knows.
 * @param {Pick<MatrixData, "rows">} data
 * @param {Column} column
 */
export function share(data, [, , present, unknown]) {
  return data.rows > unknown ? present / (data.rows - unknown) : 0
}

/** @param {MatrixData} data */
export function largestShare(data) {
  data.largest ??= Math.max(...data.columns.map((column) => share(data, column)))
  return data.largest
}
