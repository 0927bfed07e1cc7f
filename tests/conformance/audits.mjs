// Runs all audits of graphql-http against a running server. URL is its GraphQL address, KEY a key that it knows.
import { serverAudits } from 'graphql-http'

// So that a new version of the package that brings fewer, or this file, does not pass by leaving some out.
const EXPECTED = 61

const { URL: url, KEY: key } = process.env

async function fetchWithKey(address, options = {}) {
  return fetch(address, { ...options, headers: { ...options.headers, authorization: `Bearer ${key}` } })
}

const audits = serverAudits({ url, fetchFn: fetchWithKey })
let passed = 0
for (const audit of audits) {
  const result = await audit.fn().catch((error) => ({ status: 'failed', reason: String(error) }))
  if (result.status === 'ok') {
    passed += 1
  } else {
    const answer = result.response ? ` (the answer was ${result.response.status})` : ''
    console.error(`${audit.id} ${audit.name}: ${result.reason}${answer}`)
  }
}

console.log(`${passed} of ${audits.length} audits passed.`)
if (audits.length < EXPECTED) {
  console.error(`There should be ${EXPECTED} audits or more.`)
}
process.exitCode = passed === audits.length && audits.length >= EXPECTED ? 0 : 1
