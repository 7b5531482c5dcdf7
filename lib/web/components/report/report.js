// The threshold lab in a report: a page that is one file, so what the server would answer is worked out, or is, in here.

import lab from "../lab/lab.js"
import { countOf } from "../shared/words.js"
import { Cells, unpacked } from "./cells.js"

/** @typedef {import("../lab/types.js").Chosen} Chosen */
/** @typedef {import("../lab/types.js").Fixed} Fixed */
/**
 * What `lib.export.report.drag` puts into the page. Numbers of many bytes are gzip in base64.
 * @typedef {object} Report
 * @property {Fixed} fixed `url` and `band` are names of `answers`
 * @property {Chosen} chosen
 * @property {number} shown
 * @property {Record<string, string>} answers what the server would answer, by its address
 * @property {string[]} cells of each part
 */

const text = document.getElementById("report-data")?.textContent
const place = document.getElementById("report-lab")
if (text && place) show(JSON.parse(text), place)

/**
 * @param {Report} report
 * @param {HTMLElement} place
 */
async function show({ fixed, chosen, shown, answers, cells }, place) {
  const parts = await Promise.all(cells.map(async (packed) => new Cells(await unpacked(packed), fixed.names.length)))
  const title = fixed.parts[shown].title
  let now = chosen
  let heard = 0
  let words = ""
  /** @type {typeof import("../lab/fetched.js").fetched} */
  const ask = async (address) => (address in answers ? { buffer: await unpacked(answers[address]) } : { refusal: "It is not in this report." })
  const draw = () => {
    const rights = parts.map((part) => part.right(now.indices))
    const data = { fixed, chosen: now, heard, rights, shown, beside: { words, gallery: null } }
    lab({ data, parentElement: place, setStateValue: (_, value) => choose(/** @type {Chosen & { number: number }} */ (value)), ask })
  }
  /** @param {Chosen & { number: number }} choice */
  const choose = ({ indices, label, curve, number }) => {
    const moved = indices.some((index, c) => index !== now.indices[c])
    const before = moved ? now.indices : now.before
    const changed = parts[shown].changed(before, indices, label)
    words = moved || changed ? `${countOf(changed, `${title} image`)} changed with the last move of a threshold` : ""
    ;[now, heard] = [{ indices, before, label, curve }, number]
    draw()
  }
  draw()
}
