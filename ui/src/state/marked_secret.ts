// Marked text that is a secret. The web view would copy it with no hint to clipboard managers and never clear
// it: the program copies it instead, as it does for a copy button. What holds a secret bears `data-secret`,
// with what it is called. threat 55

export interface MarkedSecret {
  text: string
  what: string
  /** Removes it where it was marked, for a cut. */
  remove?: () => void
}

export function markedSecret(): MarkedSecret | null {
  const focused = document.activeElement
  if (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement) return markedIn(focused)
  const selection = document.getSelection()
  if (!selection || selection.isCollapsed) return null
  const range = selection.getRangeAt(0)
  const secret = [...document.querySelectorAll<HTMLElement>('[data-secret]')].find((one) => range.intersectsNode(one))
  return secret ? { text: selection.toString(), what: secret.dataset.secret ?? '' } : null
}

function markedIn(field: HTMLInputElement | HTMLTextAreaElement): MarkedSecret | null {
  const { selectionStart: start, selectionEnd: end, dataset } = field
  if (dataset.secret === undefined || start === null || end === null || start === end) return null
  const marked = { text: field.value.slice(start, end), what: dataset.secret }
  if (field.readOnly) return marked
  return {
    ...marked,
    remove() {
      field.setRangeText('', start, end, 'end')
      field.dispatchEvent(new Event('input', { bubbles: true }))
    },
  }
}
