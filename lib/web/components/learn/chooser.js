// The choice of the panel: a list at the side, a list to unfold where it is narrow, and the panels before and after.

import { button, element } from "../shared/dom.js"

/** @typedef {import("./types.js").PanelFacts} PanelFacts */

export class Chooser {
  /** @param {(name: string) => void} choose */
  constructor(choose) {
    this.choose = choose
    this.list = element("nav", "panels")
    this.list.setAttribute("aria-label", "Panels")
    this.head = element("div", "head")
    this.select = element("select")
    this.select.setAttribute("aria-label", "Panel")
    this.select.onchange = () => choose(this.select.value)
    this.heading = element("h2")
    this.before = button("step", "\u2039", "Panel before", () => this.step(-1))
    this.after = button("step", "\u203a", "Next panel", () => this.step(1))
    this.head.append(this.heading, this.select, this.before, this.after)
    /** @type {PanelFacts[]} */
    this.panels = []
    this.at = 0
    /** @type {HTMLButtonElement[]} */
    this.buttons = []
  }

  /** @param {number} by */
  step(by) {
    const panel = this.panels[this.at + by]
    if (panel) this.choose(panel.name)
  }

  /**
   * @param {PanelFacts[]} panels
   * @param {string} name of the one that is open
   * @param {string[]} done names of those that are done
   */
  show(panels, name, done) {
    if (panels.length !== this.panels.length) this.build(panels)
    this.panels = panels
    this.at = Math.max(0, panels.findIndex((one) => one.name === name))
    this.heading.textContent = panels[this.at].title
    this.select.value = panels[this.at].name
    this.buttons.forEach((one, at) => {
      if (at === this.at) one.setAttribute("aria-current", "page")
      else one.removeAttribute("aria-current")
    })
    this.before.setAttribute("aria-disabled", `${this.at === 0}`) // one that is disabled would lose the focus
    this.after.setAttribute("aria-disabled", `${this.at === panels.length - 1}`)
    this.mark(done)
  }

  /** @param {PanelFacts[]} panels */
  build(panels) {
    this.buttons = panels.map(({ name }) => {
      const one = element("button", "panel-name")
      one.type = "button"
      one.onclick = () => this.choose(name)
      return one
    })
    this.list.replaceChildren(...this.buttons)
    this.select.replaceChildren(...panels.map(({ name }) => Object.assign(element("option"), { value: name })))
  }

  /**
   * Marks the panels that are done, by more than a color.
   * @param {string[]} done
   */
  mark(done) {
    this.panels.forEach(({ name, title }, at) => {
      const isDone = done.includes(name)
      const [sign, words] = [element("span", "sign", isDone ? "\u2713" : `${at + 1}`), element("span", "title", title)]
      if (isDone) sign.setAttribute("aria-label", "done:")
      this.buttons[at].replaceChildren(sign, words)
      this.select.options[at].textContent = `${isDone ? "\u2713" : at + 1} ${title}`
    })
  }
}
