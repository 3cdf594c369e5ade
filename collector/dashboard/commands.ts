/** The tag that a site's pages carry. `origin` is where visitors reach the collector. */
export function scriptTag(site: string, origin: string): string {
  return `<script async src="${origin}/tallymark.js" data-site="${attribute(site)}"></script>`
}

/** A command that sets up a site. */
export function putSite(site: string, origin: string): string {
  return curl('PUT', `${origin}/v1/sites/${segment(site)}`, { name: 'My shop', origins: ['https://shop.example'] })
}

/**
 * A command that sets up a campaign.
 *
 * The id may come from anyone's page and the command goes into a shell, so outside of letters, digits, `-`, `.`, `_` and `~` it is percent-encoded.
 */
export function putCampaign(campaign: string, origin: string): string {
  return curl('PUT', `${origin}/v1/campaigns/${segment(campaign)}`, { name: 'My campaign', currency: 'NOK', timeZone: 'Europe/Oslo' })
}

/** A command that agrees terms for a campaign, from `day` on. */
export function postTerms(campaign: string, options: { origin: string; day: string }): string {
  const pays = [
    { model: 'cpc', rate: '2.00' },
    { model: 'cps', share: '0.10' },
  ]
  return curl('POST', `${options.origin}/v1/campaigns/${segment(campaign)}/terms`, { from: `${options.day}T00:00:00Z`, pays })
}

function curl(method: string, url: string, body: unknown): string {
  return [
    `curl -X ${method} '${url}' \\`,
    `  -H "Authorization: Bearer $TALLYMARK_ADMIN_TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ].join('\n')
}

// encodeURIComponent leaves ! ' ( ) * as they are, and a quote would end the shell's string.
function segment(id: string): string {
  const encoded = encodeURIComponent(id.toWellFormed())
  return encoded.replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
