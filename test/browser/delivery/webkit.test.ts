import { openWebkit } from '../engines/webkit.ts'
import { testDelivery } from './testDelivery.ts'

testDelivery(openWebkit, { repetitions: Number(process.env.TALLYMARK_REPETITIONS ?? 50), atATime: 8 })
