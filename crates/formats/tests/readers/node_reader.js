// Reads cases from standard input with the real dotenv and dotenv-expand.
//
// In: a JSON list of {"text", "environment"}. Out: a JSON list of {"read", "interpolated"}, both
// lists of [name, value]; "interpolated" is null where dotenv-expand does not come to an end.
const fs = require('fs')
const path = require('path')
const vm = require('vm')
const modules = path.join(process.argv[2], 'node_modules')
const dotenv = require(path.join(modules, 'dotenv'))
const { expand } = require(path.join(modules, 'dotenv-expand'))

function read ({ text, environment }) {
  const parsed = dotenv.parse(Buffer.from(text))
  const expanded = { ...parsed }
  let ended = true
  try {
    const run = () => expand({ parsed: expanded, processEnv: { ...environment } })
    vm.runInNewContext('run()', { run }, { timeout: 500 })
  } catch (error) {
    ended = false
  }
  return { read: Object.entries(parsed), interpolated: ended ? Object.entries(expanded) : null }
}

process.stdout.write(JSON.stringify(JSON.parse(fs.readFileSync(0)).map(read)))
