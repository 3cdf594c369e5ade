import { openChromium } from '../engines/chromium.ts'
import { repetitionsOf } from './repetitions.ts'
import { ROWS } from './rows.ts'
import { testDelivery } from './testDelivery.ts'

const repetitions = repetitionsOf(50)
const isCached = ({ name }: { name: string }) => name.includes('back/forward cache')

testDelivery(openChromium, { repetitions, atATime: 8, rows: ROWS.filter((row) => !isCached(row)) })
// The headless shell has no such cache.
testDelivery(() => openChromium({ whole: true }), { repetitions, atATime: 4, rows: ROWS.filter(isCached) })
