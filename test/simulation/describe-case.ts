import type { BookShape, Case, Edit, Fault, Row, Step } from "./case.ts";
import type { ExportShape, Expression, FlowShape, Item, SourceShape } from "./flow-shape.ts";

/** A case for people: what flow, what data, what happens to them. */
export function describeCase(simulated: Case): string {
  const { flow, steps } = simulated;
  let before = flow;
  const described = steps.map((step, i) => {
    const text = describeStep(step, i, before);
    before = step.flow ?? before;
    return text;
  });
  return [...describeWorld(simulated), ...described].join("\n");
}

/** What a case begins with. */
export function describeWorld(simulated: Case): string[] {
  const { seed, store, concurrency, jitter, retentionMs, books, flow } = simulated;
  return [
    `seed ${seed}, ${store} store, ${concurrency} in flight, jitter ${jitter}, results kept ${retentionMs} ms`,
    ...Object.entries(books).map(([name, book]) => `book ${name}: ${describeBook(book)}`),
    ...describeFlow(flow),
  ];
}

function describeBook({ keys, versions, inline, ordered, repeats, page }: BookShape): string {
  const listing = `${ordered ? "in order" : "in any order"}, ${page} a page${repeats ? " (the first twice)" : ""}`;
  return `${keys} keys, versions: ${versions}, listed ${listing}${inline ? ", with values" : ""}`;
}

/** The flow as lines, each of which stands for itself: two flows are compared by them. */
export function describeFlow({ sources, exports, versions }: FlowShape): string[] {
  return [
    ...sources.flatMap(describeSource),
    ...exports.map(describeExport),
    ...Object.entries(versions).map(([name, version]) => `function ${name} has version ${version}`),
  ];
}

function describeSource({ name, renamedFrom, book, edition, shelfmark, body }: SourceShape): string[] {
  const former = renamedFrom === undefined ? "" : `, renamed from ${renamedFrom}`;
  return [
    `source ${name}: book ${book}, edition ${edition}, shelfmark ${shelfmark}${former}`,
    ...describeBody(body).map((line) => `  ${name}: ${line}`),
  ];
}

function describeBody(body: readonly Item[]): string[] {
  return body.flatMap((item) =>
    "collect" in item
      ? [`collect into ${item.collect} { ${describeFields(item.fields)} }`]
      : [
          `for each of ${describeExpression(item.each)}:`,
          ...describeBody(item.body).map((line) => `  ${line}`),
        ],
  );
}

function describeFields(fields: Readonly<Record<string, Expression>>): string {
  return Object.entries(fields)
    .map(([name, expression]) => `${name}: ${describeExpression(expression)}`)
    .join(", ");
}

function describeExpression(expression: Expression): string {
  if ("uuid" in expression) return "generatedUuid()";
  if ("constant" in expression) return JSON.stringify(expression.constant);
  if ("field" in expression) return expression.field;
  return `${expression.call}(${expression.with.map(describeExpression).join(", ")})`;
}

function describeExport({ name, renamedFrom, collector, key, target }: ExportShape): string {
  const former = renamedFrom === undefined ? "" : `, renamed from ${renamedFrom}`;
  const { kind, place, edition, format, label } = target;
  const spec = `place ${place}, edition ${edition}, format ${format}, label ${label}`;
  return `export ${name}: ${collector} by ${key.join(" and ")} to ${kind} (${spec})${former}`;
}

function describeStep(step: Step, index: number, before: FlowShape): string {
  const { verb, ...options } = step.run ?? { verb: "update" };
  const lines = [
    ...(step.flow ? describeChange(before, step.flow) : []),
    ...(step.clockMs ? [`the clock is put ${step.clockMs} ms on`] : []),
    ...(step.edits ?? []).map(describeEdit),
    ...(step.faults ?? []).map(describeFault),
  ];
  return [
    `step ${index + 1}: ${[verb, ...Object.keys(options)].join(", ")}`,
    ...lines.map((line) => `  ${line}`),
  ].join("\n");
}

function describeChange(before: FlowShape, after: FlowShape): string[] {
  const [was, is] = [describeFlow(before), describeFlow(after)];
  const changes = [
    ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
  ];
  return changes.length > 0 ? changes : ["the flow in another order"];
}

export function describeEdit(edit: Edit): string {
  if ("remove" in edit) return `${edit.book}: remove ${JSON.stringify(edit.remove)}`;
  return `${edit.book}: put ${JSON.stringify(edit.put)} ${describeRow(edit.row)}`;
}

function describeRow({ text, note, share, v }: Row): string {
  return `{ text: ${JSON.stringify(text)}, note: ${JSON.stringify(note)}, share: ${JSON.stringify(share)} } as version ${v}`;
}

function describeFault({ port, nth, times = 1, how, part }: Fault): string {
  const calls = times === 1 ? `call ${nth}` : `calls ${nth} to ${nth + times - 1}`;
  return `FAULT: ${calls} of ${port}: ${how}${part === undefined ? "" : ` (${part})`}`;
}
