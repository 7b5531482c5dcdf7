// What is selected in a gallery after a click, and after one with Shift.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Selection, after } from "../../lib/web/components/gallery/selecting.js"

const SHOWN = [7, 3, 9, 1, 5]
const click = (selected, index, anchor = null) => [...after(new Set(selected), SHOWN, index, anchor)].sort()

test("a click selects a picture, and another one takes it back", () => {
  assert.deepEqual(click([3], 2), [3, 9])
  assert.deepEqual(click([3, 9], 2), [3])
})

test("a range is what stands between two clicks in the gallery, whichever came first, and is like the first", () => {
  assert.deepEqual(click([3], 3, 1), [1, 3, 9])
  assert.deepEqual(click([1], 1, 3), [1, 3, 9])
  assert.deepEqual(click([1, 3, 5, 9], 3, 2), [1, 3, 5, 9])
  assert.deepEqual(click([1, 3, 5], 4, 2), [3]) // from a picture that was taken back
})

test("an answer to an older click takes nothing back that was clicked since", () => {
  const sent = []
  const selection = new Selection({ cards: SHOWN.map((item) => ({ item })) }, (picked) => sent.push(picked))
  selection.update({ items: [1], number: 4 })
  selection.toggle(0, false)
  selection.toggle(2, true)
  assert.deepEqual(sent.map(({ items, number }) => [items, number]), [[[7, 1], 5], [[7, 3, 9, 1], 6]])
  assert.deepEqual(sent[1].shown, SHOWN)
  selection.update({ items: [7, 1], number: 5 })
  assert.deepEqual([...selection.selected].sort(), [1, 3, 7, 9])
  selection.update({ items: [], number: 6 })
  assert.equal(selection.selected.size, 0)
})
