// Points drawn into pixels without a graphics card: a hundred thousand in a few milliseconds.

/** @typedef {{ width: number, height: number, pixels: Int32Array }} Sheet of pixels, a number each: alpha, blue, green, red */
/** @typedef {{ dx: Int32Array, dy: Int32Array, covered: Uint8Array, whole: number }} Mask of a mark: which pixels around its middle
 * it covers and how much, first those that it covers wholly */

const MOST_SMOOTH = 10000 // marks whose edges are smooth: that takes many times as long
const REACH = 1.4 // radii that a mark goes from its middle
const FINE = 4 // times as fine is looked at how much of a pixel is covered
/** @type {((x: number, y: number) => boolean)[]} by number of the shape: what is inside of it, of about equal area */
const SHAPES = [
  (x, y) => x * x + y * y <= 1,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) <= 0.89,
  (x, y) => Math.abs(x) + Math.abs(y) <= 1.25,
  (x, y) => y <= 0.78 && y >= 1.73 * Math.abs(x) - 1.25,
]
export const N_SHAPES = SHAPES.length
/** @type {Map<string, Mask>} */
const masks = new Map()

/**
 * @param {number} radius in pixels
 * @param {number} shape
 * @param {boolean} smooth whether pixels on its edge are covered in part
 * @returns {Mask}
 */
export function maskOf(radius, shape, smooth) {
  const key = `${radius.toFixed(2)} ${shape} ${smooth}`
  const known = masks.get(key)
  if (known) return known
  const reach = Math.ceil(radius * REACH)
  /** @type {[number, number, number][]} */
  const cells = []
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      let hits = 0
      for (let fine = 0; fine < FINE * FINE; fine++) {
        const [x, y] = [dx + ((fine % FINE) + 0.5) / FINE - 0.5, dy + (Math.floor(fine / FINE) + 0.5) / FINE - 0.5]
        if (SHAPES[shape](x / radius, y / radius)) hits++
      }
      if (smooth ? hits : 2 * hits >= FINE * FINE) cells.push([dx, dy, smooth ? Math.round((255 * hits) / (FINE * FINE)) : 255])
    }
  }
  cells.sort((a, b) => b[2] - a[2])
  const mask = {
    dx: Int32Array.from(cells, ([dx]) => dx),
    dy: Int32Array.from(cells, ([, dy]) => dy),
    covered: Uint8Array.from(cells, ([, , covered]) => covered),
    whole: cells.filter(([, , covered]) => covered === 255).length,
  }
  if (masks.size > 200) masks.clear()
  masks.set(key, mask)
  return mask
}

/**
 * @typedef {object} Marks
 * @property {Float32Array} positions x and y in turn
 * @property {Uint32Array} order in which they are drawn: the last is on top
 * @property {Int32Array} colors one for each place
 * @property {Uint8Array} shapes one for each place
 */

/**
 * Draw marks, having wiped the sheet; return how many lie on it.
 * @param {Sheet} sheet
 * @param {Marks} marks
 * @param {{ scale: number, left: number, top: number }} view in pixels of the sheet
 * @param {number} radius in pixels of the sheet
 */
export function drawMarks(sheet, marks, view, radius) {
  const { width, height, pixels } = sheet
  const { positions, order, colors, shapes } = marks
  const { scale, left, top } = view
  const shaped = Array.from({ length: N_SHAPES }, (_, shape) => maskOf(radius, shape, order.length <= MOST_SMOOTH))
  const jumps = shaped.map(({ dx, dy }) => Int32Array.from(dx, (by, cell) => by + dy[cell] * width))
  const reach = Math.ceil(radius * REACH)
  const [right, bottom] = [width - reach, height - reach]
  let count = 0
  pixels.fill(0)
  for (let index = 0; index < order.length; index++) {
    const at = order[index]
    const x = (left + positions[2 * at] * scale + 0.5) | 0
    const y = (top + positions[2 * at + 1] * scale + 0.5) | 0
    if (x < -reach || y < -reach || x >= width + reach || y >= height + reach) continue
    count++
    const mask = shaped[shapes[at]]
    if (x < reach || y < reach || x >= right || y >= bottom) {
      drawPart(sheet, mask, x, y, colors[at])
      continue
    }
    const jump = jumps[shapes[at]]
    const color = colors[at]
    const start = y * width + x
    for (let cell = 0; cell < mask.whole; cell++) pixels[start + jump[cell]] = color
    for (let cell = mask.whole; cell < jump.length; cell++) {
      const place = start + jump[cell]
      pixels[place] = blended(pixels[place], color, mask.covered[cell])
    }
  }
  return count
}

/**
 * Draw a mark of which a part may lie beside the sheet.
 * @param {Sheet} sheet
 * @param {Mask} mask
 * @param {number} x
 * @param {number} y
 * @param {number} color
 */
function drawPart({ width, height, pixels }, { dx, dy, covered }, x, y, color) {
  for (let cell = 0; cell < covered.length; cell++) {
    const [column, row] = [x + dx[cell], y + dy[cell]]
    if (column < 0 || row < 0 || column >= width || row >= height) continue
    pixels[row * width + column] = blended(pixels[row * width + column], color, covered[cell])
  }
}

/**
 * A color over another, of which it covers `share` of 255.
 * @param {number} under
 * @param {number} over
 * @param {number} share
 */
export function blended(under, over, share) {
  if (share === 255) return over
  const alpha = under >>> 24
  if (alpha === 0) return (share << 24) | (over & 0xffffff)
  const left = 255 - share
  const red = ((over & 0xff) * share + (under & 0xff) * left) >> 8
  const green = (((over >> 8) & 0xff) * share + ((under >> 8) & 0xff) * left) >> 8
  const blue = (((over >> 16) & 0xff) * share + ((under >> 16) & 0xff) * left) >> 8
  return ((alpha > share ? alpha : share) << 24) | (blue << 16) | (green << 8) | red
}

/**
 * A color as the sheet has it.
 * @param {number[]} rgb from 0 to 255
 */
export function packed([red, green, blue]) {
  return (255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)
}
