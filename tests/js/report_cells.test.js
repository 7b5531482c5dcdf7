// What a report counts of whole images: right ones, and those of which a prediction changed.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Cells } from "../../lib/web/components/report/cells.js"

const cell = (above, truth) => 4 * above + (truth < 0 ? 3 : truth)

test("images with every known label right are counted; what is unknown counts nowhere", () => {
  const images = [[cell(600, 1), cell(100, 0)], [cell(600, 1), cell(900, -1)], [cell(400, 1), cell(10, 0)], [cell(0, -1), cell(900, -1)]]
  const cells = new Cells(Uint16Array.from(images.flat()).buffer, 2)
  assert.equal(cells.right([500, 500]), 2)
  assert.equal(cells.right([300, 500]), 3)
  assert.equal(cells.right([600, 500]), 0) // a score is predicted where it is above, strictly
})

test("images with another prediction are counted once, of one label or of all", () => {
  const cells = new Cells(Uint16Array.from([cell(600, 1), cell(100, 0), cell(400, 1), cell(550, 0)]).buffer, 2)
  assert.equal(cells.changed([500, 500], [700, 500], null), 1)
  assert.equal(cells.changed([500, 500], [300, 50], null), 2)
  assert.equal(cells.changed([500, 500], [300, 50], 0), 1)
  assert.equal(cells.changed([500, 500], [500, 500], null), 0)
})
