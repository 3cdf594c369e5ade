import type { Assets } from './assets.ts'
import { Page } from './page.tsx'

/** A page that says one thing. */
export function MessagePage({ assets, title, text }: { assets: Assets; title: string; text: string }) {
  return (
    <Page title={title} assets={assets} loggedIn={false}>
      <section class="slip">
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href="/dashboard">Back to the dashboard</a>
        </p>
      </section>
    </Page>
  )
}
