// Questions that a reader can answer after a panel; a wrong choice says why and may be made again.

import { element } from "../shared/dom.js"

/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./progress.js").Answers} Answers */

export class Quiz {
  constructor() {
    this.root = element("div", "quiz")
  }

  /**
   * @param {Question[]} questions
   * @param {Answers} answers from before
   * @param {(answers: Answers) => void} onAnswer
   */
  show(questions, answers, onAnswer) {
    const chosen = questions.map((_, at) => answers[at] ?? null)
    this.root.replaceChildren(
      ...questions.map((question, at) =>
        fieldset(question, chosen[at], (choice) => {
          chosen[at] = choice
          onAnswer([...chosen])
        }),
      ),
    )
  }
}

/**
 * @param {Question} question
 * @param {number | null} chosen
 * @param {(choice: number) => void} onChoose
 */
function fieldset({ text, choices, answer, why }, chosen, onChoose) {
  const root = element("fieldset", "question")
  const reason = element("p", "why")
  reason.setAttribute("aria-live", "polite")
  const buttons = choices.map((words, at) => {
    const one = element("button", "choice", words)
    one.type = "button"
    one.onclick = () => {
      onChoose(at)
      mark(at)
    }
    return one
  })
  /** @param {number | null} at */
  const mark = (at) => {
    buttons.forEach((one, number) => {
      const state = number !== at ? "" : at === answer ? "right" : "wrong"
      one.className = `choice ${state}`
      one.setAttribute("aria-pressed", `${number === at}`)
    })
    reason.textContent = at === null ? "" : `${at === answer ? "\u2713 Yes." : "\u2717 Not quite."} ${why}`
  }
  mark(chosen)
  const line = element("div", "choices")
  line.append(...buttons)
  root.append(element("legend", "", text), line, reason)
  return root
}
