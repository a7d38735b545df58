// Prints what the built script weighs compressed, and fails above the limit.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const LIMIT = 250_000
const folder = new URL('dist/assets/', import.meta.url)
const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'))
const size = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder))).length, 0)
console.log(`script: ${(size / 1000).toFixed(1)} kB compressed, of at most ${LIMIT / 1000} kB`)
if (scripts.length === 0 || size > LIMIT) process.exit(1)
