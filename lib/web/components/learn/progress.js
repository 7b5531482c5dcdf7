// What of the questions was answered, kept in this browser.

import { Kept } from "./kept.js"

/** @typedef {(number | null)[]} Answers the choice at each question, null where there is none yet */

export class Progress {
  /** @param {Pick<Storage, "getItem" | "setItem">} [storage] */
  constructor(storage) {
    this.kept = new Kept("manyhot-learn", storage)
  }

  /**
   * @param {string} panel
   * @returns {Answers}
   */
  answers(panel) {
    const answers = this.kept.get(panel)
    return Array.isArray(answers) ? answers : []
  }

  /**
   * @param {string} panel
   * @param {Answers} answers
   */
  keep(panel, answers) {
    this.kept.set(panel, answers)
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
