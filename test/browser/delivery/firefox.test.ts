import { openFirefox } from '../engines/firefox.ts'
import { repetitionsOf } from './repetitions.ts'
import { testDelivery } from './testDelivery.ts'

testDelivery(openFirefox, { repetitions: repetitionsOf(10), atATime: 5 })
