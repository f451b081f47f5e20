import type { AnyFunctionUse } from "../../../src/contracts/function.ts";
import {
  type Collector,
  defineFlow,
  type Flow,
  type FlowBuilder,
  generatedUuid,
  type TargetUse,
} from "../../../src/index.ts";
import type { Case } from "../case.ts";
import {
  type EachItem,
  type ExportShape,
  type Expression,
  expressionsOf,
  type FlowShape,
  flowName,
  type Item,
} from "../flow-shape.ts";
import { functionOf } from "../functions.ts";
import type { Backends } from "./backends.ts";
import type { Books } from "./books.ts";
import type { Ports } from "./ports.ts";
import { simulatedFunction } from "./simulated-functions.ts";
import { type Following, simulatedSource } from "./simulated-source.ts";
import { simulatedTargets } from "./simulated-target.ts";

/** What a flow is defined in: the data as it is now, and the backends. */
export interface FlowWorld {
  readonly simulated: Case;
  readonly books: Books;
  /** The data as the next step will have it. */
  readonly ahead: Books;
  readonly backends: Backends;
  readonly ports: Ports;
  /** How sources tell of changes; nothing: none does. */
  readonly following?: ReadonlyMap<string, Following>;
}

/** A slice whose type only the case knows. */
interface LooseSlice {
  transform(use: AnyFunctionUse, given: Readonly<Record<string, unknown>>): LooseSlice;
  forEachRow(body: (row: LooseScope) => void): void;
}
interface LooseScope {
  field(name: string): LooseSlice;
}
type LooseCollector = Collector<Record<string, unknown>>;

/** Names that say in which scope a field is, since each stands in one only. */
const scopeOfField: Readonly<Record<string, string>> = {
  word: "parts",
  marks: "parts",
  mark: "marks",
  piece: "piece",
};

/** The flow that a shape describes, as a process defines it. */
export function defineFlowShape(shape: FlowShape, world: FlowWorld): Flow {
  const targets = simulatedTargets(world.backends, world.ports);
  const uses = functionUses(shape, world.ports);
  return defineFlow(flowName, (builder) => {
    const collectors = new Map<string, LooseCollector>();
    for (const { collector } of shape.exports)
      if (!collectors.has(collector)) collectors.set(collector, builder.addCollector() as LooseCollector);
    for (const source of shape.sources) addSource(builder, source, { world, uses, collectors });
    for (const planned of shape.exports) addExport(planned, collectors.get(planned.collector)!, targets);
  });
}

function functionUses({ sources, versions }: FlowShape, ports: Ports): ReadonlyMap<string, AnyFunctionUse> {
  const called = sources.flatMap(({ body }) =>
    expressionsOf(body).flatMap((expression) => ("call" in expression ? [expression.call] : [])),
  );
  return new Map(
    [...new Set(called)].map((name) => [name, simulatedFunction(name, versions[name] ?? 0, ports)]),
  );
}

interface Building {
  readonly world: FlowWorld;
  readonly uses: ReadonlyMap<string, AnyFunctionUse>;
  readonly collectors: ReadonlyMap<string, LooseCollector>;
}

function addSource(builder: FlowBuilder, source: FlowShape["sources"][number], building: Building): void {
  const { simulated, books, ahead, ports, following } = building.world;
  const rows = { rows: books.get(source.book)!, ahead: ahead.get(source.book)! };
  const followed = following?.get(source.name) ?? null;
  const use = simulatedSource(source, simulated.books[source.book]!, { ...rows, ports, followed });
  const { renamedFrom } = source;
  const options = {
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
    ...(followed?.refreshMs ? { refreshInterval: followed.refreshMs } : {}),
  };
  const slice = builder.addSource(source.name, use, options) as unknown as LooseSlice;
  slice.forEachRow((row) => addBody(source.body, { building, scopes: new Map([["row", row]]) }));
}

interface Place {
  readonly building: Building;
  readonly scopes: ReadonlyMap<string, LooseScope>;
}

function addBody(body: readonly Item[], place: Place): void {
  for (const item of body) {
    if ("collect" in item) collect(item.collect, item.fields, place);
    else addEach(item, place);
  }
}

function collect(name: string, fields: Readonly<Record<string, Expression>>, place: Place): void {
  const entry = Object.fromEntries(
    Object.entries(fields).map(([field, expression]) => [field, sliceOrValue(expression, place)]),
  );
  place.building.collectors.get(name)?.collect(entry as never);
}

function addEach({ each, body }: EachItem, place: Place): void {
  const table = sliceOrValue(each, place) as LooseSlice;
  const scope = "field" in each ? each.field : "piece";
  table.forEachRow((row) => addBody(body, { ...place, scopes: new Map([...place.scopes, [scope, row]]) }));
}

function sliceOrValue(expression: Expression, place: Place): unknown {
  if ("constant" in expression) return expression.constant;
  if ("uuid" in expression) return generatedUuid();
  if ("field" in expression)
    return place.scopes.get(scopeOfField[expression.field] ?? "row")!.field(expression.field);
  const [first, ...others] = expression.with.map((argument) => sliceOrValue(argument, place));
  const names = functionOf(expression.call).inputs.map(({ name }) => name);
  const given = Object.fromEntries(others.map((value, i) => [names[i + 1]!, value]));
  return (first as LooseSlice).transform(place.building.uses.get(expression.call)!, given);
}

function addExport(
  shape: ExportShape,
  collector: LooseCollector,
  targets: (target: ExportShape["target"]) => TargetUse<unknown, unknown>,
): void {
  const { renamedFrom } = shape;
  collector.export(shape.name, targets(shape.target) as never, {
    primaryKeyFields: shape.key as readonly [string, ...string[]],
    ...(renamedFrom === undefined ? {} : { renamedFrom }),
  });
}
