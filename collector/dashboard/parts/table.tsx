import type { Child, PropsWithChildren } from 'hono/jsx'

/** Lets a wide table scroll inside itself, by touch and by keyboard. */
export function TableFrame({ id, label, children }: PropsWithChildren<{ id: string; label: string }>) {
  return (
    <section id={id} class="table-frame" aria-label={label} tabindex={0}>
      {children}
    </section>
  )
}

/** A cell with a number. Its value is marked, so that the client script can point out that it changed. */
export function Numeric({ children, notes = [] }: { children?: Child; notes?: string[] }) {
  return (
    <td class="n">
      <span data-figure>{children}</span>
      {notes.map((note) => (
        <small class="note">{note}</small>
      ))}
    </td>
  )
}
