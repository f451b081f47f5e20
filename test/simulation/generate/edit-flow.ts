import type { CollectItem, ExportShape, FlowShape, Item, SourceShape, TargetShape } from "../flow-shape.ts";
import { expressionsOf } from "../flow-shape.ts";
import type { Draw } from "./draw.ts";
import {
  type CollectorPlan,
  exportNames,
  fieldFor,
  generateBody,
  generateSource,
  generateTarget,
  places,
  sourceNames,
} from "./generate-flow.ts";
import { repaired } from "./valid-flow.ts";

export interface FlowEditing {
  readonly draw: Draw;
  readonly plans: readonly CollectorPlan[];
  readonly books: readonly string[];
  /** Sources may leave, and change the order of their names. */
  readonly moving: boolean;
}

type FlowEdit = (flow: FlowShape, editing: FlowEditing) => FlowShape;

/** The flow after one or two edits; itself where none was possible. */
export function editFlow(flow: FlowShape, editing: FlowEditing): FlowShape {
  const { draw, moving } = editing;
  let edited = flow;
  for (let left = draw.chance(0.3) ? 2 : 1; left > 0; left--) {
    const name = draw.weighted(moving ? { ...quiet, ...stirring } : quiet) as keyof typeof edits;
    edited = repaired(edits[name](edited, editing)) ?? edited;
  }
  return edited;
}

const quiet = {
  version: 5,
  edition: 2,
  shelfmark: 1,
  target: 4,
  field: 2,
  expression: 3,
  body: 2,
  exports: 2,
  key: 1,
  exportName: 1,
  kind: 0.5,
  order: 1,
  addSource: 1,
  renameSource: 1,
};

const stirring = { removeSource: 2, moveSource: 1, swapTargets: 1, book: 1 };

const edits = {
  version: bumpVersion,
  edition: (flow, { draw }) => editSource(flow, draw, (source) => ({ ...source, edition: draw.below(3) })),
  shelfmark: (flow, { draw }) =>
    editSource(flow, draw, (source) => ({ ...source, shelfmark: draw.below(3) })),
  target: editTarget,
  field: toggleField,
  expression: (flow, editing) =>
    editSource(flow, editing.draw, (source) => ({ ...source, body: editExpression(source, editing) })),
  body: editBody,
  exports: toggleExport,
  key: editKey,
  exportName: renameExport,
  kind: (flow, { draw }) =>
    editExport(flow, draw, (one) => ({
      ...one,
      target: { ...one.target, kind: one.target.kind === "shelf" ? "rack" : "shelf" },
    })),
  order: (flow, { draw }) => ({
    ...flow,
    sources: draw.shuffled(flow.sources),
    exports: draw.shuffled(flow.exports),
  }),
  addSource,
  removeSource: (flow, { draw }) => {
    const left = draw.pick(flow.sources);
    return { ...flow, sources: flow.sources.filter((source) => source !== left) };
  },
  /** A source keeps its rows under a new name. */
  renameSource: (flow, { draw }) => rename(flow, draw, (source) => ({ renamedFrom: source.name })),
  /** A source comes under a new name, and nothing says that it is the same. */
  moveSource: (flow, { draw }) => rename(flow, draw, () => ({})),
  swapTargets,
  book: (flow, { draw, books }) =>
    editSource(flow, draw, (source) => ({ ...source, book: draw.pick(books) })),
} satisfies Readonly<Record<string, FlowEdit>>;

function editSource(flow: FlowShape, draw: Draw, edit: (source: SourceShape) => SourceShape): FlowShape {
  const at = draw.below(flow.sources.length);
  return { ...flow, sources: flow.sources.map((source, i) => (i === at ? edit(source) : source)) };
}

function editExport(flow: FlowShape, draw: Draw, edit: (one: ExportShape) => ExportShape): FlowShape {
  const at = draw.below(flow.exports.length);
  return { ...flow, exports: flow.exports.map((one, i) => (i === at ? edit(one) : one)) };
}

/** To a version that yields something else, to one that does not, or back. */
function bumpVersion(flow: FlowShape, { draw }: FlowEditing): FlowShape {
  const called = flow.sources.flatMap(({ body }) =>
    expressionsOf(body).flatMap((one) => ("call" in one ? [one.call] : [])),
  );
  if (called.length === 0) return flow;
  return { ...flow, versions: { ...flow.versions, [draw.pick(called)]: draw.below(6) } };
}

function editTarget(flow: FlowShape, { draw }: FlowEditing): FlowShape {
  const what = draw.weighted({ label: 3, format: 4, edition: 2 }) as keyof TargetShape;
  return editExport(flow, draw, (one) => ({ ...one, target: { ...one.target, [what]: draw.below(3) } }));
}

/** A field that every entry of a collector has from now on, or has no more. */
function toggleField(flow: FlowShape, { draw, plans }: FlowEditing): FlowShape {
  const plan = draw.pick(plans);
  const name = draw.pick(["a", "b", "u"]);
  const isKey = flow.exports.some(({ collector, key }) => collector === plan.name && key.includes(name));
  if (isKey) return flow;
  const edit = (item: CollectItem): CollectItem => {
    if (item.collect !== plan.name) return item;
    const { [name]: had, ...others } = item.fields;
    if (had) return { ...item, fields: others };
    return {
      ...item,
      fields: { ...others, [name]: fieldFor(draw, name, { source: "", plan, scopes: ["row"] }) },
    };
  };
  return {
    ...flow,
    sources: flow.sources.map((source) => ({ ...source, body: mapCollects(source.body, edit) })),
  };
}

function mapCollects(body: readonly Item[], edit: (item: CollectItem) => CollectItem): readonly Item[] {
  return body.map((item) =>
    "collect" in item ? edit(item) : { each: item.each, body: mapCollects(item.body, edit) },
  );
}

function editExpression({ name, body }: SourceShape, { draw, plans }: FlowEditing): readonly Item[] {
  const field = draw.pick(["a", "b", "k"]);
  return mapCollects(body, (item) => {
    const plan = plans.find((one) => one.name === item.collect);
    if (!plan || !(field in item.fields) || draw.chance(0.4)) return item;
    const expression = fieldFor(draw, field, { source: name, plan, scopes: ["row"] });
    return { ...item, fields: { ...item.fields, [field]: expression } };
  });
}

/** A source yields something else for each of its rows, or the same in another order. */
function editBody(flow: FlowShape, { draw, plans }: FlowEditing): FlowShape {
  return editSource(flow, draw, (source) => ({
    ...source,
    body: draw.chance(0.3)
      ? draw.shuffled(source.body)
      : generateBody(draw, source.name, draw.shuffled(plans).slice(0, draw.between(1, plans.length))),
  }));
}

function toggleExport(flow: FlowShape, { draw, plans }: FlowEditing): FlowShape {
  if (flow.exports.length > 1 && draw.chance(0.5)) {
    const left = draw.pick(flow.exports);
    return { ...flow, exports: flow.exports.filter((one) => one !== left) };
  }
  const name = exportNames.find((one) => flow.exports.every((other) => other.name !== one));
  const place = places.find((one) => flow.exports.every(({ target }) => target.place !== one));
  if (!name || !place || flow.exports.length >= 3) return flow;
  const plan = draw.pick(plans);
  return {
    ...flow,
    exports: [
      ...flow.exports,
      { name, collector: plan.name, key: plan.key, target: generateTarget(draw, place) },
    ],
  };
}

function editKey(flow: FlowShape, { draw }: FlowEditing): FlowShape {
  return editExport(flow, draw, (one) => ({ ...one, key: draw.shuffled(one.key) }));
}

function renameExport(flow: FlowShape, { draw }: FlowEditing): FlowShape {
  const name = exportNames.find((one) => flow.exports.every((other) => other.name !== one));
  if (!name) return flow;
  return editExport(flow, draw, ({ renamedFrom: _former, ...one }) => ({
    ...one,
    name,
    ...(draw.chance(0.6) ? { renamedFrom: one.name } : {}),
  }));
}

function addSource(flow: FlowShape, { draw, plans, books }: FlowEditing): FlowShape {
  const name = draw.pick(sourceNames);
  if (flow.sources.length >= 3 || flow.sources.some((source) => source.name === name)) return flow;
  return {
    ...flow,
    sources: [...flow.sources, generateSource(draw, { name, book: draw.pick(books), plans })],
  };
}

function rename(
  flow: FlowShape,
  draw: Draw,
  options: (source: SourceShape) => { renamedFrom?: string },
): FlowShape {
  const name = draw.pick(sourceNames);
  if (flow.sources.some((source) => source.name === name)) return flow;
  return editSource(flow, draw, ({ renamedFrom: _former, ...source }) => ({
    ...source,
    name,
    ...options(source),
  }));
}

function swapTargets(flow: FlowShape, { draw }: FlowEditing): FlowShape {
  const [one, other] = draw.shuffled(flow.exports);
  if (!one || !other) return flow;
  const swapped = new Map([
    [one, { ...one, target: other.target }],
    [other, { ...other, target: one.target }],
  ]);
  return { ...flow, exports: flow.exports.map((shape) => swapped.get(shape) ?? shape) };
}
