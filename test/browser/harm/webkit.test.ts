import { openWebkit } from '../engines/webkit.ts'
import { testHarm } from './testHarm.ts'

testHarm(openWebkit)
