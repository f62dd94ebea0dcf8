// Verifies tokens with jose, which shares nothing with the gate: a key set on the first line, then a token a line,
// each as JSON; for each a line: null where it is good, else the code of what is wrong. Ends with its input.
import { createInterface } from 'node:readline';
import { createLocalJWKSet, jwtVerify } from 'jose';

const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
const first = await lines.next();
const keys = createLocalJWKSet(JSON.parse(first.value));

async function judge(token) {
  try {
    await jwtVerify(token, keys, { algorithms, clockTolerance: 60, requiredClaims: ['exp'] });
    return null;
  } catch (error) {
    return error.code ?? error.name;
  }
}

for await (const line of lines) {
  process.stdout.write(`${JSON.stringify(await judge(JSON.parse(line)))}\n`);
}
