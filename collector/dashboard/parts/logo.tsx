/** Four strokes and a slash: five, counted. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
      <path d="M5 4v16M9.7 4v16M14.3 4v16M19 4v16" />
      <path class="logo-slash" d="M1.5 16.5 22.5 7.5" />
    </svg>
  )
}

/** The logo as an icon of the page, an address that needs no request. */
export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%232a9d72' stroke-linecap='round' stroke-width='2.4'%3E" +
  "%3Cpath d='M5 4v16M9.7 4v16M14.3 4v16M19 4v16M1.5 16.5 22.5 7.5'/%3E%3C/svg%3E"
