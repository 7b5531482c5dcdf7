// What is said of a cell, a column and a row; numbers as people write them.

import { element } from "../shared/dom.js"

const VALUES = { 1: "present", 0: "absent", "-1": "nobody knows" }
const SEGMENTER = new Intl.Segmenter() // letters as people see them: an emoji may be seven code units
const TAIL_LETTERS = 7 // the end tells names apart: numbers, file types

export const whole = (number) => number.toLocaleString("en")
export const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1)

// 987, 12.3k, 1.2M: as wide as a column.
export function short(number) {
  if (number < 1000) return `${number}`
  const [value, unit] = number < 999_500 ? [number / 1000, "k"] : [number / 1e6, "M"]
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)}${unit}`
}

export function percent(part, all) {
  return all > 0 ? `${Number(((100 * part) / all).toPrecision(3))} %` : "not defined"
}

// Two spans: where there is no room the first one's end is left out.
export function cutInTheMiddle(text) {
  const letters = [...SEGMENTER.segment(text)].map(({ segment }) => segment)
  const cut = Math.max(0, letters.length - TAIL_LETTERS)
  return [element("span", "start", letters.slice(0, cut).join("")), element("span", "end", letters.slice(cut).join(""))]
}

export function columnWords(data, [, , present, unknown, allPresent, allUnknown]) {
  const words = (count, rows, missing) =>
    `${whole(count)} of ${whole(rows)} (${percent(count, rows - missing)}${missing ? ` of those known, ${whole(missing)} unknown` : ""})`
  const found = [`Images shown with it: ${words(present, data.rows, unknown)}`]
  if (data.rows !== data.all) found.push(`in all not excluded: ${whole(allPresent)}${allUnknown ? `, ${whole(allUnknown)} unknown` : ""}`)
  return found
}

export function sumWords({ labels, unknown }, data) {
  return `${labels} ${labels === 1 ? data.noun : data.nouns}${unknown ? `, ${unknown} unknown` : ""}`
}

export function cellWords(data, blocks, row, column) {
  const place = `row ${whole(row + 1)} of ${whole(data.rows)}`
  const name = column >= 0 ? data.columns[column][1] : null
  if (row < 0) return name === null ? "" : [name, ...columnWords(data, data.columns[column])].join(" · ")
  const found = blocks.row(row)
  if (!found) return `loading, ${place}`
  const who = `${found.file} (${found.split})`
  if (name === null) return `${who} · ${sumWords(found, data)} · ${place}`
  return `${name}: ${VALUES[blocks.cell(row, column)] ?? "loading"} · ${who} · ${place}`
}

export function restWords(data) {
  return `Click a cell to open its image, a ${data.noun} to sort or filter by it. Keys: arrows, Page up and down, Home, End, Enter.`
}

// Of the images shown, the share that has the label, as far as anybody knows.
export function share(data, [, , present, unknown]) {
  return data.rows > unknown ? present / (data.rows - unknown) : 0
}

export function largestShare(data) {
  data.largest ??= Math.max(...data.columns.map((column) => share(data, column)))
  return data.largest
}
