// What is said of the picture that is pointed at, with the picture.

import { element, middle } from "../shared/dom.js"
import { pictureAddress } from "../shared/pictures.js"

const ASIDE_PX = 14
const TITLE_END = 12 // letters of a name that tell pictures apart
const SIZE_PX = 256
const WAIT_MS = 90 // the pointer has to stay so long before the server is asked

export class Tip {
  constructor() {
    this.root = element("div", "tip")
    this.root.setAttribute("role", "status")
    this.root.hidden = true
    this.timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined)
    this.row = -1
  }

  /**
   * @param {{ pictures: string, words: string }} data
   * @param {number} row
   * @param {string} colored what its color says
   */
  show(data, row, colored) {
    clearTimeout(this.timer)
    this.row = row
    this.root.hidden = false
    const image = element("img")
    image.alt = ""
    this.root.replaceChildren(image, element("span", "colored", colored))
    this.timer = setTimeout(async () => {
      image.src = pictureAddress(data.pictures, row, SIZE_PX)
      const answer = await fetch(data.words.replace("{row}", String(row))).catch(() => null)
      if (!answer?.ok || this.row !== row) return
      const { title, split } = await answer.json()
      this.root.append(middle(title, TITLE_END), element("span", "split", split))
    }, WAIT_MS)
  }

  hide() {
    clearTimeout(this.timer)
    this.row = -1
    this.root.hidden = true
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {HTMLElement} stage
   */
  place(x, y, stage) {
    const right = x > stage.clientWidth / 2
    const below = y > stage.clientHeight / 2
    this.root.style.translate = `${x + (right ? -ASIDE_PX : ASIDE_PX)}px ${y + (below ? -ASIDE_PX : ASIDE_PX)}px`
    this.root.style.transform = `translate(${right ? -100 : 0}%, ${below ? -100 : 0}%)`
  }
}
