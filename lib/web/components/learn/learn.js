// The Learn page in the browser: which panel is open, its figure and its questions. Figures answer without the server.
// Names come from data sets that nobody checked, so text is only ever set with textContent.

import { element } from "../shared/dom.js"
import { Chooser } from "./chooser.js"
import { InAddress } from "./in_address.js"
import { PANELS } from "./panels.js"
import { Progress } from "./progress.js"
import { Quiz } from "./quiz.js"

/** @typedef {import("./types.js").Data} Data */
/** @typedef {import("./types.js").Figure} Figure */

/** @type {WeakMap<HTMLElement, Page>} */
const pages = new WeakMap() // by parentElement

/** @param {{ data: Data, parentElement: HTMLElement, setTriggerValue: (name: string, value: unknown) => void }} component */
export default function learn({ data, parentElement, setTriggerValue }) {
  const page = pages.get(parentElement) ?? new Page(/** @type {HTMLElement} */ (parentElement.querySelector(".learn")))
  pages.set(parentElement, page)
  page.send = setTriggerValue
  page.show(data)
  return () => {
    pages.get(parentElement)?.remove()
    pages.delete(parentElement)
  }
}

class Page {
  /** @param {HTMLElement} root */
  constructor(root) {
    /** @type {(name: string, value: unknown) => void} */
    this.send = () => {}
    this.progress = new Progress()
    this.chooser = new Chooser((name) => this.send("panel", name))
    this.lead = element("p", "lead")
    this.place = element("div", "figure")
    this.choices = new InAddress(this.place)
    this.about = element("p", "about")
    this.quiz = new Quiz()
    this.name = ""
    /** @type {Figure | null} */
    this.figure = null
    this.content = ""
    const main = element("section", "panel")
    main.append(this.chooser.head, this.lead, this.place, this.about, this.quiz.root)
    root.replaceChildren(this.chooser.list, main)
  }

  /** @param {Data} data */
  show({ panels, panel: name, content }) {
    const panel = panels.find((one) => one.name === name) ?? panels[0]
    if (name !== this.name) {
      this.figure?.remove?.()
      this.name = name
      this.content = ""
      this.lead.textContent = panel.lead
      this.about.textContent = panel.about
      this.about.hidden = !panel.about
      const root = element("div", name)
      this.place.replaceChildren(root)
      this.figure = new PANELS[name]({ root, act: (value) => this.send("act", value) })
      this.quiz.show(panel.questions, this.progress.answers(name), (answers) => {
        this.progress.keep(name, answers)
        this.chooser.mark(this.doneOf(panels))
      })
    }
    this.chooser.show(panels, name, this.doneOf(panels))
    const now = JSON.stringify(content)
    if (content && now !== this.content) {
      const isFirst = !this.content || this.content === "null"
      this.figure?.show(content)
      this.choices.open(isFirst)
    }
    this.content = now
  }

  /** @param {import("./types.js").PanelFacts[]} panels */
  doneOf(panels) {
    return panels.filter(({ name, questions }) => this.progress.isDone(name, questions)).map(({ name }) => name)
  }

  remove() {
    this.choices.remove()
    this.figure?.remove?.()
  }
}
