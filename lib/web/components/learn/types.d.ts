// What Python sends to the Learn page (lib/web/ui/learn), and what its panels are made of.

export type Question = { text: string; choices: string[]; answer: number; why: string }
export type PanelFacts = { name: string; title: string; lead: string; questions: Question[] }
export type Data = { panels: PanelFacts[]; panel: string; content: any }

/** lib/web/ui/learn/examples.py */
export type Examples = {
  source: string
  own: boolean
  names: string[]
  n_labels: int
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
