// A gallery of pictures in the browser: a grid of cards, and one of them large on a click.
// Text comes from data sets that nobody checked, so it is only ever set with textContent.

import { button, element, middle } from "../shared/dom.js"
import { filmOf, player } from "./film.js"
import { countOf, radius } from "./geometry.js"
import { lightbox } from "./large.js"
import { legend, looksOf } from "./legend.js"
import { chips, describe, telling } from "./marks.js"
import { CARD_PX, TITLE_END, commonRatio, intoPool, loadAhead, picture, thumbnailPx } from "./pictures.js"
import { overlay, pointing, tipOf } from "./points.js"
import { oneStop } from "./roving.js"
import { Selection } from "./selecting.js"

/** @typedef {import("./geometry.js").Card} Card */
/** @typedef {import("./geometry.js").GalleryData} GalleryData */
/** @typedef {import("./legend.js").Looks} Looks */
/** @typedef {import("./points.js").Tip} Tip */
/** @typedef {import("./selecting.js").Selected} Selected */
/** @typedef {(name: string, value: unknown) => void} Send tells Python */
/** @typedef {ReturnType<typeof build> & { content: string }} Mounted */

const AT_ONCE = 12 // so many pictures are loaded at once, the others when they come near the screen
const MOST_CHIPS = 10 // in the grid; the large picture has all
const FEW_CHIPS = 4 // of a compact grid, those that are wrong first
const PAIR_CHIPS = 6 // of pairs, as they come
/** @type {WeakMap<HTMLElement, Mounted>} */
const mounted = new WeakMap() // by parentElement

/**
 * @param {{
 *   data: GalleryData & { frames?: string, selected?: Selected }, parentElement: HTMLElement, setTriggerValue: Send, setStateValue: Send
 * }} component
 */
export default function gallery({ data, parentElement, setTriggerValue, setStateValue }) {
  const { frames, selected, ...fixed } = data
  const root = /** @type {HTMLElement} */ (parentElement.querySelector(".gallery"))
  const edit = fixed.editable ? (/** @type {number} */ item) => setTriggerValue("edit", item) : null
  const like = fixed.alike ? (/** @type {number} */ item) => setTriggerValue("like", item) : null
  const pick = selected ? (/** @type {unknown} */ picked) => setStateValue("picked", picked) : null
  const shown = renewed(mounted.get(parentElement), fixed, root, { frames, edit, like, pick })
  mounted.set(parentElement, shown)
  if (selected) shown.selection?.update(selected)
  if (frames) shown.film?.update(frames) // the pictures stay as they are: only what is drawn over and under them changes
  return () => {
    mounted.get(parentElement)?.close()
    mounted.delete(parentElement)
  }
}

/**
 * The gallery of `data` in `root`: what is `shown` there where nothing changed, else a new one in its place.
 * @param {Mounted | undefined} shown
 * @param {GalleryData} data
 * @param {HTMLElement} root
 * @param {{ frames?: string, edit?: ((item: number) => void) | null, like?: ((item: number) => void) | null, pick?: ((picked: unknown) => void) | null }} more
 * @returns {Mounted}
 */
export function renewed(shown, data, root, { frames, edit = null, like = null, pick = null } = {}) {
  const content = JSON.stringify(data)
  if (shown?.content === content) return shown
  const open = shown?.opened()
  shown?.close()
  const selection = pick ? new Selection(data, pick) : null
  const turned = shown && selection && !selection.shown.some((item) => shown.items.includes(item))
  const fresh = { content, ...build(data, root, frames, { edit, like }, selection) }
  if (turned && root.getBoundingClientRect().top < 0) root.scrollIntoView() // another page begins at its top
  const still = open ? data.cards.findIndex(({ item, src, title }) => item === open.item && src === open.src && title === open.title) : -1
  if (still >= 0) fresh.open(still) // a heat map came while it was looked at
  return fresh
}

/**
 * @param {GalleryData} data
 * @param {HTMLElement} root
 * @param {string | undefined} frames as JSON
 * @param {import("./large.js").Asks} asks
 * @param {Selection | null} selection
 */
function build(data, root, frames, asks, selection) {
  root.querySelector(".grid")?.classList.add("old")
  const film = frames ? filmOf(data, frames) : null
  /**
   * The card as it is to be shown now: where there are frames, as it is in the frame chosen.
   * @param {number} index
   * @returns {Card}
   */
  const cardAt = (index) => film?.card(index) ?? data.cards[index]
  const looks = looksOf(data.kind, root)
  const tip = tipOf(root)
  const box = lightbox(data, cardAt, film, asks, looks)
  const cards = data.cards.map((_, index) => cardOf(data, () => cardAt(index), { ...asks, open: () => box.open(index) }, index, looks, tip, selection))
  const head = element("div", "legend")
  oneStop(head, ".entry")
  const draw = () => {
    legend(head, data, film?.all() ?? data.cards, looks)
    cards.forEach((card) => card.draw())
    box.draw()
  }
  film?.watch(draw)
  draw()
  root.classList.toggle("moves", film !== null)
  root.classList.toggle("dense", film !== null && data.size === "s")
  root.classList.toggle("compact", Boolean(data.compact))
  root.classList.toggle("pairs", Boolean(data.pairs))
  root.replaceChildren(...(film ? [player(film)] : []), head, grid(data, cards), box.dialog, tip.box)
  intoPool(root.querySelectorAll(".grid img"))
  loadAhead(data)
  const close = () => {
    film?.stop()
    box.close()
  }
  return { film, close, open: box.open, opened: box.opened, selection, items: data.cards.map(({ item }) => item) }
}

// --- grid --------------------------------------------------------------------------------------------------

/**
 * @param {GalleryData} data
 * @param {() => Card} cardNow
 * @param {import("./large.js").Asks & { open: () => void }} asks
 * @param {number} index
 * @param {Looks} looks
 * @param {Tip} tip
 * @param {Selection | null} selection
 */
function cardOf(data, cardNow, { open, like }, index, looks, tip, selection) {
  const card = cardNow()
  const one = element("li", "card")
  const opener = button("opener", undefined, `Open ${card.title}`, open)
  opener.removeAttribute("title")
  const { frame, image } = picture(data, card, thumbnailPx(data), index >= AT_ONCE, true)
  frame.classList.add(card.width / card.height >= commonRatio(data) ? "wide" : "tall")
  const marks = data.points && countOf(card) ? overlay(data, card, radius(card, data.size), looks) : null
  if (marks) {
    frame.append(marks.svg)
    pointing(opener, data, marks, tip)
  }
  opener.append(frame)
  const words = data.pairs ? chips(PAIR_CHIPS, "more") : chips(data.compact ? FEW_CHIPS : MOST_CHIPS, data.compact ? "more" : undefined)
  const note = element("span", "note")
  one.append(opener, middle(card.title, TITLE_END), words.list, note)
  selection?.add(one, opener, card.title)
  if (like) askable(one, opener, `More like ${card.title} (M)`, () => like(card.item))
  const draw = () => {
    const now = cardNow()
    image.alt = describe(now)
    marks?.draw(now)
    words.draw(data.compact ? telling(now.chips) : now.chips)
    note.textContent = now.note
  }
  return { one, draw }
}

/**
 * A card gets a button, and its picture a key, that ask for what is like it.
 * @param {HTMLElement} one
 * @param {HTMLElement} opener
 * @param {string} label
 * @param {() => void} ask
 */
function askable(one, opener, label, ask) {
  const alike = button("alike", "≈", label, ask)
  alike.tabIndex = -1 // its picture has the key
  opener.setAttribute("aria-keyshortcuts", `${opener.getAttribute("aria-keyshortcuts") ?? ""} M`.trim())
  opener.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => key === "m" && !ctrlKey && !metaKey && !altKey && ask())
  one.append(alike)
}

/**
 * @param {GalleryData} data
 * @param {{ one: HTMLElement }[]} cards
 */
function grid(data, cards) {
  const grid = element("ul", "grid")
  grid.style.setProperty("--card", `${CARD_PX[data.size]}px`)
  grid.style.setProperty("--box", `${commonRatio(data)}`)
  if (data.columns) grid.style.gridTemplateColumns = `repeat(${data.columns}, minmax(0, 1fr))`
  grid.append(...cards.map(({ one }) => one))
  oneStop(grid, ".opener")
  return grid
}
