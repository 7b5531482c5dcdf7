// The pictures of a gallery: their addresses, the size they are loaded at, and those kept for the next grid.

import { element } from "../shared/dom.js"
import { pictureAddress, whyNone } from "../shared/pictures.js"
import { heat } from "./heat.js"

/** @typedef {import("./geometry.js").Card} Card */
/** @typedef {import("./geometry.js").GalleryData} GalleryData */

export const CARD_PX = { s: 132, m: 208, l: 330 }
export const PIXEL_ART_PX = 160 // smaller pictures are enlarged with hard edges: a blur would hide what the model sees
const POOL = 240 // pictures of the grid that are kept: going back and forth asks for the same ones
export const TITLE_END = 9 // letters of a name that tell pictures apart
/** @type {Map<string, HTMLImageElement>} */
const pool = new Map() // by address

/**
 * @param {GalleryData} data
 * @param {Pick<Card, "item" | "width" | "height" | "src">} card
 * @param {number} px
 */
export function address(data, card, px) {
  if (card.src?.startsWith("data:")) return card.src // the picture itself
  return pictureAddress(card.src ?? /** @type {string} */ (data.pictures), card.item, Math.max(card.width, card.height) <= 256 ? 0 : px)
}

/**
 * The picture at an address, taken from the pool; one that stands in another gallery stays there.
 * @param {string} src
 */
function pooled(src) {
  const there = pool.get(src)
  if (!there || (there.isConnected && !there.closest(".old"))) return element("img")
  pool.delete(src) // each is taken once
  return there
}

/** @param {Iterable<HTMLImageElement>} images */
export function intoPool(images) {
  for (const image of images) {
    const src = /** @type {string} */ (image.getAttribute("src"))
    if (src.startsWith("data:")) continue
    pool.delete(src) // so that it is put in as the newest
    pool.set(src, image)
    if (pool.size > POOL) pool.delete(/** @type {string} */ (pool.keys().next().value))
  }
}

/**
 * Loads the pictures that are shown next, once those that are shown now are on their way.
 * @param {GalleryData} data
 */
export function loadAhead(data) {
  for (const card of data.ahead ?? []) {
    const src = address(data, card, thumbnailPx(data))
    if (pool.has(src)) continue
    const image = element("img")
    image.fetchPriority = "low"
    image.src = src
    image.onload = () => intoPool([image])
  }
}

/**
 * @param {GalleryData} data
 * @param {Card} card
 * @param {number} px
 * @param {boolean} lazy
 * @param {boolean} [keep] whether it is taken over from what was shown before, and kept for what is shown next
 */
export function picture(data, card, px, lazy, keep) {
  const frame = element("span", "frame")
  frame.style.aspectRatio = `${card.width} / ${card.height}`
  const src = address(data, card, px)
  const image = keep ? pooled(src) : element("img")
  image.loading = lazy ? "lazy" : "eager"
  image.decoding = "async"
  image.draggable = false
  if (Math.max(card.width, card.height) <= PIXEL_ART_PX) image.classList.add("pixels")
  image.onerror = () => {
    pool.delete(src)
    const [broken, why] = [element("span", "broken"), element("span", "why")]
    broken.append(why)
    frame.replaceChildren(broken)
    whyNone(src).then((sentence) => (broken.title = why.textContent = sentence))
  }
  if (!image.src) image.src = src
  frame.append(image)
  if (card.heat.length) frame.append(heat(card.heat))
  return { frame, image }
}

/** @param {GalleryData} data */
export function commonRatio(data) {
  const ratios = data.cards.map((card) => card.width / card.height).sort((a, b) => a - b)
  return Math.min(1.6, Math.max(0.7, ratios[ratios.length >> 1] ?? 1)) // one for all: rows stay in line
}

/**
 * So large the grid loads its pictures.
 * @param {GalleryData} data
 */
export function thumbnailPx(data) {
  return CARD_PX[data.size] * Math.min(devicePixelRatio, 2) > 256 ? 512 : 256
}
