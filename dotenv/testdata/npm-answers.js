// Records what the dotenv npm package reads. Run by hand, never by CI:
//
//   cd $(mktemp -d) && npm init -y && npm install --ignore-scripts dotenv@18.0.10
//   node .../testdata/npm-answers.js $PWD .../testdata/corpus
//   node .../testdata/npm-answers.js $PWD .../testdata/format
//
// Writes answers.json: the version, and per file the pairs that parse() (without
// its `fast` option) returned, values as base64 of their UTF-8.
'use strict'
const fs = require('fs')
const path = require('path')
const [dir, out] = process.argv.slice(2)
const root = path.join(path.resolve(dir), 'node_modules', 'dotenv')
const dotenv = require(root)
const files = {}
for (const name of fs.readdirSync(out).sort()) {
  if (!name.endsWith('.env')) continue
  const pairs = {}
  for (const [k, v] of Object.entries(dotenv.parse(fs.readFileSync(path.join(out, name))))) {
    pairs[k] = Buffer.from(v, 'utf8').toString('base64')
  }
  files[name] = pairs
}
const version = require(path.join(root, 'package.json')).version
fs.writeFileSync(path.join(out, 'answers.json'), JSON.stringify({ package: 'dotenv', version, files }, null, 1) + '\n')
