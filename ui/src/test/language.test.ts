import { render, screen } from '@testing-library/svelte'
import { describe, expect, test } from 'vitest'
import App from '../App.svelte'
import { placeholders } from '../i18n/catalogue'
import { de } from '../i18n/de'
import { en } from '../i18n/en'
import { chooseLanguage, language, setLanguage, t } from '../i18n/index.svelte'
import { FakeDoor } from '../ipc/fake'
import { EXAMPLES } from '../state/kinds'
import { openScreens } from './screens'

const texts = (message: string | object) =>
  typeof message === 'string' ? [message] : Object.values(message as Record<string, string>)

test('German has every key, the same placeholders, and every plural form it needs', () => {
  expect(Object.keys(de)).toEqual(Object.keys(en))
  const forms = new Intl.PluralRules('de').resolvedOptions().pluralCategories
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    const names = [...new Set(texts(en[key]).flatMap(placeholders))]
    for (const text of texts(de[key])) expect(placeholders(text), key).toEqual(names.sort())
    const message = de[key]
    if (typeof message === 'object') expect(Object.keys(message).sort(), key).toEqual([...forms].sort())
  }
})

test('plurals and numbers follow the language', () => {
  expect([t('search.found', { count: 1 }), t('search.found', { count: 12_345 })]).toEqual([
    '1 entry found',
    '12,345 entries found',
  ])
  setLanguage('de')
  expect([t('search.found', { count: 1 }), t('search.found', { count: 12_345 })]).toEqual([
    '1 Eintrag gefunden',
    '12.345 Einträge gefunden',
  ])
})

test('the page says which language it is in; one that there is not is the system’s', () => {
  chooseLanguage('de')
  expect([language(), document.documentElement.lang]).toEqual(['de', 'de'])
  chooseLanguage('tlh')
  expect([language(), document.documentElement.lang]).toEqual(['en', 'en'])
})

test('nothing is shown before it is known in which language', async () => {
  const door = new FakeDoor()
  const { settings } = door.world
  let tell = () => {}
  door.answers.settings = () => new Promise((done) => (tell = () => done({ ...settings, language: 'de' })))
  render(App, { door })
  // Everything else has been answered by then.
  await new Promise((done) => setTimeout(done, 50))
  expect(door.calls).toContain('status')
  expect(document.body.textContent.trim()).toBe('')
  tell()
  expect(await screen.findByRole('heading', { name: 'Sealfold ist gesperrt' })).toBeTruthy()
})

/** Text that a person sees or hears, without names that others gave, times, and the vault's own sentences. */
function spoken(root: Element): string[] {
  const found: string[] = []
  for (const element of [root, ...root.querySelectorAll('*')]) {
    if (element.closest('[translate="no"], time, body [lang="en"], style, script')) continue
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) found.push(element.getAttribute(name) ?? '')
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.textContent ?? '')
  }
  return found
}

/** What shows the form of a name or a value is the same in every language. */
const FORMS = ['api/dev', 'age1…', ...Object.values(EXAMPLES)]

/** Filled-in values are marked by the pseudo-language. */
const raw = (text: string) => /[A-Za-z]/.test(FORMS.reduce((rest, form) => rest.replace(form, ''), text.replace(/⟦[^⟧]*⟧/g, '')))

describe('no text bypasses the translation', () => {
  for (const { name, open } of openScreens) {
    test(name, async () => {
      setLanguage('qps')
      await open()
      expect(spoken(document.body).filter(raw)).toEqual([])
      expect(spoken(document.body).join('')).toMatch(/[åéîöû]/)
    })
  }
})
