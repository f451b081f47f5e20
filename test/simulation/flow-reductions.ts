import type { CollectItem, Expression, FlowShape, Item } from "./flow-shape.ts";
import { expressionsOf } from "./flow-shape.ts";

/** A change that is made to every flow of a case. */
type Edit = (flow: FlowShape) => FlowShape;
/** The changes that make a flow smaller. */
type FlowReduction = (flow: FlowShape) => readonly Edit[];

export const flowReductions: readonly FlowReduction[] = [
  withoutExports,
  withoutSources,
  withoutItems,
  withoutFields,
  withoutVersions,
  plainerExpressions,
  plainerTargets,
  plainerSources,
];

function withoutExports({ exports }: FlowShape): Edit[] {
  return exports.map(({ name }) => (flow) => ({
    ...flow,
    exports: flow.exports.filter((one) => one.name !== name),
  }));
}

function withoutSources({ sources }: FlowShape): Edit[] {
  return sources.map(({ name }) => (flow) => ({
    ...flow,
    sources: flow.sources.filter((one) => one.name !== name),
  }));
}

/** Items by what they say, so that the same one goes from every flow. */
function withoutItems({ sources }: FlowShape): Edit[] {
  return sources.flatMap(({ name, body }) =>
    itemsOf(body).map((text) => (flow: FlowShape) => ({
      ...flow,
      sources: flow.sources.map((source) =>
        source.name === name ? { ...source, body: withoutItem(source.body, text) } : source,
      ),
    })),
  );
}

function itemsOf(body: readonly Item[]): string[] {
  return body.flatMap((item) => [JSON.stringify(item), ...("each" in item ? itemsOf(item.body) : [])]);
}

function withoutItem(body: readonly Item[], text: string): readonly Item[] {
  return body
    .filter((item) => JSON.stringify(item) !== text)
    .map((item) => ("each" in item ? { ...item, body: withoutItem(item.body, text) } : item));
}

function withoutFields({ sources, exports }: FlowShape): Edit[] {
  const names = sources.flatMap(({ body }) =>
    collectItems(body).flatMap(({ collect, fields }) =>
      Object.keys(fields).map((field) => ({ collect, field })),
    ),
  );
  return names.map(({ collect, field }) => (flow) => ({
    ...flow,
    sources: flow.sources.map((source) => ({
      ...source,
      body: mapItems(source.body, (item) => (item.collect === collect ? withoutField(item, field) : item)),
    })),
    exports: flow.exports.map((one) =>
      one.collector === collect && one.key.length > 1 && exports.length > 0
        ? { ...one, key: one.key.filter((name) => name !== field) }
        : one,
    ),
  }));
}

function collectItems(body: readonly Item[]): CollectItem[] {
  return body.flatMap((item) => ("collect" in item ? [item] : collectItems(item.body)));
}

function mapItems(body: readonly Item[], edit: (item: CollectItem) => CollectItem): readonly Item[] {
  return body.map((item) => ("collect" in item ? edit(item) : { ...item, body: mapItems(item.body, edit) }));
}

function withoutField(item: CollectItem, field: string): CollectItem {
  const { [field]: _left, ...fields } = item.fields;
  return { ...item, fields };
}

function withoutVersions({ versions }: FlowShape): Edit[] {
  return Object.keys(versions).map((name) => (flow) => {
    const { [name]: _left, ...others } = flow.versions;
    return { ...flow, versions: others };
  });
}

/** A call gives way to its argument, and any text to the row's name. */
function plainerExpressions({ sources }: FlowShape): Edit[] {
  const all = new Map(
    sources
      .flatMap(({ body }) => expressionsOf(body))
      .map((expression) => [JSON.stringify(expression), expression]),
  );
  return [...all].flatMap(([text, expression]) => {
    const plainer: Expression[] = [];
    if ("call" in expression) plainer.push(expression.with[0]!);
    if (!("uuid" in expression) && text !== nameText) plainer.push({ field: "name" });
    return plainer.map((other) => (flow: FlowShape) => ({
      ...flow,
      sources: flow.sources.map((source) => ({ ...source, body: replaceIn(source.body, text, other) })),
    }));
  });
}

const nameText = JSON.stringify({ field: "name" });

function replaceIn(body: readonly Item[], text: string, other: Expression): readonly Item[] {
  return body.map((item) =>
    "collect" in item
      ? {
          ...item,
          fields: Object.fromEntries(
            Object.entries(item.fields).map(([name, one]) => [name, replaced(one, text, other)]),
          ),
        }
      : { each: item.each, body: replaceIn(item.body, text, other) },
  );
}

function replaced(expression: Expression, text: string, other: Expression): Expression {
  if (JSON.stringify(expression) === text) return other;
  if (!("call" in expression)) return expression;
  return { ...expression, with: expression.with.map((argument) => replaced(argument, text, other)) };
}

function plainerTargets({ exports }: FlowShape): Edit[] {
  return exports.flatMap(({ name }) =>
    [{ kind: "shelf" }, { edition: 0 }, { format: 0 }, { label: 0 }].map(
      (plain): Edit =>
        (flow) => ({
          ...flow,
          exports: flow.exports.map((one) =>
            one.name === name ? { ...one, target: { ...one.target, ...plain } as typeof one.target } : one,
          ),
        }),
    ),
  );
}

function plainerSources({ sources }: FlowShape): Edit[] {
  return sources.flatMap(({ name }) =>
    [{ edition: 0 }, { shelfmark: 0 }].map(
      (plain): Edit =>
        (flow) => ({
          ...flow,
          sources: flow.sources.map((one) => (one.name === name ? { ...one, ...plain } : one)),
        }),
    ),
  );
}
