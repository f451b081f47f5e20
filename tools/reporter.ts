import { DefaultReporter, type Reporter, type TestModule } from "vitest/node";

type RunEnd = Parameters<NonNullable<Reporter["onTestRunEnd"]>>;

/** What a run came to. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Vitest's default output in another order: failures first, then the files, then the summary, and one last
 * line that a script can read. A run without a single test fails.
 */
export default class FailuresFirstReporter extends DefaultReporter {
  readonly #finished: TestModule[] = [];

  /** While watching, each file is shown at once; otherwise it waits until the failures have been printed. */
  protected override printTestModule(testModule: TestModule): void {
    if (this.ctx.config.watch) super.printTestModule(testModule);
    else this.#finished.push(testModule);
  }

  override reportTestSummary(...summary: Parameters<DefaultReporter["reportTestSummary"]>): void {
    const byFailure = (a: TestModule, b: TestModule) => Number(!b.ok()) - Number(!a.ok());
    for (const testModule of this.#finished.splice(0).sort(byFailure)) super.printTestModule(testModule);
    super.reportTestSummary(...summary);
  }

  override onTestRunEnd(...end: RunEnd): void {
    super.onTestRunEnd(...end);
    const [testModules, unhandledErrors] = end;
    const counts = countTests(testModules, unhandledErrors.length);
    if (counts.passed + counts.failed === 0) {
      this.error("No test ran.");
      process.exitCode = 1;
    }
    for (const reason of skipReasons(testModules)) this.log(reason);
    for (const failure of failureLines(testModules, unhandledErrors)) this.log(failure);
    this.log(formatCounts(counts));
  }
}

/** A skip is never silent: what was skipped and why, a line each. */
function skipReasons(testModules: readonly TestModule[]): string[] {
  return testModules.flatMap((testModule) =>
    [...testModule.children.allTests("skipped")].flatMap((test) => {
      const result = test.result();
      const note = result.state === "skipped" ? result.note : undefined;
      return note === undefined ? [] : [`skipped: ${test.fullName}: ${note}`];
    }),
  );
}

/** What failed, a line each, for logs of which only the end is kept. */
function failureLines(testModules: readonly TestModule[], unhandledErrors: RunEnd[1]): string[] {
  const failures = testModules.flatMap((testModule) => {
    const tests = [...testModule.children.allTests("failed")].map((test) => ({
      name: test.fullName,
      errors: test.result().errors ?? [],
    }));
    const suites = [testModule, ...testModule.children.allSuites()].map((suite) => ({
      name: suite.type === "suite" ? suite.fullName : "the file itself",
      errors: suite.errors(),
    }));
    const inFile = [...tests, ...suites].filter(({ errors }) => errors.length > 0);
    return inFile.map(({ name, errors }) => `${testModule.relativeModuleId}: ${name}: ${errors[0]!.message}`);
  });
  const outside = unhandledErrors.map(({ message }) => `outside any test: ${message}`);
  return [...failures, ...outside].map((line) => `failed: ${line.split("\n", 1)[0]!.slice(0, 300)}`);
}

/** A file or suite that fails outside any test, and an error that belongs to none, count as a failed test. */
export function countTests(testModules: readonly TestModule[], unhandledErrors: number): TestCounts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 };
  for (const testModule of testModules) {
    counts.failed += testModule.errors().length > 0 ? 1 : 0;
    for (const suite of testModule.children.allSuites()) counts.failed += suite.errors().length > 0 ? 1 : 0;
    for (const test of testModule.children.allTests()) counts[test.result().state]++;
  }
  return { passed: counts.passed, failed: counts.failed + counts.pending, skipped: counts.skipped };
}

/** `N passed, N failed`, and `, N skipped` when any was. */
export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
