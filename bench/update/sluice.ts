import { givenTask, printCounts } from "./counts.ts";
import { MeasuredFlow } from "./sluice-flow.ts";

/*
 * Sluice as its users run it: the package as it is built, a flow of its public interface, set up and updated.
 */

const task = givenTask();
const measured = await MeasuredFlow.define(task);
if (task.mode === "live") {
  const { followBurst } = await import("./follow-burst.ts");
  await measured.flow.setup();
  await followBurst(measured);
} else printCounts(await measured.update());
measured.flow.close();
