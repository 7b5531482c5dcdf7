// What arrow keys mean: directions on a picture, and steps along a row of radio buttons.

/** @type {Record<string, [number, number]>} to the right and down, by key */
export const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * Which of `count` entries an arrow key leads to, the first after the last; null if the key is no arrow.
 * @param {string} key
 * @param {number} at the entry that is chosen
 * @param {number} count
 */
export function afterArrow(key, at, count) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key]
  return by ? (at + by + count) % count : null
}
