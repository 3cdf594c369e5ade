import { shims } from './shims.ts'
import type { PurchaseInput } from './tallymark.ts'

type Stub = { (...call: unknown[]): unknown; q?: unknown[][] }

const page = window as { tallymark?: Stub }

/** The stub of docs/sdk.md, for a page on which this script comes first. */
page.tallymark ??= Object.assign((...call: unknown[]) => void (page.tallymark as Stub).q?.push(call), { q: [] as unknown[][] })

// Looked up at each call: the stub is replaced when the script is there.
shims({ purchase: (input: PurchaseInput) => void page.tallymark?.('purchase', input) })
