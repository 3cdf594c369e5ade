import type { Registry } from './registry.ts'

export const DEMO_SITES = [
  { id: 'demo-magazine', name: 'Fjord & Fell (demo)' },
  { id: 'demo-shop', name: 'Nordkit (demo)' },
]

/** One campaign for each way of paying. */
export const DEMO_CAMPAIGNS = [
  {
    id: 'spring-sale',
    name: 'Spring sale',
    pays: [
      { model: 'cpm' as const, rate: '37.50' },
      { model: 'cps' as const, share: '0.10' },
    ],
  },
  { id: 'trail-club', name: 'Trail club', pays: [{ model: 'cpl' as const, rate: '25.00' }] },
  {
    id: 'pack-light',
    name: 'Pack light',
    pays: [
      { model: 'cpc' as const, rate: '2.00' },
      { model: 'cps' as const, rate: '40.00' },
    ],
  },
]

/** Sites, campaigns and terms of the demo, where they are missing. Terms hold from long ago, so that any event is billed. */
export async function seedDemo(registry: Registry): Promise<void> {
  for (const { id, name } of DEMO_SITES) if (!registry.site(id)) await registry.putSite(id, { name, origins: [], allow: ['automation'] })
  for (const { id, name, pays } of DEMO_CAMPAIGNS) {
    if (registry.campaign(id)) continue
    await registry.putCampaign(id, {
      name,
      currency: 'NOK',
      timeZone: 'Europe/Oslo',
      advertiser: 'Nordkit',
      invalidTraffic: { doubleClickSeconds: 30, repeatClickHours: 0, clickLimits: null },
    })
    await registry.addTerms(id, {
      from: '2026-01-01T00:00:00+01:00',
      pays,
      budget: { total: null, monthly: null, daily: null },
      windows: { clickDays: 30, viewDays: 1 },
      validationDays: 0,
      evidence: 'browser',
      status: 'active',
    })
  }
}
