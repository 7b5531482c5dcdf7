// A picture is asked for where the server has it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { pictureAddress } from "../../lib/web/components/shared/pictures.js"

test("row and size go where the template says", () => {
  const template = "/labs/api/datasets/my%20faces/items/{item}?size={size}&v=1a2b"
  assert.equal(pictureAddress(template, 0, 128), "/labs/api/datasets/my%20faces/items/0?size=128&v=1a2b")
})
