// The legend: what the marks mean. Of what lies over pictures each entry is a button that shows and hides it on all.

import { button, element, vector } from "../shared/dom.js"
import { cross, diamond, ring } from "./geometry.js"
import { KINDS, chip } from "./marks.js"

/** @typedef {import("./geometry.js").Card} Card */
/** @typedef {import("./geometry.js").GalleryData} GalleryData */
/** @typedef {ReturnType<typeof looksOf>} Looks */

/** @type {Record<string, [string, string]>} */
const KINDS_OF_MARKS = {
  heat: ["evidence, dark → bright; lines at 25, 50 and 75 % of the image's strongest", "Dark where nothing in the image speaks for the label, bright where most does"],
  true: ["true", "Where the points were labeled"],
  pred: ["predicted", "Where the model sees the points"],
  lone: ["predicted, not labeled", "Predicted points whose true place nobody gave"],
  spread: ["spread", "A ring around each predicted point, as far as it scatters over changed copies of the image"],
  error: ["error", "A line from each true point to the predicted one"],
  bones: ["skeleton", "Lines that join the points"],
  names: ["names", "The name beside each point"],
}
/** @type {Record<string, [string, string]>} */
const KINDS_OF_REVISIONS = {
  true: ["after", "Where the points are in the later revision"],
  pred: ["before", "Where the points that were moved were before"],
  lone: ["before, missing after", "Where points were that have no place any more"],
  error: ["displacement", "A line from the place after to that before"],
}
/** @type {Record<string, string>} */
const SAMPLES = {
  true: ring(4.5)([9, 9]),
  pred: cross(4.5)([9, 9]),
  lone: diamond(5)([9, 9]),
  spread: ring(7)([9, 9]),
  error: "M2 14L16 4",
  bones: "M2 14L8 4L16 9",
}
/** @type {Map<string, Record<string, boolean>>} */
const kept = new Map() // where the browser keeps nothing

/**
 * What is shown over pictures: kept in this browser tab under `kind`, and told to all who ask.
 * @param {string} kind
 * @param {HTMLElement} root
 */
export function looksOf(kind, root) {
  const place = `manyhot-gallery-${kind}`
  /** @type {Record<string, boolean>} */
  let chosen = {}
  try {
    chosen = JSON.parse(sessionStorage.getItem(place) ?? "null") ?? {}
  } catch {
    chosen = kept.get(place) ?? {}
  }
  /** @type {Set<(kind: string) => void>} */
  const watchers = new Set()
  const apply = () => ["heat", "true", "pred", "lone", "spread", "error", "bones"].forEach((one) => root.classList.toggle(`without-${one}`, !looks.shown(one)))
  const looks = {
    /** @param {string} one */
    shown: (one, otherwise = true) => chosen[one] ?? otherwise,
    /** @param {(kind: string) => void} draw */
    watch: (draw) => watchers.add(draw),
    /**
     * @param {string} one
     * @param {boolean} now
     */
    toggle(one, now) {
      chosen = { ...chosen, [one]: !now }
      kept.set(place, chosen)
      try {
        sessionStorage.setItem(place, JSON.stringify(chosen))
      } catch {
        // the browser keeps nothing
      }
      apply()
      watchers.forEach((draw) => draw(one))
    },
  }
  apply()
  return looks
}

/** @param {string} kind */
function sample(kind) {
  if (kind === "heat") {
    const scale = element("span", "scale")
    scale.setAttribute("aria-hidden", "true")
    return scale
  }
  const svg = vector("svg", "overlay sample")
  svg.setAttribute("aria-hidden", "true")
  const group = vector("g", kind === "bones" || kind === "spread" ? kind : "ink", svg)
  vector("path", { bones: "neutral", spread: "ink" }[kind] ?? kind, group).setAttribute("d", SAMPLES[kind])
  return svg
}

/**
 * @param {string} kind
 * @param {Looks} looks
 * @param {boolean} otherwise
 * @param {boolean} [revisions]
 */
function toggle(kind, looks, otherwise, revisions) {
  const [word, help] = (revisions && KINDS_OF_REVISIONS[kind]) || KINDS_OF_MARKS[kind]
  const one = button("entry", undefined, help, () => looks.toggle(kind, looks.shown(kind, otherwise)))
  one.removeAttribute("aria-label") // its word is its name
  one.append(...(kind === "heat" || kind in SAMPLES ? [sample(kind)] : []), element("span", "", word))
  const draw = () => one.setAttribute("aria-pressed", String(looks.shown(kind, otherwise)))
  looks.watch(draw)
  draw()
  return one
}

/**
 * Which kinds of marks the cards have.
 * @param {GalleryData} data
 * @param {Card[]} cards
 */
function kindsOfMarks(data, cards) {
  /** @param {(card: Card) => unknown} test */
  const some = (test) => cards.some(test)
  /** @param {"true_points" | "pred_points"} field */
  const has = (field) => some((card) => card[field].some(Boolean))
  const heat = some((card) => card.heat.length) ? ["heat"] : []
  if (!data.points) return heat
  const [labeled, predicted] = [has("true_points"), has("pred_points")]
  const lone = some(({ true_points, pred_points }) => true_points.length && pred_points.some((place, k) => place && !true_points[k]))
  /** @type {Record<string, unknown>} */
  const there = { true: labeled, pred: predicted, lone, spread: some((card) => card.spread?.some(Boolean)), error: labeled && predicted, bones: (labeled || predicted) && data.lines.length }
  return [...heat, ...Object.keys(there).filter((kind) => there[kind])]
}

/**
 * @param {HTMLElement} head
 * @param {GalleryData} data
 * @param {Card[]} cards
 * @param {Looks} looks
 * @param {boolean | null} named whether names are shown as long as nobody chose, null where they cannot be
 */
export function legend(head, data, cards, looks, named = null) {
  const kinds = new Set(cards.flatMap((card) => card.chips.map(({ kind }) => kind)))
  const signs = ["hit", "miss", "alarm"].some((kind) => kinds.has(kind))
  const marks = kindsOfMarks(data, cards)
  const shown = kinds.has("pred") && !signs ? ["pred"] : ["hit", "miss", "alarm", ...(kinds.has("unknown") ? ["unknown"] : [])]
  const points = marks.filter((kind) => kind !== "heat")
  const content = `${marks} ${named} ${signs} ${kinds.has("pred")} ${shown}`
  if (head.dataset.content === content) return
  head.dataset.content = content
  /** @type {HTMLElement[]} */
  const entries = marks.map((kind) => toggle(kind, looks, true, data.revisions))
  if (points.length && named !== null) entries.push(toggle("names", looks, named))
  if (named === null && (signs || kinds.has("pred"))) {
    const list = element("ul", "chips")
    for (const kind of shown) list.append(chip({ text: KINDS[kind][1], kind, value: null }, ""))
    entries.push(list)
  }
  head.replaceChildren(...entries)
}
