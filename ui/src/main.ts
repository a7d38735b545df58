import { mount } from 'svelte'
import App from './App.svelte'
import './design/tokens.css'
import './design/elements.css'
import './design/parts.css'
import { chooseLanguage } from './i18n/index.svelte'
import { type Door, tauriDoor } from './ipc/client'

/** The real door in what is shipped; outside of it, one in memory to look at the screens by. */
async function chooseDoor(): Promise<Door> {
  if (import.meta.env.MODE === 'production') return tauriDoor
  const { lookingDoor } = await import('./ipc/looking')
  return lookingDoor(new URLSearchParams(location.search))
}

chooseLanguage(null)
const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
void chooseDoor().then((door) => mount(App, { target, props: { door } }))
