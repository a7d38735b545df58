// Which theme is shown: the system's, unless one was chosen.

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = (typeof THEMES)[number]

const KEPT_AS = 'sealfold.theme'

export function startTheme() {
  const kept = localStorage.getItem(KEPT_AS)
  show(THEMES.find((theme) => theme === kept) ?? 'system')
}

export function chooseTheme(theme: Theme) {
  localStorage.setItem(KEPT_AS, theme)
  show(theme)
}

function show(theme: Theme) {
  const root = document.documentElement
  if (theme === 'system') root.removeAttribute('data-theme')
  else root.dataset.theme = theme
}
