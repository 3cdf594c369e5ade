import { scriptTag } from '../commands.ts'
import { Snippet } from './snippet.tsx'

/** Sites that may send events, each with the tag for its pages. */
export function Sites({ sites, origin }: { sites: { id: string; name: string; origins: string[] }[]; origin: string }) {
  return (
    <section aria-labelledby="sites" data-key="sites">
      <div class="section-head">
        <h2 id="sites">Sites</h2>
      </div>
      {sites.length === 0 && <p class="empty">No site is set up, so no page can send events.</p>}
      <ul class="sites">
        {sites.map(({ id, name, origins }) => (
          <li data-key={`site-${id}`}>
            <h3>
              {name || id} <code>{id}</code>
            </h3>
            <p>{origins.length === 0 ? 'Accepts events from localhost only, until it has origins.' : origins.join(', ')}</p>
            <Snippet id={`tag-${encodeURIComponent(id)}`} label={`the script tag of ${name || id}`} code={scriptTag(id, origin)} />
          </li>
        ))}
      </ul>
    </section>
  )
}
