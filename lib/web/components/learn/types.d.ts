// What Python sends to the Learn page (lib/web/ui/learn), and what its panels are made of.

export type Question = { text: string; choices: string[]; answer: number; why: string }
export type PanelFacts = { name: string; title: string; lead: string; about: string; questions: Question[] }
export type Data = { panels: PanelFacts[]; panel: string; content: any }

/** lib/web/ui/learn/examples.py */
export type Examples = {
  source: string
  own: boolean
  names: string[] // the whole vocabulary
  frequent: number[] // columns that are drawn where there is no room for all
  pictures: string[]
  titles: string[]
  targs: number[][]
  per_image: number
  nothing: number | null
}

/** What a panel may ask of the page that it is on: `act` is sent to its Python module. */
export type Host = { root: HTMLElement; act: (value: unknown) => void }

/** The figure of a panel; it fills `host.root`. */
export type Figure = {
  /** Takes what Python says, at first and whenever it says something else. */
  show: (content: any) => void
  /** Lets go of what outlives the elements, such as timers. */
  remove?: () => void
}

/** lib/web/ui/learn/slip.py; numbers are null where they are not known yet. */
export type SlipTraining = {
  state: "none" | "waiting" | "working" | "done" | "failed"
  message: string
  done: number
  total: number
  source: string
  accuracy: (number | null)[][]
  loss: (number | null)[][]
  nothing: number | null
  n_train: number
  n_valid: number
}
export type SlipContent = { names: string[]; targs: number[]; training: SlipTraining }

/** lib/web/ui/learn/threshold.py */
export type ThresholdContent = {
  examples: Examples
  noun: string
  run: {
    own: boolean // else a recorded one
    title: string
    split: string
    threshs: number[] // evenly from 0 to 1
    accuracy: number[]
    book: { threshs: number[]; accuracy: number[] }
    nothing: number
  } | null
}
