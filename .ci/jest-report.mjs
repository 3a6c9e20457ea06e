// `node jest-report.mjs JSON FAILURES`: prints "PASSED FAILED" of a Jest report for `.ci/run`, appends the names of what failed to
// the file FAILURES, and says on standard error which suites took longest.
import { appendFileSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [, , reportPath, failuresPath] = process.argv;
const report = JSON.parse(readFileSync(reportPath, 'utf8'));
const suites = report.testResults.map((suite) => ({
  name: relative(process.cwd(), suite.name),
  seconds: (suite.endTime - suite.startTime) / 1_000,
  broken: suite.assertionResults.length === 0 && suite.status === 'failed',
  failed: suite.assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
}));

for (const { name, broken, failed } of suites) {
  if (broken) appendFileSync(failuresPath, `${name}: could not be run\n`);
  for (const test of failed) appendFileSync(failuresPath, `${name}: ${test}\n`);
}
const slowest = suites.toSorted((a, b) => b.seconds - a.seconds).slice(0, 25);
console.error(`slowest: ${slowest.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', ')}`);
console.log(report.numPassedTests, report.numFailedTests + report.numRuntimeErrorTestSuites);
