// Pictures over the points of a map, where there is room for them: not one more than a place of the map's own grid has.

import { element } from "../shared/dom.js"
import { pictureAddress } from "../shared/pictures.js"

/** @typedef {import("../shared/zoom.js").View} View */
/** @typedef {import("./fetched.js").Positions} Positions */

const WIDE_PX = 72 // of a place of the grid, which has a picture of
const SIDE_PX = 56
const MOST = 90
const SIZE_PX = 128 // of the pictures that are loaded
const STILL_MS = 140 // the map has to stay so long before other pictures come
const CROWD = 2.5 // points for each picture: of more a few pictures say nothing

/**
 * One of the points in sight for each place of a grid that lies still on the map, that nearest to its middle.
 * @param {Float32Array} positions
 * @param {View} view
 * @param {{ width: number, height: number }} stage
 * @param {(at: number) => boolean} counts
 * @returns {number[]} none where there are too many points
 */
export function chosen(positions, { scale, left, top }, { width, height }, counts) {
  const cell = WIDE_PX / 2 ** (Math.round(2 * Math.log2(scale)) / 2) // so that a small change of scale keeps them
  /** @type {Map<string, { at: number, apart: number }>} */
  const cells = new Map()
  let inSight = 0
  for (let at = 0; at < positions.length / 2; at++) {
    const [x, y] = [positions[2 * at], positions[2 * at + 1]]
    const [column, row] = [left + x * scale, top + y * scale]
    if (column < 0 || row < SIDE_PX || column > width || row > height || !counts(at)) continue
    inSight++
    const key = `${Math.floor(x / cell)} ${Math.floor(y / cell)}`
    const apart = Math.hypot((x / cell) % 1 - 0.5, (y / cell) % 1 - 0.5)
    if (apart < (cells.get(key)?.apart ?? 1)) cells.set(key, { at, apart })
  }
  const shown = [...cells.values()].map(({ at }) => at).slice(0, MOST)
  return inSight > CROWD * shown.length ? [] : shown
}

export class Thumbs {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage
    this.root = element("div", "thumbs")
    /** @type {Map<number, HTMLImageElement>} */
    this.shown = new Map() // by number of the point
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined)
    this.on = true
  }

  /**
   * @param {Positions} all
   * @param {View} view
   * @param {string} pictures address, with `{item}` and `{size}` in it
   * @param {(at: number) => boolean} counts
   */
  draw(all, view, pictures, counts) {
    this.place(all, view)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.choose(all, view, pictures, counts), STILL_MS)
  }

  /**
   * @param {Positions} all
   * @param {View} view
   * @param {string} pictures
   * @param {(at: number) => boolean} counts
   */
  choose(all, view, pictures, counts) {
    const { clientWidth: width, clientHeight: height } = this.stage
    const wanted = new Set(this.on ? chosen(all.positions, view, { width, height }, counts) : [])
    for (const [at, image] of this.shown) {
      if (wanted.has(at)) continue
      image.remove()
      this.shown.delete(at)
    }
    for (const at of wanted) {
      if (this.shown.has(at)) continue
      const image = element("img")
      image.alt = ""
      image.decoding = "async"
      image.onload = () => image.classList.add("there")
      image.src = pictureAddress(pictures, all.rows[at], SIZE_PX)
      this.shown.set(at, image)
      this.root.append(image)
    }
    this.place(all, view)
  }

  /**
   * @param {Positions} all
   * @param {View} view
   */
  place({ positions }, { scale, left, top }) {
    for (const [at, image] of this.shown) image.style.translate = `${left + positions[2 * at] * scale}px ${top + positions[2 * at + 1] * scale}px`
  }

  remove() {
    clearTimeout(this.timer)
  }
}
