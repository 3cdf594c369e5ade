import { postTerms, putCampaign, putSite, scriptTag } from '../commands.ts'
import type { Overview } from '../load.ts'
import { Snippet } from './snippet.tsx'

const MARKUP = `<a href="/sale" data-tm-impression="banner-top" data-tm-click="banner-top"
   data-tm-campaign="spring-sale">Spring sale</a>

<script>
  window.tallymark=window.tallymark||function(){(tallymark.q=tallymark.q||[]).push(arguments)}
  tallymark('purchase', { orderId: 'A-1001', value: '499.00', currency: 'NOK' })
</script>`

/** What to do when nothing has been set up and nothing has come in. */
export function Welcome({ overview }: { overview: Overview }) {
  const { origin, sites, today } = overview
  const [site] = sites
  return (
    <div class="welcome" data-key="welcome">
      <h1>Nothing to count yet</h1>
      <p class="lead">Three steps to the first result. This page fills in by itself when it arrives.</p>
      <ol class="steps">
        <li>
          <h2>Put the tag on your pages</h2>
          {!site && (
            <>
              <p>Name the site and the origins that may send events for it:</p>
              <Snippet id="put-site" label="the command that sets up a site" code={putSite('shop', origin)} />
            </>
          )}
          {site && site.origins.length === 0 && (
            <p>
              The site <code>{site.id}</code> accepts events from localhost only, until it has origins.
            </p>
          )}
          <Snippet id="tag" label="the script tag" code={scriptTag(site?.id ?? 'shop', origin)} />
        </li>
        <li>
          <h2>Mark an ad and an order</h2>
          <p>Impressions and clicks are read from the markup; a purchase is one call, which waits when the tag has not loaded yet.</p>
          <Snippet id="markup" label="the markup" code={MARKUP} />
        </li>
        <li>
          <h2>Say what you pay for</h2>
          <p>A campaign has a currency and terms. Without terms results are counted, and nothing is owed.</p>
          <Snippet id="put-campaign" label="the command that sets up a campaign" code={putCampaign('spring-sale', origin)} />
          <Snippet id="post-terms" label="the command that sets terms" code={postTerms('spring-sale', { origin, day: today })} />
        </li>
      </ol>
    </div>
  )
}
