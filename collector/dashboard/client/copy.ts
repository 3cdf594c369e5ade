const CONFIRM_MS = 1_500

/** Lets buttons with `data-copy="ID"` copy the text of the element with that id. */
export function copyOnClick(root: Document): void {
  root.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button[data-copy]') : null
    const source = button && root.getElementById(button.dataset.copy ?? '')
    if (button && source) void copy(button, source)
  })
}

async function copy(button: HTMLButtonElement, source: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(source.textContent ?? '')
    button.textContent = 'Copied'
  } catch {
    // No clipboard on http pages, and it may be forbidden: select the text, so that one key copies it.
    getSelection()?.selectAllChildren(source)
    button.textContent = 'Selected'
  }
  setTimeout(() => {
    button.textContent = 'Copy'
  }, CONFIRM_MS)
}
