// What jsdom lacks and the window uses.

import { configure } from '@testing-library/svelte'
import { beforeEach } from 'vitest'
import { setLanguage } from '../i18n/index.svelte'
import { showTheme } from '../state/theme'

/** Nothing is laid out here; lists are told that they are this high. */
export const VIEWPORT = 600

class NoResizes {
  observe() {}
  unobserve() {}
  disconnect() {}
}

globalThis.ResizeObserver = NoResizes
Element.prototype.scrollIntoView = () => {}
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => VIEWPORT })
// matchMedia is asked for by libraries only.
window.matchMedia ??= () => ({ matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList

// The whole document says little about why a thing was not found; a busy machine takes its time.
configure({ getElementError: (message) => new Error(message ?? ''), asyncUtilTimeout: 10_000 })

beforeEach(() => {
  setLanguage('en')
  showTheme('system')
})
