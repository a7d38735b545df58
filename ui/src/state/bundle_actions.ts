// What can be done with a bundle, wherever it is listed.

import { t } from '../i18n/index.svelte'
import type { MenuItem } from '../parts/Menu.svelte'
import type { App } from './app.svelte'
import { projectOf } from './environments'
import type { Vault } from './vault.svelte'

export function bundleActions(app: App, vault: Vault, bundle: string): MenuItem[] {
  const archive = () => void app.notices.attempt(() => app.archive(bundle))
  return [
    { text: t('bundle.open_table'), icon: 'table', onselect: () => vault.go({ is: 'bundle', name: bundle, as: 'table' }) },
    { text: t('bundle.open_text'), icon: 'text', onselect: () => vault.go({ is: 'bundle', name: bundle, as: 'text' }) },
    { text: t('bundle.import'), icon: 'import', onselect: () => (app.dialog = { is: 'import', bundle }) },
    { text: t('bundle.export'), icon: 'export', onselect: () => (app.dialog = { is: 'export', bundle }) },
    { text: t('bundle.share'), icon: 'share', onselect: () => (app.dialog = { is: 'share', bundle }) },
    { text: t('bundle.matrix'), icon: 'matrix', onselect: () => vault.go({ is: 'matrix', project: projectOf(bundle) }) },
    { text: t('bundle.archive'), icon: 'archive', onselect: archive, grave: true },
  ]
}
