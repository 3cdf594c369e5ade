/** Something that a search found: an event by its id, an order or a lead of a site. */
export interface Found {
  id: string
  /** How it was found. */
  by: 'event' | 'order' | 'lead'
  site: string
}

/** Longest text that is searched for: an order id has at most 64 characters. */
export const MAX_SEARCH = 128

/** Address of the page of an event. */
export const eventHref = (id: string): string => `/dashboard/events/${encodeURIComponent(id)}`
