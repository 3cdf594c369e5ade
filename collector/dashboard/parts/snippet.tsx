/** Text to paste, with a button that copies it when the client script is there. `id` must be unique in the page. */
export function Snippet({ id, label, code }: { id: string; label: string; code: string }) {
  return (
    <div class="snippet">
      <pre id={id}>
        <code>{code}</code>
      </pre>
      <button class="copy needs-script" type="button" data-copy={id} aria-label={`Copy ${label}`}>
        Copy
      </button>
    </div>
  )
}
