// The figure of every panel, by the panel's name.

import { Conveyor } from "./conveyor.js"
import { FineTuning } from "./fine_tuning.js"
import { LearningRate } from "./learning_rate.js"
import { Losses } from "./losses.js"
import { OneHot } from "./one_hot.js"
import { Points } from "./points.js"
import { Slip } from "./slip.js"
import { Threshold } from "./threshold.js"
import { TrainHere } from "./train_here.js"
import { YRange } from "./y_range.js"

/** @type {Record<string, new (host: import("./types.js").Host) => import("./types.js").Figure>} */
export const PANELS = {
  "one-hot": OneHot,
  losses: Losses,
  slip: Slip,
  threshold: Threshold,
  "fine-tuning": FineTuning,
  "learning-rate": LearningRate,
  points: Points,
  "y-range": YRange,
  conveyor: Conveyor,
  "train-here": TrainHere,
}
