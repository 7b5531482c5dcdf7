// Places on the picture and on the screen: conversions, the point nearest to a pointer, and both as text.

const REACH_PX = 14 // so near the pointer a point is meant

/** @typedef {[number, number]} Place */
/** @typedef {{ scale: number, left: number, top: number }} View how large the picture is shown, and where */

/** @param {number} value */
export const hundredths = (value) => Math.round(value * 100) / 100 // finer than anybody sees or points at
/** @param {number} value */
export const rounded = (value) => String(Math.round(value * 100) / 100)
/** @param {string} name */
export const short = (name) => (name.length > 48 ? `${name.slice(0, 30)} … ${name.slice(-14)}` : name)

/**
 * The point that is meant at `at`, null where none is so near; of points in one place the selected one.
 * @param {(Place | null)[]} places on the screen
 * @param {Place} at
 * @param {number | null} selected
 * @returns {number | null}
 */
export function nearest(places, at, selected) {
  /** @type {number | null} */
  let best = null
  let distance = REACH_PX
  places.forEach((place, index) => {
    if (!place) return
    const away = Math.hypot(place[0] - at[0], place[1] - at[1]) - (index === selected ? 2 : 0)
    if (away <= distance) [best, distance] = [index, away]
  })
  return best
}

/**
 * @param {Place} place in pixels of the picture
 * @param {View} view
 * @returns {Place}
 */
export function onScreen([x, y], { scale, left, top }) {
  return [left + x * scale, top + y * scale]
}

/**
 * @param {Place} place on the screen
 * @param {View} view
 * @returns {Place}
 */
export function inPicture([x, y], { scale, left, top }) {
  return [hundredths((x - left) / scale), hundredths((y - top) / scale)]
}

/**
 * The nearest place that the picture has.
 * @param {Place} place in pixels of the picture
 * @param {{width: number, height: number}} picture
 * @returns {Place}
 */
export function clamped([x, y], { width, height }) {
  /** @type {(value: number, most: number) => number} */
  const held = (value, most) => Math.min(most, Math.max(0, value))
  return [held(x, width), held(y, height)]
}

/**
 * Where a side that begins at `place` is put: in the middle where it is smaller than the room, over most of it else.
 * @param {number} place
 * @param {number} room
 * @param {number} size
 */
export function inSight(place, room, size) {
  return size <= room ? (room - size) / 2 : Math.min(0.1 * room, Math.max(0.9 * room - size, place))
}
