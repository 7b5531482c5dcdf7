// The name of a point stands at its own dot, on no other, inside the picture.

import assert from "node:assert/strict"
import { test } from "node:test"

import { mirrored, toPixels, toUnit } from "../../lib/web/components/learn/coordinates.js"
import { placeOfName } from "../../lib/web/components/learn/name_place.js"

const SIZE = [240, 150]
/** The drawn face of lib/web/ui/learn/drawn_face.py. */
const FACE = { right_eye: [40, 62], left_eye: [80, 60], nose: [61, 82], right_mouth: [46, 104], left_mouth: [76, 102] }

test("names of the drawn face cover no dot and leave the picture nowhere, mirrored or not, wide or narrow", () => {
  const units = Object.values(FACE).map((point) => toUnit(point, SIZE))
  for (const [size, shown, radius] of [[SIZE, 400, 240 / 90], [SIZE, 221, 240 / 90], [[240, 240], 288, 4], [[240, 240], 148, 4]]) {
    const letters = (12 * size[0]) / shown
    for (const after of [units, mirrored(units, null), mirrored(units, [1, 0, 2, 4, 3])]) {
      const dots = after.map((unit) => toPixels(unit, size))
      for (const [own, name] of Object.keys(FACE).entries()) {
        const box = [name.length * 0.55 * letters, letters]
        const [x, y] = placeOfName(dots, own, size, box, [radius * 1.7, radius])
        const away = dots.map((dot) => Math.hypot(...[x, y].map((at, axis) => Math.max(0, Math.abs(dot[axis] - at) - box[axis] / 2))))
        assert.ok(Math.abs(x - size[0] / 2) <= (size[0] - box[0]) / 2 && Math.abs(y - size[1] / 2) <= (size[1] - box[1]) / 2, `${name} in ${size}`)
        assert.ok(Math.min(...away) >= radius, `${name} at ${shown} px is on a dot: ${away}`)
        if (shown > 200) assert.equal(away.indexOf(Math.min(...away)), own, `${name} at ${shown} px stands at another's dot`)
      }
    }
  }
})

test("a name in a corner, and one wider than its picture, stay in it; points that are nowhere are no obstacle", () => {
  assert.deepEqual(placeOfName([[0, 0], [NaN, NaN]], 0, [100, 100], [40, 10], [4, 2]), [20, 9.6])
  assert.equal(placeOfName([[50, 50]], 0, [100, 100], [140, 10], [4, 2])[0], 50)
})
