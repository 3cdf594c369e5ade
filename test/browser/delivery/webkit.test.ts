import { openWebkit } from '../engines/webkit.ts'
import { repetitionsOf } from './repetitions.ts'
import { testDelivery } from './testDelivery.ts'

testDelivery(openWebkit, { repetitions: repetitionsOf(10), atATime: 8 })
