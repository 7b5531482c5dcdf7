// What Python sends to the threshold lab (lib/web/components/lab/__init__.py), and what its chart draws.

import type { GalleryData } from "../gallery/geometry.js"
import type { Curve, Values } from "./numbers.js"

/** What stands beside the chart: words, and pictures where there are any. */
export type Beside = { words: string; gallery: GalleryData | null }
export type Chosen = { indices: number[]; before: number[]; label: number | null; curve: string }

/** What stays while thresholds move. */
export type Fixed = {
  parts: { title: string; split: string; url: string }[]
  band: string // address
  names: string[]
  noun: string
  title: string
  curves: Curve[]
  baseline: string
}
export type Data = { fixed: Fixed; chosen: Chosen; heard: number; rights: number[]; shown: number; beside: Beside }

/** How sure a curve is, at some thresholds. */
export type Band = { thresh: number[]; low: (number | null)[]; high: (number | null)[] }
/** A curve of another split. */
export type Other = { values: Values; title: string }
/** From a number to pixels. */
export type Scale = (value: number) => number

/** What of the chart does not move. */
export type Content = {
  curve: Curve
  title: string
  whose: string
  values: Values
  others: Other[]
  band: Band | undefined
  baseline: number
  baselineTitle: string
  before: number | null // index of the threshold before
  noun: string
  label: number | null
  steps: number
}
