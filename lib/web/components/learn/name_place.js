// Where the name of a point is written: beside its dot, inside the picture, and on no other dot.

/** @typedef {import("./coordinates.js").Point} Point */

/** @type {Point[]} from the dot, in halves of the box and its gap: above and below, at the sides, at the corners */
const WAYS = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]]

/**
 * The middle of a name's box: the first way of those that cover the fewest dots, its own most of all.
 * @param {Point[]} dots those that are nowhere are not numbers
 * @param {number} own which of them the name belongs to
 * @param {Point} size width and height of the picture
 * @param {Point} box width and height of the name
 * @param {Point} radii of its own dot and of the others
 * @returns {Point}
 */
export function placeOfName(dots, own, size, box, [radius, others]) {
  const reach = box.map((side) => side / 2 + radius * 1.15)
  const places = WAYS.map((way) => /** @type {Point} */ (way.map((by, axis) => inside(dots[own][axis] + by * reach[axis], box[axis], size[axis]))))
  const costs = places.map((place) => {
    const away = dots.map((dot) => distance(dot, place, box))
    const nearest = Math.min(...away.filter((_, at) => at !== own && !Number.isNaN(away[at])))
    const covered = away.reduce((sum, far, at) => sum + (at === own ? (far < radius ? 100 : 0) : far < others ? 1 : 0), 0)
    return covered + (nearest < away[own] ? 0.5 : 0) // it would be read as another's
  })
  return places[costs.indexOf(Math.min(...costs))]
}

/**
 * @param {number} middle
 * @param {number} side
 * @param {number} whole
 */
function inside(middle, side, whole) {
  return side >= whole ? whole / 2 : Math.min(whole - side / 2, Math.max(side / 2, middle))
}

/**
 * @param {Point} dot
 * @param {Point} place
 * @param {Point} box
 */
function distance(dot, place, box) {
  const [x, y] = dot.map((at, axis) => Math.max(0, Math.abs(at - place[axis]) - box[axis] / 2))
  return Math.hypot(x, y)
}
