import { openFirefox } from '../engines/firefox.ts'
import { testDelivery } from './testDelivery.ts'

testDelivery(openFirefox, { repetitions: Number(process.env.TALLYMARK_REPETITIONS ?? 50), atATime: 8 })
