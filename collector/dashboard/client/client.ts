/** The dashboard's script: chart, live figures, copy buttons. Pages are whole without it. */

import { chartOf } from './chart.ts'
import { copyOnClick } from './copy.ts'
import { keepLive } from './live.ts'

const chart = chartOf(document)
copyOnClick(document)
keepLive({ onUpdate: () => chart.update() })
