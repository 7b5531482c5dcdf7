// Geometry of the matrix: rows and columns on the screen, and the scroll bar's share for it.

/** @typedef {HTMLElement & { place?: () => { row: number, column: number } }} Placed what stands for a place of the matrix */

/** @typedef {{ row: number, column: number }} Cursor places, not rows of the dataset; -1 is the head or the file name */

export const ROW_PX = 28
export const CELL_PX = 30 // at least
const UPRIGHT_PX = 44 // at most, where names stand upright
const WIDE_PX = 200 // at most, where they lie
const LYING_PX = 120 // at which a name that lies shows as much of itself as one that stands upright
const FITTING = 0.75 // of the names, so that they lie: the few longer ones lose their middle
const FLAT_HEAD_PX = 58
const BESIDE_NAME_PX = 54 // of a head with upright names: bar and count
const NAME_PX = [36, 104] // of an upright name, at least and at most: the middle of a longer one is left out
const PADDING_PX = 16 // beside a name that lies

/** @typedef {{ cell: number, head: number, flat: boolean }} Layout width of a column, height of the head, whether names lie */

/**
 * As wide as there is room for: names lie where most of them find room, and stand upright elsewhere.
 * @param {number[]} names widths of the names in pixels
 * @param {number} across room for all columns
 * @returns {Layout}
 */
export function layoutOf(names, across) {
  const room = Math.floor(across / Math.max(1, names.length))
  const widest = Math.ceil(names.reduce((most, width) => Math.max(most, width), 0))
  const fitting = names.filter((width) => room >= Math.ceil(width) + PADDING_PX).length
  const flat = room >= LYING_PX || (room >= UPRIGHT_PX && fitting >= FITTING * names.length)
  if (flat) return { cell: Math.min(WIDE_PX, room), head: FLAT_HEAD_PX, flat }
  const name = Math.max(NAME_PX[0], Math.min(NAME_PX[1], widest + 4))
  return { cell: Math.max(CELL_PX, Math.min(UPRIGHT_PX, room)), head: name + BESIDE_NAME_PX, flat }
}

// Browsers limit the height of an element to some 8 to 33 million pixels: a taller matrix gets a bar of that height.
export const MOST_PX = 8_000_000

/**
 * What is shown of the matrix and how large the screen is, in pixels; `names` is the width of file name and count.
 * @typedef {{top: number, left: number, width: number, height: number, names: number, rows: number, columns: number, cell: number, head: number}} Extent
 */

/**
 * How high the whole matrix is with its head.
 * @param {number} rows
 * @param {number} head
 */
export function fullHeight(rows, head) {
  return head + rows * ROW_PX
}

/**
 * How many pixels of the matrix one pixel of the bar is.
 * @param {number} rows
 * @param {number} height of the screen
 * @param {number} head
 */
export function barScale(rows, height, head) {
  const full = fullHeight(rows, head)
  const room = Math.min(full, MOST_PX) - height
  return room > 0 && full > MOST_PX ? (full - height) / room : 1
}

/**
 * The place nearest to (top, left) that can be scrolled to.
 * @param {number} top
 * @param {number} left
 * @param {Extent} extent
 */
export function within(top, left, { width, height, names, rows, columns, cell, head }) {
  return {
    top: Math.max(0, Math.min(top, fullHeight(rows, head) - height)),
    left: Math.max(0, Math.min(left, names + columns * cell - width)),
  }
}

/**
 * Where the screen is when a cell was brought onto it, by as little as it takes; a row or column below 0 is the head.
 * @param {number} row
 * @param {number} column
 * @param {Extent} extent
 */
export function reached(row, column, { top, left, width, height, names, cell, head }) {
  const room = height - head
  const across = width - names
  if (row >= 0) top = Math.min(Math.max(top, (row + 1) * ROW_PX - room), row * ROW_PX)
  if (column >= 0) left = Math.min(Math.max(left, (column + 1) * cell - across), column * cell)
  return { top, left }
}

/**
 * First and last row and column that are on the screen.
 * @param {Extent} extent
 * @returns {[[number, number], [number, number]]}
 */
export function onScreen({ top, left, width, height, names, rows, columns, cell, head }) {
  const first = Math.min(Math.max(0, rows - 1), Math.floor(top / ROW_PX))
  const start = Math.min(Math.max(0, columns - 1), Math.floor(left / cell))
  const last = Math.min(rows - 1, Math.ceil((top + height - head) / ROW_PX))
  const end = Math.min(columns - 1, Math.ceil((left + width - names) / cell))
  return [[first, Math.max(first, last)], [start, Math.max(start, end)]]
}

/**
 * How many rows a page key moves.
 * @param {number} height of the screen
 * @param {number} head
 */
export function pageOf(height, head) {
  return Math.floor((height - head) / ROW_PX) - 1
}
