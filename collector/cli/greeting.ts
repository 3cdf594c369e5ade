/** What the collector says when it listens: where everything is, the tag to paste, and once the token. */
export function greeting({ port, demo, site, token }: { port: number; demo: boolean; site: string; token: string | undefined }): string {
  const address = `http://localhost:${port}`
  const lines = [
    `Dashboard    ${address}/dashboard`,
    ...(demo ? [`Demo site    ${address}/demo/`] : []),
    `Script tag   <script async src="${address}/tallymark.js" data-site="${site}"></script>`,
    `             (site "${site}" accepts pages on localhost until you list its origins: PUT /v1/sites/${site})`,
    token ? `Admin token  ${token}   (shown only now; keep it)` : 'Admin token  as printed at the first start, or TALLYMARK_ADMIN_TOKEN',
  ]
  return `\n${lines.map((line) => `  ${line}\n`).join('')}`
}
