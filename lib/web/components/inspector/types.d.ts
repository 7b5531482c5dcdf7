// What Python sends to the inspector (lib/web/components/inspector/__init__.py), and what its parts tell each other.

import type { Place } from "./geometry.js"

/** Of one column of a target; null where nothing is known. */
export type Value = number | null
export type Cell = [column: number, now: Value]
export type Pair = [one: number, other: number]

/** As `Edited.editor` of lib/tasks/editing.py makes it. */
export type Targets = {
  control: "toggles" | "choice" | "points" | "numbers"
  names: string[]
  values: Value[]
  lines?: Pair[] // of points
  pairs?: Pair[]
  units?: string[] // of numbers
}
export type Item = {
  row: number
  title: string
  width: number
  height: number
  split: string
  excluded: boolean
  place: string // which of how many
  before: number | null
  after: number | null
  column?: number | null // the target that is looked for
}
export type Data = {
  pictures: string
  item: Item
  targets: Targets
  heard: number // of the last acts that Python answered
  refused: string
  message: string
  undo: string | null
  redo: string | null
  opening: number
}
export type Edit = { kind: "edit"; row: number; cells: { column: number; was: Value; now: Value }[] }
export type Act = Edit | { kind: "undo" | "redo" | "include" | "exclude" | "like" | "close"; row: number } | { kind: "step"; row: number; by: number }
export type Flight = { number: number; acts: Act[] }

/** What the stage asks and tells. */
export type Hooks = {
  value: (column: number) => Value
  moved: (cells: Cell[], later: boolean) => void
  selected: () => void
  flush: () => void
  rest: () => void
}
/** The targets beside the picture. */
export type Control = {
  root: HTMLElement
  search?: HTMLInputElement
  draw: (all?: boolean) => void
  focus: (column: number) => void
  key?: (event: KeyboardEvent) => boolean
  typed?: (event: KeyboardEvent) => boolean
  revert: (input: EventTarget | null) => void
}
/** A point that is dragged. */
export type Held = { index: number; place: Place }
