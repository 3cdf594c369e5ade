import { openChromium } from '../engines/chromium.ts'
import { testHarm } from './testHarm.ts'

testHarm(openChromium)
