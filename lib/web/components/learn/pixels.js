// What happens to a batch of pictures on the way into a model, as fastai computes it: floats, turned, lit, normalized.
// `tests/js/learn_fastai.json` has fastai's own numbers; a test compares.

/** @typedef {{ width: number, height: number, values: Float32Array }} Planes three colors, one plane after the other */
/** @typedef {{ mirrored: boolean, angle: number, zoom: number, middle: [number, number], brightness: number, contrast: number }} Drawn angle in degrees */
/** @typedef {[[number, number, number], [number, number, number]]} Matrix from places in the copy to places in the picture, -1 to 1 */

const EPS = 1e-7 // fastai's limit to what logits are taken of
export const [MEAN, STD] = [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]] // of ImageNet

/**
 * What `aug_transforms(max_warp=0)` may draw: a half is mirrored, three quarters are turned, zoomed, lit.
 * @returns {Drawn}
 */
export function drawn() {
  const between = (/** @type {number} */ low, /** @type {number} */ high) => low + (high - low) * Math.random()
  const maybe = (/** @type {number} */ value, /** @type {number} */ usual) => (Math.random() < 0.75 ? value : usual)
  return {
    mirrored: Math.random() < 0.5,
    angle: maybe(between(-10, 10), 0),
    zoom: maybe(between(1, 1.1), 1),
    middle: [Math.random(), Math.random()],
    brightness: maybe(between(0.4, 0.6), 0.5),
    contrast: maybe(Math.exp(between(Math.log(0.8), -Math.log(0.8))), 1),
  }
}

/**
 * fastai's `IntToFloatTensor`, of pixels as a canvas has them.
 * @param {Uint8ClampedArray | number[]} rgba
 * @param {number} width
 * @param {number} height
 * @returns {Planes}
 */
export function toFloats(rgba, width, height) {
  const [count, values] = [width * height, new Float32Array(3 * width * height)]
  for (let at = 0; at < count; at++) for (let color = 0; color < 3; color++) values[color * count + at] = rgba[4 * at + color] / 255
  return { width, height, values }
}

/**
 * The one matrix that turning, enlarging and mirroring a square picture are together.
 * @param {Drawn} drawn
 * @returns {Matrix}
 */
export function matrixOf({ mirrored, angle, zoom, middle }) {
  const [turn, sign, scale] = [(angle * Math.PI) / 180, mirrored ? -1 : 1, 1 / zoom]
  const [cos, sin] = [Math.cos(turn) * scale, Math.sin(turn) * scale]
  const off = middle.map((part) => (1 - scale) * (2 * part - 1))
  const rows = [[sign * Math.cos(turn), sign * Math.sin(turn)], [-Math.sin(turn), Math.cos(turn)]]
  const moved = rows.map((row) => row[0] * off[0] + row[1] * off[1])
  return [[sign * cos, sign * sin, moved[0]], [-sin, cos, moved[1]]]
}

/**
 * Where a point of the picture lies in its copy, both from -1 to 1.
 * @param {Matrix} matrix
 * @param {[number, number]} point
 * @returns {[number, number]}
 */
export function pointInCopy([[a, b, s], [c, d, t]], [x, y]) {
  const [determinant, across, down] = [a * d - b * c, x - s, y - t]
  return [(d * across - b * down) / determinant, (a * down - c * across) / determinant]
}

/**
 * A copy of a picture, between its pixels if need be; what lies outside is its mirror image at the edge.
 * @param {Planes} planes
 * @param {Matrix} matrix
 * @returns {Planes}
 */
export function turned({ width, height, values }, [[a, b, s], [c, d, t]]) {
  const [count, result] = [width * height, new Float32Array(values.length)]
  for (let row = 0; row < height; row++) {
    const v = height > 1 ? (2 * row) / (height - 1) - 1 : 0
    for (let column = 0; column < width; column++) {
      const u = width > 1 ? (2 * column) / (width - 1) - 1 : 0
      const x = reflected(((a * u + b * v + s + 1) / 2) * (width - 1), width - 1)
      const y = reflected(((c * u + d * v + t + 1) / 2) * (height - 1), height - 1)
      const [left, top] = [Math.min(Math.floor(x), width - 1), Math.min(Math.floor(y), height - 1)]
      const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)]
      const [across, down] = [x - left, y - top]
      for (let plane = 0; plane < 3 * count; plane += count) {
        const upper = values[plane + top * width + left] * (1 - across) + values[plane + top * width + right] * across
        const lower = values[plane + bottom * width + left] * (1 - across) + values[plane + bottom * width + right] * across
        result[plane + row * width + column] = upper * (1 - down) + lower * down
      }
    }
  }
  return { width, height, values: result }
}

/**
 * @param {number} at
 * @param {number} last
 */
function reflected(at, last) {
  if (!last) return 0
  const way = Math.abs(at) % (2 * last)
  return way > last ? 2 * last - way : way
}

/**
 * fastai's `Brightness` and `Contrast`, which move and stretch the logits of the pixels.
 * @param {Planes} planes
 * @param {Drawn} drawn
 * @returns {Planes}
 */
export function lit({ width, height, values }, { brightness, contrast }) {
  const shift = Math.log(brightness / (1 - brightness))
  const result = values.map((value) => {
    const share = Math.min(1 - EPS, Math.max(EPS, value))
    return 1 / (1 + Math.exp(-contrast * (Math.log(share / (1 - share)) + shift)))
  })
  return { width, height, values: result }
}

/**
 * fastai's `Normalize`.
 * @param {Planes} planes
 * @returns {Planes}
 */
export function normalized({ width, height, values }) {
  const count = width * height
  return { width, height, values: values.map((value, at) => (value - MEAN[Math.floor(at / count)]) / STD[Math.floor(at / count)]) }
}
