// Experiments of seconds: a prediction first, then a training in the worker, then what came out.

import { afterArrow } from "../shared/arrows.js"
import { element, write } from "../shared/dom.js"
import { Outcome, judged } from "./outcome.js"
import { Predictions } from "./predictions.js"
import { segments } from "./segments.js"

/** @typedef {import("./types.js").Figure} Figure */
/** @typedef {import("./outcome.js").Answer} Answer */
/** @typedef {{ state: string, words: string, answer: Answer | null }} State `state` is "" where it was not asked for */
/** @typedef {{ name: string, question: string, options: string[], does: string, sample: State, own: State | null }} Experiment */
/** @typedef {{ dataset: string, experiments: Experiment[] }} Content */

/** @implements {Figure} */
export class TrainHere {
  /** @param {import("./types.js").Host} host */
  constructor({ root, act }) {
    this.act = act
    this.at = 0
    this.wantsOwn = true
    this.asked = "" // what was just asked for, until the server has heard of it
    /** @type {Set<string>} */
    this.stopped = new Set() // by whoever looks at this page
    this.predictions = new Predictions()
    /** @type {Content} */
    this.content = { dataset: "", experiments: [] }
    this.source = element("div", "choices-line")
    this.list = element("div", "list")
    this.list.setAttribute("role", "radiogroup")
    this.list.setAttribute("aria-label", "Experiment")
    this.list.onkeydown = (event) => this.key(event)
    this.question = element("h3")
    this.options = element("div", "acts")
    this.does = element("p", "soft")
    this.going = element("div", "line going")
    this.going.setAttribute("role", "status")
    this.control = element("button")
    this.control.type = "button"
    this.words = element("p")
    this.going.append(this.words, this.control)
    this.outcome = new Outcome()
    const [stage, main] = [element("div", "stage"), element("div", "main")]
    main.append(this.question, this.options, this.does, this.going, this.outcome.root)
    stage.append(this.list, main)
    root.append(this.source, stage)
  }

  /** @param {Content} content */
  show(content) {
    const isFirst = !this.content.experiments.length
    const isOther = content.dataset !== this.content.dataset
    this.content = content
    this.asked = ""
    if (isFirst || isOther) this.choosePictures()
    if (isFirst) this.at = Math.max(0, content.experiments.findIndex((one) => this.predictions.of(this.keyOf(one)) === null))
    this.draw()
  }

  choosePictures() {
    const { dataset, experiments } = this.content
    const some = experiments.some(({ own }) => own)
    this.wantsOwn = some
    const choice = segments("Whose pictures", [["own", dataset], ["sample", "the sample"]], "own", (which) => {
      this.wantsOwn = which === "own"
      this.draw()
    })
    this.source.replaceChildren(...(some ? [choice] : []))
  }

  /** @param {Experiment} experiment */
  isOwn({ own }) {
    return this.wantsOwn && own !== null
  }

  /** @param {Experiment} experiment */
  stateOf(experiment) {
    return /** @type {State} */ (this.isOwn(experiment) ? experiment.own : experiment.sample)
  }

  /** @param {Experiment} experiment */
  keyOf(experiment) {
    return `${this.isOwn(experiment) ? this.content.dataset : ""}/${experiment.name}`
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const next = afterArrow(event.key, this.at, this.content.experiments.length)
    if (next === null) return
    event.preventDefault()
    this.at = next
    this.draw()
    const chosen = this.list.children[this.at]
    if (chosen instanceof HTMLElement) chosen.focus()
  }

  /** @param {number} option */
  predict(option) {
    const experiment = this.content.experiments[this.at]
    this.predictions.keep(this.keyOf(experiment), option)
    this.run(experiment)
  }

  /** @param {Experiment} experiment */
  run(experiment) {
    this.stopped.delete(this.keyOf(experiment))
    if (this.stateOf(experiment).state !== "done") {
      this.asked = experiment.name
      this.act({ experiment: experiment.name, own: this.isOwn(experiment) })
    }
    this.draw()
  }

  draw() {
    const { experiments } = this.content
    if (!experiments.length) return
    if (this.list.children.length !== experiments.length) this.list.replaceChildren(...experiments.map((_, at) => this.entry(at)))
    experiments.forEach((experiment, at) => this.mark(experiment, at))
    const experiment = experiments[this.at]
    const [state, prediction] = [this.stateOf(experiment), this.predictions.of(this.keyOf(experiment))]
    write(this.question, experiment.question)
    const answered = prediction !== null && state.answer !== null
    const isGoing = this.asked === experiment.name || ["waiting", "working"].includes(state.state)
    this.offer(experiment.options, prediction, answered || isGoing)
    const whose = this.isOwn(experiment) ? this.content.dataset : "the sample of colored shapes"
    write(this.does, `${prediction === null ? "Choose one, and it starts. " : ""}${experiment.does} Pictures of ${whose}.`)
    this.say(experiment, state, isGoing, prediction !== null)
    this.outcome.show(answered ? state.answer : null, experiment.options, prediction)
  }

  /**
   * The options; those that were there stay, so that the focus does.
   * @param {string[]} options
   * @param {number | null} prediction
   * @param {boolean} isOver
   */
  offer(options, prediction, isOver) {
    const buttons = options.map((_, at) => /** @type {HTMLElement} */ (this.options.children[at] ?? element("button")))
    if (this.options.children.length !== buttons.length) this.options.replaceChildren(...buttons)
    for (const [at, one] of buttons.entries()) {
      one.setAttribute("type", "button")
      one.className = `choice${prediction === at ? " predicted" : ""}`
      one.setAttribute("aria-disabled", `${isOver}`) // one that is disabled would lose the focus
      one.onclick = () => !isOver && this.predict(at)
      write(one, prediction === at ? `${options[at]} (your prediction)` : options[at])
    }
  }

  /**
   * @param {Experiment} experiment
   * @param {State} state
   * @param {boolean} isGoing
   * @param {boolean} isPredicted
   */
  say(experiment, state, isGoing, isPredicted) {
    const words = wordsOf(state, isGoing, isPredicted, this.stopped.has(this.keyOf(experiment)))
    const hadFocus = this.control.matches(":focus")
    this.going.hidden = !words
    write(this.words, words)
    this.words.className = state.state === "failed" && !isGoing ? "wrong" : ""
    write(this.control, isGoing ? "Stop" : "Run it")
    this.control.onclick = () => (isGoing ? this.stop(experiment) : this.run(experiment))
    const chosen = this.options.querySelector(".predicted")
    if (hadFocus && !words && chosen instanceof HTMLElement) chosen.focus()
  }

  /** @param {Experiment} experiment */
  stop(experiment) {
    this.stopped.add(this.keyOf(experiment))
    this.act({ experiment: experiment.name, own: this.isOwn(experiment), stop: true })
  }

  /** @param {number} at */
  entry(at) {
    const one = element("button", "experiment")
    one.type = "button"
    one.setAttribute("role", "radio")
    one.append(element("span", "sign"), element("span", "title"))
    one.onclick = () => {
      this.at = at
      this.draw()
    }
    return one
  }

  /**
   * @param {Experiment} experiment
   * @param {number} at
   */
  mark(experiment, at) {
    const one = /** @type {HTMLElement} */ (this.list.children[at])
    const [state, prediction] = [this.stateOf(experiment), this.predictions.of(this.keyOf(experiment))]
    one.setAttribute("aria-checked", `${at === this.at}`)
    one.tabIndex = at === this.at ? 0 : -1
    const [sign, words] = signOf(state, prediction)
    write(one.children[0], sign)
    one.children[0].setAttribute("aria-label", words)
    write(one.children[1], experiment.question)
  }

  remove() {
    this.outcome.remove()
  }
}

/**
 * What is said beside the button that runs or stops an experiment, "" where there is none.
 * @param {Pick<State, "state" | "words">} state
 * @param {boolean} isGoing
 * @param {boolean} isPredicted
 * @param {boolean} wasStopped
 */
export function wordsOf({ state, words }, isGoing, isPredicted, wasStopped) {
  if (isGoing) return words || "Starting"
  if (!isPredicted) return ""
  if (state === "failed") return words
  if (state !== "") return ""
  return wasStopped ? "Stopped." : "Not run yet."
}

/**
 * @param {State} state
 * @param {number | null} prediction
 * @returns {[string, string]} a sign and what it means
 */
function signOf({ state, answer }, prediction) {
  if (prediction === null) return ["?", "not predicted yet:"]
  if (["waiting", "working"].includes(state)) return ["…", "running:"]
  if (!answer) return ["–", "predicted, not run:"]
  const { sign, short } = judged(answer, prediction)
  return [sign, short]
}
