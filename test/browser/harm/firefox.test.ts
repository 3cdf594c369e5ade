import { openFirefox } from '../engines/firefox.ts'
import { testHarm } from './testHarm.ts'

testHarm(openFirefox)
