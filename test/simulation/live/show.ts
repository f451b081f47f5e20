import { describeFlow } from "../describe-case.ts";
import { generateRound } from "./generate-round.ts";

const r = generateRound(Number(process.argv[2]), "memory");
console.log(JSON.stringify(r.simulated.books), JSON.stringify(r.following));
console.log(describeFlow(r.simulated.flow).join("\n"));
for (const i of r.incidents) {
  if (i.kind === "stop" && i.flow) {
    console.log(i.at, "stop", i.how);
    console.log(describeFlow(i.flow).join("\n"));
  } else console.log(JSON.stringify(i));
}
