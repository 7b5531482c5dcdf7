// What of the questions was answered, kept in this browser.

const KEPT = "manyhot-learn"

/** @typedef {(number | null)[]} Answers the choice at each question, null where there is none yet */

export class Progress {
  /** @param {Pick<Storage, "getItem" | "setItem"> | null} [storage] */
  constructor(storage = usual()) {
    this.storage = storage
    /** @type {Record<string, Answers>} */
    this.kept = {}
    try {
      const kept = JSON.parse(storage?.getItem(KEPT) ?? "{}")
      if (kept && typeof kept === "object" && !Array.isArray(kept)) this.kept = kept
    } catch {
      this.kept = {} // of another program, or cut off
    }
  }

  /**
   * @param {string} panel
   * @returns {Answers}
   */
  answers(panel) {
    const answers = this.kept[panel]
    return Array.isArray(answers) ? answers : []
  }

  /**
   * @param {string} panel
   * @param {Answers} answers
   */
  keep(panel, answers) {
    this.kept[panel] = answers
    try {
      this.storage?.setItem(KEPT, JSON.stringify(this.kept))
    } catch {
      this.storage = null // full or forbidden: it is kept as long as the page is
    }
  }

  /**
   * @param {string} panel
   * @param {{ answer: number }[]} questions
   */
  isDone(panel, questions) {
    const answers = this.answers(panel)
    return questions.every(({ answer }, at) => answers[at] === answer)
  }
}

function usual() {
  try {
    return window.localStorage
  } catch {
    return null // forbidden by the browser's settings
  }
}
