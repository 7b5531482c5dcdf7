// One act is one step of the browser's history, and what comes of none adds no step.

import assert from "node:assert/strict"
import { test } from "node:test"
import { install } from "../../lib/web/components/history/history.js"

test("the first address after an act is added, what follows takes its place, as does what comes after Back", () => {
  const steps = ["start"]
  let at = 0
  const target = Object.assign(new EventTarget(), {
    location: {
      get href() {
        return new URL(steps[at], "http://here/").href
      },
    },
    history: {
      pushState: (state, title, url) => steps.splice(++at, Infinity, url),
      replaceState: (state, title, url) => (steps[at] = url),
    },
  })
  install(target)
  install(target) // of every page again
  const goTo = (url) => target.history.pushState({}, "", url)
  goTo("opened")
  assert.deepEqual(steps, ["opened"])
  target.dispatchEvent(new Event("pointerdown"))
  goTo("between")
  goTo("train")
  target.dispatchEvent(new Event("keydown"))
  goTo("analyze")
  assert.deepEqual(steps, ["opened", "train", "analyze"])
  const put = (url) => target.history.replaceState({}, "", url)
  put("analyze, scrolled")
  target.dispatchEvent(new Event("pointerdown"))
  put("analyze, scrolled")
  put("filtered")
  put("filtered, first page")
  assert.deepEqual(steps, ["opened", "train", "analyze, scrolled", "filtered, first page"])
  at = 1
  target.dispatchEvent(new Event("keydown")) // Alt and an arrow
  target.dispatchEvent(new Event("popstate"))
  goTo("train, with its run")
  assert.deepEqual(steps, ["opened", "train, with its run", "analyze, scrolled", "filtered, first page"])
})
