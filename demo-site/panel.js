// The demo's window on the collector: which events its ledger has, and what the campaigns stand at.
import { formatAmount, formatMinor } from './money.js'

const EVENTS_KEY = 'tallymark-demo.events'
const END_KEY = 'tallymark-demo.end'
const STATE_KEY = 'tallymark-demo.panel'
const KEEP_EVENTS = 30
const POLL_MS = 1_000
const POLL_TIMEOUT_MS = 5_000
const MOVED_MS = 2_600 // a little longer than the highlight in panel.css
const WIDE = '(min-width: 1200px)' // panel.css makes room for the panel from here on

const ROWS = [
  { label: 'Impressions', field: 'impressions' },
  { label: 'Clicks', field: 'clicks' },
  { label: 'Signups', field: 'signups' },
  { label: 'Purchases', field: 'purchases' },
  { label: 'Revenue', field: 'revenueMinor', isMoney: true },
  { label: 'Cost', field: 'costMinor', isMoney: true },
]

// Storage may be switched off; then the panel forgets from page to page and works on.
function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key))
  } catch {
    return null
  }
}
function write(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value))
  } catch {
    // see above
  }
}

/** An element with properties and children; text only ever arrives as a text node. */
function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'className' || name === 'textContent') node[name] = value
    else node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

// Newest first. Read anew before each use: a page that comes back from the back/forward cache holds a list of its own past.
let events = read(EVENTS_KEY) ?? []
let view = null

/** An event that the ledger has; one that is known already is left out. */
function recorded(event) {
  events = read(EVENTS_KEY) ?? events
  if (events.some((known) => known.id === event.id)) return
  events = [{ ...event, shownAt: Date.now() }, ...events].slice(0, KEEP_EVENTS)
  write(EVENTS_KEY, events)
  view?.eventAdded(event)
}

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const whole = new Intl.NumberFormat('en-GB')
const titled = (word) => word.charAt(0).toUpperCase() + word.slice(1)

function eventRow(event) {
  const details = []
  if (event.placement) details.push(event.placement)
  if (event.orderId) details.push(event.orderId)
  if (event.leadId) details.push(`lead ${event.leadId.slice(0, 8)}`)
  if (event.valueMinor !== undefined) details.push(formatMinor(event.valueMinor, event.currency))
  for (const [key, value] of Object.entries(event.segment ?? {})) details.push(`${key}: ${value}`)

  const row = el(
    'li',
    { className: 'tp-event', 'data-type': event.type },
    el('span', { className: 'tp-type', textContent: titled(event.type) }),
    el('span', { className: 'tp-campaign', textContent: event.campaign || 'no campaign' }),
    el('time', { className: 'tp-time', datetime: new Date(event.shownAt).toISOString(), textContent: clock.format(event.shownAt) }),
    el('span', { className: 'tp-details', textContent: details.join(' · ') }),
  )
  if (event.verdict !== 'counted')
    row.append(el('span', { className: 'tp-repeat', textContent: `Not counted: ${event.verdict.replace('_', ' ')}.` }))
  return row
}

/** `events` part. */
function eventList() {
  const list = el('ol', { className: 'tp-events', tabindex: '0', 'aria-label': 'Events in the ledger, newest first' })
  const empty = el('p', { className: 'tp-empty', textContent: 'Nothing yet. Keep a banner in view for a second, or click one.' })
  function draw() {
    empty.hidden = events.length > 0
    list.hidden = events.length === 0
    list.replaceChildren(...events.map(eventRow))
  }
  function add() {
    draw()
    list.firstElementChild?.classList.add('tp-new')
    list.scrollTop = 0
  }
  return { nodes: [empty, list], draw, add }
}

/** `campaign totals` part: campaigns side by side, so that it fits a phone. */
function totalsTable() {
  const table = el('table', { className: 'tp-totals', id: 'tally-totals' })
  const cells = new Map()
  let shownHead = ''

  /** The one currency of all campaigns, to be named once; undefined if they differ. */
  const sharedCurrency = ([first, ...rest]) => (rest.every(({ currency }) => currency === first?.currency) ? first?.currency : undefined)

  function build(campaigns, currency) {
    cells.clear()
    const head = el('tr', {}, el('td'), ...campaigns.map(({ name, id }) => el('th', { scope: 'col', title: id, textContent: name })))
    const body = ROWS.map(({ label, field, isMoney }) => {
      const row = el('tr', {}, el('th', { scope: 'row', textContent: isMoney && currency ? `${label}, ${currency}` : label }))
      for (const { id } of campaigns) {
        const cell = el('td', { 'data-campaign': id, 'data-metric': label.toLowerCase() })
        cells.set(`${field}/${id}`, cell)
        row.append(cell)
      }
      return row
    })
    const caption = el('caption', { className: 'tp-unseen', textContent: 'Campaign totals' })
    table.replaceChildren(caption, el('thead', {}, head), el('tbody', {}, ...body))
  }

  function textOf(campaign, { field, isMoney }, currency) {
    if (!isMoney) return whole.format(campaign[field])
    return (currency ? formatAmount : formatMinor)(campaign[field], campaign.currency)
  }

  function highlight(cell) {
    cell.classList.remove('tp-moved')
    void cell.offsetWidth // restarts the highlight of a cell that moves twice in a row
    cell.classList.add('tp-moved')
    setTimeout(() => cell.classList.remove('tp-moved'), MOVED_MS)
  }

  function show(campaigns) {
    const currency = sharedCurrency(campaigns)
    const head = JSON.stringify([currency, ...campaigns.map(({ id, name }) => [id, name])])
    const isFirst = head !== shownHead
    if (isFirst) build(campaigns, currency)
    shownHead = head
    for (const campaign of campaigns) {
      for (const row of ROWS) {
        const cell = cells.get(`${row.field}/${campaign.id}`)
        const next = textOf(campaign, row, currency)
        if (cell.textContent === next) continue
        cell.textContent = next
        if (!isFirst) highlight(cell)
      }
    }
  }
  return { table, show }
}

async function fetchTotals() {
  const end = read(END_KEY)
  const response = await fetch(end === null ? '/demo/totals' : `/demo/totals?after=${end}`, {
    signal: AbortSignal.timeout(POLL_TIMEOUT_MS),
    cache: 'no-store',
  })
  if (!response.ok) throw new Error(`the collector answered ${response.status}`)
  const told = await response.json()
  write(END_KEY, told.end)
  for (const event of told.events) recorded(event)
  return told.campaigns
}

/** Asks once a second while `isWatched()`; `wake()` asks at once. Never two requests at a time. */
function pollTotals({ isWatched, onTotals, onFailure }) {
  let timer
  let isAsking = false
  async function ask() {
    clearTimeout(timer)
    if (isAsking || !isWatched()) return
    isAsking = true
    try {
      onTotals(await fetchTotals())
    } catch {
      onFailure()
    }
    isAsking = false
    timer = setTimeout(ask, POLL_MS)
  }
  document.addEventListener('visibilitychange', ask)
  return { wake: ask }
}

function mount() {
  const list = eventList()
  const totals = totalsTable()
  const count = el('span', { className: 'tp-count', id: 'tally-count' })
  const toggle = el(
    'button',
    { type: 'button', className: 'tp-toggle', id: 'tally-toggle', 'aria-controls': 'tally-body' },
    el('span', { className: 'tp-mark', 'aria-hidden': 'true' }),
    el('span', { className: 'tp-title', textContent: 'Tallymark' }),
    count,
    el('span', { className: 'tp-chevron', 'aria-hidden': 'true' }),
  )
  const state = el('p', { className: 'tp-state', id: 'tally-state', role: 'status', textContent: 'Asking the collector…' })
  const body = el(
    'div',
    { className: 'tp-body', id: 'tally-body' },
    el('h2', { textContent: 'Events in the ledger' }),
    ...list.nodes,
    el('div', { className: 'tp-heading' }, el('h2', { textContent: 'Campaign totals' }), state),
    el('div', { className: 'tp-scroll' }, totals.table),
  )
  const announcer = el('p', { className: 'tp-unseen', 'aria-live': 'polite', id: 'tally-announcer' })
  const panel = el('aside', { className: 'tally-panel', id: 'tally-panel', 'aria-label': 'Tallymark demo panel' }, toggle, body, announcer)

  const isOpen = () => !body.hidden
  const polling = pollTotals({
    isWatched: () => document.visibilityState === 'visible' && isOpen(),
    onTotals(campaigns) {
      totals.show(campaigns)
      setState('live', campaigns.length > 0 ? 'Live' : 'No campaign yet')
    },
    onFailure: () => setState('lost', 'The collector cannot be reached. Trying again…'),
  })

  function setState(name, text) {
    if (panel.dataset.state === name && state.textContent === text) return
    panel.dataset.state = name
    state.textContent = text
  }
  function showCount() {
    const more = events.length === KEEP_EVENTS ? `last ${KEEP_EVENTS}` : String(events.length)
    count.textContent = `${more} in the ledger`
  }
  function setOpen(open) {
    body.hidden = !open
    toggle.setAttribute('aria-expanded', String(open))
    document.documentElement.dataset.tallyPanel = open ? 'open' : 'collapsed'
    polling.wake()
  }

  toggle.addEventListener('click', () => {
    setOpen(!isOpen())
    write(STATE_KEY, isOpen() ? 'open' : 'collapsed')
  })
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !isOpen()) return
    setOpen(false)
    write(STATE_KEY, 'collapsed')
    toggle.focus()
  })

  view = {
    eventAdded(event) {
      list.add()
      showCount()
      announcer.textContent = `${titled(event.type)} recorded${event.campaign ? `, campaign ${event.campaign}` : ''}`
    },
  }
  function drawEvents() {
    events = read(EVENTS_KEY) ?? events
    list.draw()
    showCount()
  }
  document.body.append(panel)
  drawEvents()
  addEventListener('pageshow', drawEvents)
  const remembered = read(STATE_KEY)
  setOpen(remembered === null ? matchMedia(WIDE).matches : remembered === 'open')
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', mount)
else mount()
