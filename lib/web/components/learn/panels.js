// The figure of every panel, by the panel's name.

import { Losses } from "./losses.js"
import { OneHot } from "./one_hot.js"
import { Slip } from "./slip.js"
import { Threshold } from "./threshold.js"

/** @type {Record<string, new (host: import("./types.js").Host) => import("./types.js").Figure>} */
export const PANELS = { "one-hot": OneHot, losses: Losses, slip: Slip, threshold: Threshold }
