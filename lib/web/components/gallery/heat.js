// A heat map over a picture: it takes light away where little speaks for what is asked about, so that hues stay, and
// draws lines of equal evidence. Places are shares of the picture's sides.

import { element, vector } from "../shared/dom.js"
import { number, segment } from "./geometry.js"

/** @typedef {import("./geometry.js").Place} Place */

export const LEVELS = [0.25, 0.5, 0.75] // of the strongest place in the picture
const DIMMED = 0.62 // of the light, where nothing speaks
const FINER = 6 // sides of a cell are divided so often where lines are looked for
const DIGITS = 1000 // of a line's places, in a square of this side

/**
 * The value of a coarse map at a place, blended between the middles of its cells, as the browser enlarges a picture.
 * @param {number[][]} rows
 * @param {number} x
 * @param {number} y
 */
export function valueAt(rows, x, y) {
  /** @type {(share: number, cells: number) => [number, number, number]} */
  const between = (share, cells) => {
    const at = Math.min(cells - 1, Math.max(0, share * cells - 0.5))
    const low = Math.min(Math.floor(at), Math.max(0, cells - 2))
    return [low, Math.min(low + 1, cells - 1), at - low]
  }
  const [left, right, across] = between(x, rows[0].length)
  const [top, bottom, down] = between(y, rows.length)
  /** @param {number[]} row */
  const inRow = (row) => row[left] * (1 - across) + row[right] * across
  return inRow(rows[top]) * (1 - down) + inRow(rows[bottom]) * down
}

/**
 * The line where a map has a value, as short pieces: marching squares on a finer grid.
 * @param {number[][]} rows
 * @param {number} level
 * @returns {[Place, Place][]}
 */
export function lineOf(rows, level) {
  const [columns, lines] = [rows[0].length * FINER, rows.length * FINER]
  const values = Array.from({ length: lines + 1 }, (_, j) => Array.from({ length: columns + 1 }, (_, i) => valueAt(rows, i / columns, j / lines)))
  /** @type {[Place, Place][]} */
  const pieces = []
  /** @type {(a: [number, number], b: [number, number]) => Place | null} where the side from a to b crosses the level */
  const crossing = ([ai, aj], [bi, bj]) => {
    const [from, to] = [values[aj][ai], values[bj][bi]]
    if (from > level === to > level) return null
    const part = (level - from) / (to - from)
    return [(ai + (bi - ai) * part) / columns, (aj + (bj - aj) * part) / lines]
  }
  for (let j = 0; j < lines; j += 1) {
    for (let i = 0; i < columns; i += 1) {
      /** @type {[number, number][]} */
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]]
      const ends = /** @type {Place[]} */ (corners.map((corner, side) => crossing(corner, corners[(side + 1) % 4])).filter(Boolean))
      for (let end = 0; end + 1 < ends.length; end += 2) pieces.push([ends[end], ends[end + 1]])
    }
  }
  return pieces
}

/**
 * What is laid over the picture.
 * @param {number[][]} rows from 0 to 1
 */
export function heat(rows) {
  const cover = element("span", "heat")
  cover.setAttribute("aria-hidden", "true")
  const canvas = element("canvas")
  ;[canvas.width, canvas.height] = [rows[0].length, rows.length]
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"))
  const pixels = pen.createImageData(canvas.width, canvas.height) // black; the browser blends them when it enlarges it
  rows.flat().forEach((value, at) => (pixels.data[4 * at + 3] = Math.round(255 * DIMMED * (1 - value))))
  pen.putImageData(pixels, 0, 0)
  const svg = vector("svg")
  svg.setAttribute("viewBox", `0 0 ${DIGITS} ${DIGITS}`)
  svg.setAttribute("preserveAspectRatio", "none")
  /** @type {(place: Place) => Place} */
  const scaled = ([x, y]) => [x * DIGITS, y * DIGITS]
  const drawn = LEVELS.map((level) => lineOf(rows, level).map(([from, to]) => segment(scaled(from), scaled(to))).join(""))
  for (const layer of ["halo", "ink"]) {
    drawn.forEach((d, index) => vector("path", `${layer} level-${number(LEVELS[index]).slice(2)}`, svg).setAttribute("d", d))
  }
  cover.append(canvas, svg)
  return cover
}
