import {
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type PrimitiveValueListNode,
  type ValueNode,
} from "kysely";
import { forStore } from "../../kernel/foreign-text.ts";

function asStored(value: unknown): unknown {
  if (typeof value === "string") return forStore(value);
  return Array.isArray(value) ? value.map(asStored) : value;
}

class TextBorder extends OperationNodeTransformer {
  protected override transformValue(node: ValueNode): ValueNode {
    return { ...node, value: asStored(node.value) };
  }
  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return { ...node, values: node.values.map(asStored) };
  }
}

/**
 * The last border before the store: no text that reaches it as a parameter can make a statement fail, whoever chose the text. What goes to a jsonb column
 * is text already, so its own texts are made fit before, by `storeJson`.
 */
export function textBorder(): KyselyPlugin {
  const transformer = new TextBorder();
  return {
    transformQuery: ({ node, queryId }: PluginTransformQueryArgs) => transformer.transformNode(node, queryId),
    transformResult: async ({ result }: PluginTransformResultArgs) => result,
  };
}
