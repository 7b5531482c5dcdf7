// A picture is asked for where the server has it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { pictureAddress, whyNone } from "../../lib/web/components/shared/pictures.js"

test("row and size go where the template says", () => {
  const template = "/labs/api/datasets/my%20faces/items/{item}?size={size}&v=1a2b"
  assert.equal(pictureAddress(template, 0, 128), "/labs/api/datasets/my%20faces/items/0?size=128&v=1a2b")
})

test("in place of a picture stands what the server says of it", async () => {
  /** @param {string} body @param {number} status @param {string} type */
  const answers = (body, status, type) => async () => new Response(body, { status, headers: { "Content-Type": type } })
  assert.equal(await whyNone("/x", answers("It is gone.", 404, "text/plain; charset=utf-8")), "It is gone.")
  const unknown = "This image cannot be opened."
  for (const ask of [answers("<p>", 502, "text/html"), answers("bytes", 200, "image/png"), answers("", 404, "text/plain"), () => Promise.reject(new TypeError())])
    assert.equal(await whyNone("/x", ask), unknown)
})
