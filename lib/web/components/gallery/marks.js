// Marks beside a picture: chips with their probabilities, and all of it in words.

import { element, middle } from "../shared/dom.js"

/** @typedef {import("./geometry.js").Chip} Chip */
/** @typedef {import("./geometry.js").Card} Card */

const LONG_NAME = 14 // letters from which a name may lose its middle
const NAME_END = 8 // letters that tell long names apart
/** @type {Record<string, [string, string]>} */
export const KINDS = {
  true: ["●", "labeled"],
  hit: ["✓", "labeled and predicted"],
  miss: ["○", "labeled, not predicted"],
  alarm: ["✗", "predicted, not labeled"],
  unknown: ["?", "unknown"],
  changed: ["Δ", "changed"], // from one revision to another, which its text says
  pred: ["◆", "predicted"], // of a picture that nobody labeled, as the next one
  below: ["", "not predicted"],
  plain: ["", "not labeled, not predicted"],
}

/** @param {number} value */
function percent(value) {
  const shown = value * 100
  return `${shown > 0 && shown < 1 ? "<1" : shown < 100 && shown > 99 ? ">99" : shown.toFixed(0)} %`
}

/**
 * @param {Chip} chip
 * @param {string} [meaning]
 */
export function chip({ text, kind, value }, meaning) {
  const item = element("li")
  const [symbol, word, amount, level, spoken] = ["symbol", "word", "value", "level", "spoken"].map((name) => element("span", name))
  level.setAttribute("aria-hidden", "true")
  item.append(symbol, word, amount, spoken, level)
  drawChip(item, { text, kind, value }, meaning)
  return item
}

/**
 * Changes a chip in place, so that its bar moves to its new length.
 * @param {HTMLElement} item
 * @param {Chip} chip
 * @param {string} [meaning]
 */
function drawChip(item, { text, kind, value }, meaning) {
  const known = kind in KINDS ? kind : "plain"
  const [sign, words] = KINDS[known]
  const meant = meaning ?? (known === "plain" && value === null ? "" : words)
  const [symbol, word, amount, spoken, level] = /** @type {HTMLCollectionOf<HTMLElement>} */ (item.children)
  item.className = `chip ${known}${value === null ? "" : " measured"}`
  item.title = meant ? `${text}: ${meant}${value === null ? "" : `, probability ${value.toPrecision(3)}`}` : text
  symbol.textContent = sign
  if (text.length > LONG_NAME) word.replaceChildren(...middle(text, NAME_END).children)
  else word.textContent = text
  amount.textContent = value === null ? "" : percent(value)
  spoken.textContent = meant ? `, ${meant}` : ""
  level.style.setProperty("--level", `${value === null ? 0 : Math.min(1, Math.max(0, value))}`)
}

/**
 * Without those that say nothing, the wrong ones first.
 * @param {Chip[]} all
 */
export function telling(all) {
  const wrong = all.filter(({ kind }) => kind === "miss" || kind === "alarm")
  return [...wrong, ...all.filter((one) => !["plain", "below"].includes(one.kind) && !wrong.includes(one))]
}

/** @param {number} most */
export function chips(most = Infinity, rest = "more in the enlarged image") {
  const list = element("ul", "chips")
  /** @param {Chip[]} all */
  const draw = (all) => {
    const shown = all.slice(0, most)
    shown.forEach((one, index) => {
      const there = /** @type {HTMLElement | undefined} */ (list.children[index])
      if (there?.classList.contains("more") === false) drawChip(there, one)
      else list.insertBefore(chip(one), there ?? null)
    })
    while (list.children.length > shown.length) /** @type {ChildNode} */ (list.lastChild).remove()
    const more = all.length - shown.length
    if (more > 0) list.append(element("li", "chip plain more", `and ${more} ${rest}`))
  }
  return { list, draw }
}

/** @param {Card} card */
export function describe(card) {
  const words = card.chips.filter(({ kind }) => kind !== "plain" && kind !== "below").map(({ text, kind }) => `${text} (${KINDS[kind]?.[1]})`)
  return [card.title, ...words, card.note].filter(Boolean).join(", ")
}
