// The pictures beside the chart: what the last change of the thresholds made others, or else the worst.

import { element, write } from "../shared/dom.js"
import { renewed } from "../gallery/gallery.js"

export class Pictures {
  constructor() {
    this.root = element("div", "pictures")
    this.words = element("p", "words")
    this.place = element("div", "gallery")
    this.root.append(this.words, this.place)
    /** @type {import("../gallery/gallery.js").Mounted | undefined} */
    this.shown = undefined
  }

  /** @param {import("./types.js").Beside} beside */
  show({ words, gallery }) {
    write(this.words, words)
    this.place.hidden = !gallery
    if (gallery) this.shown = renewed(this.shown, gallery, this.place)
  }

  remove() {
    this.shown?.close()
  }
}
