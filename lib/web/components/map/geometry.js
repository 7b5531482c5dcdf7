// Geometry of the map: which picture is near a place, which are inside a lasso, and how a lasso is written.

/** @typedef {[number, number]} Place */

const CELLS = 256 // of a side of the grid in which neighbors are looked up
const UNIT = 1e5 // so many steps of a lasso's corners are the map's side
const FARTHEST = 10 // sides of the map that a corner may lie beside it
const MOST_CORNERS = 64
const CORNER = /^(-?\d{1,7})\.(-?\d{1,7})$/

/** Positions by the cells of a grid, so that the nearest is found among few. */
export class Grid {
  /** @param {Float32Array} positions x and y in turn, from 0 to 1 */
  constructor(positions) {
    this.positions = positions
    const n = positions.length / 2
    const cells = new Uint16Array(n)
    this.starts = new Uint32Array(CELLS * CELLS + 1)
    for (let at = 0; at < n; at++) {
      cells[at] = cellOf(positions[2 * at + 1]) * CELLS + cellOf(positions[2 * at])
      this.starts[cells[at] + 1]++
    }
    for (let cell = 0; cell < CELLS * CELLS; cell++) this.starts[cell + 1] += this.starts[cell]
    const next = this.starts.slice(0, -1)
    this.order = new Uint32Array(n)
    for (let at = 0; at < n; at++) this.order[next[cells[at]]++] = at
  }

  /**
   * The nearest of those within `radius` that `counts`, -1 where there is none.
   * @param {Place} place
   * @param {number} radius
   * @param {(at: number) => boolean} counts
   */
  nearest([x, y], radius, counts) {
    let [best, least] = [-1, radius * radius]
    const [left, right, top, bottom] = [cellOf(x - radius), cellOf(x + radius), cellOf(y - radius), cellOf(y + radius)]
    for (let down = top; down <= bottom; down++) {
      const [first, end] = [this.starts[down * CELLS + left], this.starts[down * CELLS + right + 1]]
      for (let index = first; index < end; index++) {
        const at = this.order[index]
        const apart = (this.positions[2 * at] - x) ** 2 + (this.positions[2 * at + 1] - y) ** 2
        if (apart <= least && counts(at)) [best, least] = [at, apart]
      }
    }
    return best
  }
}

/** @param {number} value */
const cellOf = (value) => Math.min(CELLS - 1, Math.max(0, Math.floor(value * CELLS)))

/**
 * Where an arrow key leads from a picture: the nearest in its direction, those aside count as farther; -1 for none.
 * @param {Float32Array} positions
 * @param {number} from
 * @param {Place} way of length 1
 * @param {(at: number) => boolean} counts
 */
export function onward(positions, from, [dx, dy], counts) {
  let [best, least] = [-1, Infinity]
  for (let at = 0; at < positions.length / 2; at++) {
    const [x, y] = [positions[2 * at] - positions[2 * from], positions[2 * at + 1] - positions[2 * from + 1]]
    const [ahead, aside] = [x * dx + y * dy, Math.abs(x * dy - y * dx)]
    if (ahead <= 0 || aside > ahead || !counts(at)) continue
    const far = ahead + 2 * aside
    if (far < least) [best, least] = [at, far]
  }
  return best
}

/**
 * Which positions are inside a lasso: those from which a line to the right crosses it an odd number of times.
 * As `lib/inference/similar/lasso.py` has it.
 * @param {Float32Array} positions
 * @param {Place[]} corners
 */
export function inside(positions, corners) {
  const isInside = new Uint8Array(positions.length / 2)
  for (let one = 0, other = corners.length - 1; one < corners.length; other = one++) {
    const [[x1, y1], [x2, y2]] = [corners[one], corners[other]]
    for (let at = 0; at < isInside.length; at++) {
      const y = positions[2 * at + 1]
      if (y1 > y !== y2 > y && positions[2 * at] < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) isInside[at] ^= 1
    }
  }
  return isInside
}

/**
 * A line with fewer corners, none of which was farther from the new line than `far` (Douglas and Peucker 1973).
 * @param {Place[]} line
 * @param {number} far
 * @returns {Place[]}
 */
export function simplified(line, far) {
  if (line.length < 3) return line
  const [[x1, y1], [x2, y2]] = [line[0], line[line.length - 1]]
  const squared = (x2 - x1) ** 2 + (y2 - y1) ** 2
  let [worst, most] = [0, far]
  for (let at = 1; at < line.length - 1; at++) {
    const [x, y] = line[at]
    const along = squared ? Math.min(1, Math.max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / squared)) : 0
    const apart = Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1))
    if (apart > most) [worst, most] = [at, apart]
  }
  if (!worst) return [line[0], line[line.length - 1]]
  return [...simplified(line.slice(0, worst + 1), far).slice(0, -1), ...simplified(line.slice(worst), far)]
}

/**
 * A lasso as it stands in the address, and as it is then meant; "" where it has no area.
 * @param {Place[]} line
 * @param {number} far so much may a corner be beside the line that was drawn, in sides of the map
 */
export function written(line, far) {
  let corners = simplified(line, far)
  for (let more = far; corners.length > MOST_CORNERS; more *= 1.5) corners = simplified(line, more)
  /** @param {number} value */
  const step = (value) => Math.round(Math.min(FARTHEST, Math.max(-FARTHEST, value)) * UNIT)
  const steps = corners.map(([x, y]) => `${step(x)}.${step(y)}`)
  const differing = steps.filter((corner, at) => corner !== steps[(at + 1) % steps.length])
  return differing.length < 3 ? "" : differing.join("_")
}

/**
 * The corners of a lasso from the address; [] where it is none.
 * @param {string} text
 * @returns {Place[]}
 */
export function cornersOf(text) {
  const matches = text.split("_").map((corner) => CORNER.exec(corner))
  if (matches.length < 3 || matches.some((match) => !match)) return []
  return matches.map((match) => [Number(match?.[1]) / UNIT, Number(match?.[2]) / UNIT])
}
