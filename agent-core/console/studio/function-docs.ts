// The function registry as the editor's completion and hover take it.
import type { FunctionDoc } from '../../contract/pipelines.ts'
import type { FunctionDefinition } from '../../pipeline/functions/define-function.ts'

export function viewFunction({
  name,
  params,
  named,
  returns,
  doc,
  examples,
}: FunctionDefinition): FunctionDoc {
  const listed = params.map((one) => {
    const rest = one.rest === true ? '...' : ''
    return one.default === undefined ? `${rest}${one.name}` : `${one.name} = ${one.default}`
  })
  return {
    name,
    signature: `${name}(${listed.join(', ')})${returns === undefined ? '' : ` ${returns}`}`,
    params: params.map(({ name: param, kind, default: given, rest }) => ({
      name: param,
      kind,
      ...(given === undefined ? {} : { default: given }),
      ...(rest === undefined ? {} : { rest }),
    })),
    named: named !== undefined && named !== false,
    returns: returns ?? null,
    doc: { en: doc.en, zh: doc.zh },
    examples: examples.map(({ script, message, expect }) => ({
      script,
      ...(message === undefined ? {} : { message }),
      expect: Object.fromEntries(
        Object.entries(expect).map(([key, value]) => [key, value === null ? null : JSON.stringify(value)]),
      ),
    })),
  }
}
