import { backup } from './backup.ts'
import { campaign } from './campaign.ts'
import type { Command } from './cli.ts'
import { exportLedger } from './exportLedger.ts'
import { importLedger } from './importLedger.ts'
import { key } from './key.ts'
import { rebuild } from './rebuild.ts'
import { replay } from './replay.ts'
import { site } from './site.ts'
import { spend } from './spend.ts'
import { statement } from './statement.ts'
import { verify } from './verify.ts'

/** The commands that work on a store; `start` is in main.ts. */
export const COMMANDS: Record<string, Command> = {
  verify,
  rebuild,
  export: exportLedger,
  import: importLedger,
  backup,
  replay,
  site,
  campaign,
  key,
  statement,
  spend,
}
