// Geometry of the matrix: rows and columns on the screen, and the scroll bar's share for it.

/** @typedef {HTMLElement & { place?: () => { row: number, column: number } }} Placed what stands for a place of the matrix */

/** @typedef {{ row: number, column: number }} Cursor places, not rows of the dataset; -1 is the head or the file name */

export const ROW_PX = 30
export const CELL_PX = 30
export const HEAD_PX = 186
// Browsers limit the height of an element to some 8 to 33 million pixels: a taller matrix gets a bar of that height.
export const MOST_PX = 8_000_000

/**
 * What is shown of the matrix and how large the screen is, in pixels; `names` is the width of file name and count.
 * @typedef {{top: number, left: number, width: number, height: number, names: number, rows: number, columns: number}} Extent
 */

/**
 * How high the whole matrix is with its head.
 * @param {number} rows
 */
export function fullHeight(rows) {
  return HEAD_PX + rows * ROW_PX
}

/**
 * How many pixels of the matrix one pixel of the bar is.
 * @param {number} rows
 * @param {number} height of the screen
 */
export function barScale(rows, height) {
  const full = fullHeight(rows)
  const room = Math.min(full, MOST_PX) - height
  return room > 0 && full > MOST_PX ? (full - height) / room : 1
}

/**
 * The place nearest to (top, left) that can be scrolled to.
 * @param {number} top
 * @param {number} left
 * @param {Extent} extent
 */
export function within(top, left, { width, height, names, rows, columns }) {
  return {
    top: Math.max(0, Math.min(top, fullHeight(rows) - height)),
    left: Math.max(0, Math.min(left, names + columns * CELL_PX - width)),
  }
}

/**
 * Where the screen is when a cell was brought onto it, by as little as it takes; a row or column below 0 is the head.
 * @param {number} row
 * @param {number} column
 * @param {Extent} extent
 */
export function reached(row, column, { top, left, width, height, names }) {
  const room = height - HEAD_PX
  const across = width - names
  if (row >= 0) top = Math.min(Math.max(top, (row + 1) * ROW_PX - room), row * ROW_PX)
  if (column >= 0) left = Math.min(Math.max(left, (column + 1) * CELL_PX - across), column * CELL_PX)
  return { top, left }
}

/**
 * First and last row and column that are on the screen.
 * @param {Extent} extent
 * @returns {[[number, number], [number, number]]}
 */
export function onScreen({ top, left, width, height, names, rows, columns }) {
  const first = Math.min(Math.max(0, rows - 1), Math.floor(top / ROW_PX))
  const start = Math.min(Math.max(0, columns - 1), Math.floor(left / CELL_PX))
  const last = Math.min(rows - 1, Math.ceil((top + height - HEAD_PX) / ROW_PX))
  const end = Math.min(columns - 1, Math.ceil((left + width - names) / CELL_PX))
  return [[first, Math.max(first, last)], [start, Math.max(start, end)]]
}

/**
 * How many rows a page key moves.
 * @param {number} height of the screen
 */
export function pageOf(height) {
  return Math.floor((height - HEAD_PX) / ROW_PX) - 1
}
