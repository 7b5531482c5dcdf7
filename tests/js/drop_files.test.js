// Files that were brought keep their names; what was pasted gets one.

import assert from "node:assert/strict"
import { test } from "node:test"
import { brought, wordsOf } from "../../lib/web/components/drop/files.js"

test("a pasted picture is called after the time, a chosen one as it is", () => {
  const now = new Date(2026, 0, 2, 9, 5, 7)
  const files = [new File(["a"], "image.png", { type: "image/png" }), new File(["b"], "", { type: "image/jpeg" }), new File(["c"], "cat.gif")]
  assert.deepEqual(brought(files, now).map(({ name }) => name), ["pasted 09-05-07.png", "pasted 09-05-07 (2).jpg", "cat.gif"])
})

test("how far it is says what is waited for", () => {
  assert.equal(wordsOf({ done: 3, total: 12 }), "Sending 12 images: 3 sent")
  assert.equal(wordsOf({ done: 1, total: 1 }), "Asking the model about 1 image")
})
