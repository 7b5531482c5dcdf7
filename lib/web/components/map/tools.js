// The buttons over a map: what a drag does, how large it is, and taking the selection back.

import { button, element } from "../shared/dom.js"

/** @typedef {"move" | "lasso" | "box"} Mode */

export class Tools {
  /** @param {{ zoom: import("../shared/zoom.js").Zoom, mode: (mode: Mode) => void, clear: () => void, pictures: (on: boolean) => void }} hooks */
  constructor({ zoom, mode, clear, pictures }) {
    this.root = element("div", "tools")
    const modes = element("span", "group")
    /** @type {[Mode, string, string, string][]} */
    const ways = [
      ["move", "✥", "Move", "A drag moves the map (Esc)"],
      ["lasso", "⌾", "Lasso", "A drag draws around images and selects them (L, or Shift)"],
      ["box", "▭", "Box", "A drag selects the images in a box (B)"],
    ]
    this.modes = ways.map(([name, sign, text, label]) => {
      const one = worded(sign, text, label, () => mode(name))
      one.setAttribute("aria-pressed", "false")
      return { name, one }
    })
    modes.append(...this.modes.map(({ one }) => one))
    const zooms = element("span", "group")
    zooms.append(
      button("control", "−", "Smaller (minus, or the wheel)", () => zoom.smaller()),
      button("control", "⤢", "The whole map (0)", () => zoom.fit()),
      button("control", "+", "Larger (plus, or the wheel)", () => zoom.larger()),
    )
    const shown = worded("▣", "Pictures", "Show pictures where there is room for them", () => {
      const on = shown.getAttribute("aria-pressed") !== "true"
      shown.setAttribute("aria-pressed", `${on}`)
      pictures(on)
    })
    shown.setAttribute("aria-pressed", "true")
    this.clear = worded("✕", "Selection", "Clear the selection", clear)
    this.root.append(modes, zooms, shown, this.clear)
    this.draw("move", false)
  }

  /**
   * @param {Mode} mode
   * @param {boolean} selected whether there is a selection
   */
  draw(mode, selected) {
    for (const { name, one } of this.modes) one.setAttribute("aria-pressed", `${name === mode}`)
    this.clear.hidden = !selected
  }
}

/**
 * A button with a sign, and a word where there is room.
 * @param {string} sign
 * @param {string} word
 * @param {string} label
 * @param {() => void} onclick
 */
function worded(sign, word, label, onclick) {
  const one = button("control", sign, label, onclick)
  one.append(element("span", "word", ` ${word}`))
  return one
}
