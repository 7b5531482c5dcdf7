// The one-hot matrix with its pictures: a row a picture, a column a label, others counted; a click chooses the picture.

import { element, write } from "../shared/dom.js"
import { UNKNOWN } from "./vectors.js"

/**
 * @typedef {object} Rows
 * @property {string[]} pictures
 * @property {string[]} titles
 * @property {number[]} columns those of the vectors that are drawn
 * @property {number[][]} vectors
 * @property {number} at the picture that is chosen
 * @property {(at: number) => void} choose
 */

/**
 * Draws the rows, which are made once for the same pictures.
 * @param {HTMLElement} root
 * @param {Rows} rows
 */
export function thumbnails(root, { pictures, titles, columns, vectors, at, choose }) {
  if (root.dataset.of !== pictures.join()) {
    root.dataset.of = pictures.join()
    const row = (/** @type {string} */ src, /** @type {number} */ number) => {
      const one = element("button", "row")
      one.type = "button"
      const image = element("img")
      image.src = src
      image.alt = titles[number]
      one.append(image, ...columns.map(() => element("span", "bit")), element("span", "more"))
      one.onclick = () => choose(number)
      one.onkeydown = (event) => {
        const next = { ArrowRight: number + 1, ArrowDown: number + 1, ArrowLeft: number - 1, ArrowUp: number - 1 }[event.key]
        const to = root.children[next ?? -1]
        if (next === undefined || !(to instanceof HTMLElement)) return
        event.preventDefault()
        choose(next)
        to.focus()
      }
      return one
    }
    root.replaceChildren(...pictures.map(row))
  }
  vectors.forEach((vector, number) => {
    const one = root.children[number]
    if (number === at) one.setAttribute("aria-current", "true")
    else one.removeAttribute("aria-current")
    columns.forEach((column, place) => {
      const [value, bit] = [vector[column], one.children[place + 1]]
      bit.className = `bit ${value === 1 ? "on" : value === UNKNOWN ? "unknown" : "off"}`
      bit.textContent = value === UNKNOWN ? "?" : `${value}`
    })
    const others = vector.filter((value, column) => value && !columns.includes(column)).length
    write(/** @type {Element} */ (one.lastElementChild), others ? `+${others}` : "")
  })
}
