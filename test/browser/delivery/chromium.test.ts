import { openChromium } from '../engines/chromium.ts'
import { testDelivery } from './testDelivery.ts'

testDelivery(openChromium, { repetitions: Number(process.env.TALLYMARK_REPETITIONS ?? 50), atATime: 8 })
