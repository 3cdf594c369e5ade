import { putCampaign } from '../commands.ts'
import { Snippet } from './snippet.tsx'

/** How to set up a campaign that events already name. */
export function SetUpHint({ campaign, origin }: { campaign: string; origin: string }) {
  const id = `set-up-${encodeURIComponent(campaign.toWellFormed())}`
  return (
    <details class="set-up" id={`${id}-details`}>
      <summary>Set it up</summary>
      <Snippet id={id} label="the command that sets up the campaign" code={putCampaign(campaign, origin)} />
    </details>
  )
}
